"""The box that holds what a run made, and what can be asked of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.diff import Diff
from trends.core.errors import InputError
from trends.core.hashing import fingerprint, papers_hash
from trends.core.records import Counts, Topics, Trends
from trends.core.watch import Watch
from trends.embeddings import Encoder, read_whole
from trends.labels import LLM
from trends.papers import health
from trends.report import Report, findings, numbers_of
from trends.study import _store as store
from trends.study._reading import encoder_of, provenance_of, reader_of, said_by, title_of
from trends.study._upkeep import Kept, check_refit, found_anew, with_papers
from trends.timeline import count, count_themes, measure
from trends.topics import Drift
from trends.topics import drift as measure_drift

if TYPE_CHECKING:
    from trends.diff import Side
    from trends.explorer import Explorer


@dataclass(frozen=True, eq=False, repr=False)
class Study:
    """One run over a corpus: its papers, topics and trends, and how they were made.

    Attributes
    ----------
    papers, embeddings, topics, counts, trends
        What each step of the flow gave.
    title
        The title of its report.
    parameters
        The options of the run, plain JSON values, and `versions`: those of the packages that read the papers
        and found the topics.
    watch
        The themes that are followed, or None.
    """

    papers: pd.DataFrame
    embeddings: pd.DataFrame
    topics: Topics
    counts: Counts
    trends: Trends
    title: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    watch: Watch | None = None

    def __repr__(self) -> str:
        return f"<Study {self.title!r}: {self.topics!r}, {self.trends!r}>"

    def _repr_html_(self) -> str:
        from trends.core.summaries import study

        n_undated = int(self.counts.left_out["n_undated"].sum())
        return study(self.title, self.topics, self.trends, self.watch, n_undated)

    @property
    def fingerprint(self) -> str:
        """Hash of the papers and of everything that decided the result."""
        return self._fingerprint(papers_hash(said_by(self.papers)))

    def _fingerprint(self, papers: str) -> str:
        """Return the fingerprint of the study of papers with that hash."""
        # Versions that made other vectors or topics show in the fingerprint of the topics.
        options = {name: value for name, value in self.parameters.items() if name != "versions"}
        parts = [papers, self.topics.fingerprint, self.trends.fingerprint, options]
        return fingerprint(*parts, *([self.watch.fingerprint] if self.watch is not None else []))

    @property
    def followed(self) -> Trends | None:
        """What was measured of the followed themes, in the periods of the topics; None without any."""
        if self.watch is None:
            return None
        until = self.parameters.get("observed_until")
        themes = count_themes(self.papers, self.watch, every=self.counts.every, observed_until=until)
        return measure(themes, every=self.counts.every)

    @property
    def findings(self) -> pd.DataFrame:
        """Every number of the report's findings: finding, kind, topic_id, name, value, text; one row each."""
        return numbers_of(findings(self.papers, self.topics, self.trends))

    @property
    def provenance(self) -> dict[str, Any]:
        """What the result was made from and by: files, parameters, versions, fingerprints."""
        return provenance_of(
            self.papers,
            self.parameters,
            self.embeddings.attrs,
            self.topics,
            self.trends,
            self.fingerprint,
            self.watch,
        )

    def with_topics(self, topics: Topics) -> "Study":
        """Return the study with other topics of the same papers, edited ones say, counted and measured anew.

        Raises
        ------
        InputError
            The topics are not of all papers of the study.
        """
        observed_until = self.parameters.get("observed_until")
        counts = count(self.papers, topics, every=self.counts.every, observed_until=observed_until)
        return replace(self, topics=topics, counts=counts, trends=measure(counts))

    def similar(self, text: str, *, top: int = 5, encoder: "str | Encoder | None" = None) -> pd.DataFrame:
        """Return the topics nearest to a text, read by the encoder that read the papers.

        Parameters
        ----------
        text
            A question, a title, an abstract.
        top
            How many topics at most.
        encoder
            The encoder of the study as `run` got it. Needed only where that was a folder or an object, which
            cannot be found again by its name.

        Returns
        -------
        DataFrame
            Index topic_id, most similar first: label, similarity (cosine of the text's vector and the
            topic's centroid), n_papers, how. `how` is "vectors", or "words" where there is no encoder to ask
            (vectors of "lsa", given ones, an encoder that is not found): then as in `Topics.similar`. Where a
            student read the papers its teacher reads the text, since the student's vectors imitate the
            teacher's; what it reads is seen through the student's lens.

        Raises
        ------
        InputError
            The text is empty, `top` is below 1, `encoder` is not the one of the study, or its student is
            no longer kept.
        DependencyError
            The encoder's model is missing.
        """
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"text must hold a word, not {text!r}.")
        read_by = self.embeddings.attrs.get("encoder", "given"), self.embeddings.attrs.get("revision")
        found = encoder_of(str(read_by[0]), encoder)
        if found is None:
            return self.topics.similar(text, top)
        if (found.name, found.revision) != read_by:
            raise InputError(
                f"encoder {found.name!r} (revision {found.revision}) did not read these papers; "
                f"pass the one that did, {read_by[0]!r} (revision {read_by[1]})."
            )
        return self.topics.similar(read_whole([text.strip()], self.embeddings, found)[0], top)

    @property
    def drift(self) -> Drift:
        """How the papers that came after the topics were found compare with those of the fit; see `Drift`."""
        return measure_drift(self.papers, self.embeddings, self.topics)

    def update(
        self,
        *sources: Any,
        refit: str = "propose",
        observed_until: str | None = None,
        tags: "str | Path | Mapping[str, Any] | None" = None,
        encoder: "str | Encoder | np.ndarray | pd.DataFrame | None" = None,
    ) -> "Study":
        """Return the study with later papers: read, assigned and counted by its frozen rules.

        A paper that is there already is completed by the rules of `load` and counted once; where its date or
        text is another now, it moves. Topics, labels, edits and followed themes stay.

        Parameters
        ----------
        *sources
            Files, globs, folders or papers tables, as for `load`; in any order, of any date.
        refit
            "propose": `drift` of the result says whether the topics should be found anew; "auto": they are
            where it says so; "never": they are not. `drift` is there in any case.
        observed_until
            The last day on which papers were collected, as in `run`. Without it that of the study, unless
            papers are dated after it.
        tags
            As in `load`, for the later papers.
        encoder
            The encoder of the study as `run` got it, needed where that was a folder or an object; where
            vectors were given, those of the later papers by paper_id.

        Returns
        -------
        Study
            A new study, or this one where the papers say nothing new.

        Raises
        ------
        InputError
            A source cannot be read, an option is not one of its values, or the encoder is not the study's.
        """
        check_refit(refit)
        kept = self._kept()
        found = with_papers(
            kept,
            sources,
            encoder=reader_of(self.embeddings, encoder),
            observed_until=observed_until,
            tags=tags,
        )
        if found is kept:
            return self
        later = self._with(found)
        return later.refit(encoder=encoder) if refit == "auto" and later.drift.propose_refit else later

    def refit(
        self,
        *,
        labels: str = "keep",
        from_nothing: bool = False,
        encoder: "str | Encoder | np.ndarray | pd.DataFrame | None" = None,
        llm: LLM | None = None,
    ) -> "Study":
        """Return the study with its topics found anew among all its papers, under the ids that they had.

        The topics begin from those there were: centroids move with their papers, topics are added for papers
        that were in none, and one that lost its papers ends. A topic that goes on keeps its id (see
        `trends.topics.match`), its label and what the user did to it;
        `topics.ledger` tells what became of each, `topics.parameters["not_reapplied"]` which edits no longer
        make sense. The whole history is counted anew under the new centroids.

        Parameters
        ----------
        labels
            "keep" the labels of topics that go on, or give "new" ones; names that the user gave stay.
        from_nothing
            Find them as if there had been none: topics may merge and split as the papers now suggest, and a
            fifth to a third of the papers get another topic, since many partitions are as good as another.
        encoder
            As in `update`. Where the student follows its teacher less than it did, on the papers that came
            since, another is tried, and taken if it does better: `parameters["student_follows"]` tells.
        llm
            As in `label`.

        Raises
        ------
        InputError
            An option is not one of its values, or the encoder is not the study's.
        """
        if labels not in ("keep", "new"):
            raise InputError(f"labels must be 'keep' or 'new', not {labels!r}.")
        given = self.embeddings.attrs.get("encoder", "given") == "given"
        used = None if given else reader_of(self.embeddings, encoder)
        found = found_anew(
            self._kept(),
            encoder=used,
            new_labels=labels == "new",
            from_nothing=from_nothing,
            llm=llm,
        )
        return self._with(found)

    def diff(self, earlier: "Study | str | Path") -> Diff:
        """Say what changed since an earlier study of the same papers, fewer or other ones among them.

        Parameters
        ----------
        earlier
            A study, the folder of one that `save` wrote, or an HTML file that `report` wrote: of that only
            the embedded data are read, without directions of topics, which are then matched by papers alone.

        Returns
        -------
        Diff
            Tables of papers, topics, calls, shares, counts and parameters; `text` is a short Markdown text
            and `trends.plot.evolution` draws how the topics flow.

        Raises
        ------
        InputError
            `earlier` is no study or report or is damaged, or the two studies share hardly any paper.
        """
        from trends.diff import compare, side_of_page

        later = _side_of(self)
        if isinstance(earlier, str | Path) and Path(earlier).is_file():
            return compare(side_of_page(earlier, later), later)
        return compare(_side_of(earlier), later)

    def _kept(self) -> Kept:
        return Kept(self.papers, self.embeddings, self.topics, self.watch, self.parameters)

    def _with(self, found: Kept) -> "Study":
        """Return the study of other papers, vectors and topics, counted and measured anew."""
        until = found.parameters.get("observed_until")
        counts = count(found.papers, found.topics, every=self.counts.every, observed_until=until)
        # A title of our own making tells the number of papers.
        made = self.title == title_of(self.papers, sampled=False)
        title = title_of(found.papers, sampled=False) if made else self.title
        return replace(self, **vars(found), counts=counts, trends=measure(counts), title=title)

    def report(
        self,
        path: str | Path,
        *,
        title: str | None = None,
        abstracts: bool = False,
        compare: "Study | str | Path | None" = None,
    ) -> Path:
        """Write the report as one offline HTML file and return its path.

        Parameters
        ----------
        path
            The file to write; its folder is made where absent.
        title
            The heading of the page, else the study's own.
        abstracts
            Carry the papers' abstracts in the page.
        compare
            An earlier study, as `diff` takes it: the page then says what changed since.
        """
        page = Report.standard(
            self.papers,
            self.topics,
            self.trends,
            title=title or self.title,
            health=health(self.papers).table,
            provenance=self.provenance,
            watch=self.watch,
            followed=self.followed,
            since=None if compare is None else self.diff(compare),
        )
        return page.save(path, abstracts=abstracts)

    def explore(self, *, theme: str = "light") -> "Explorer":
        """Look around in a notebook: pick topics, periods and words, see a chart and the papers.

        Parameters
        ----------
        theme
            "light" or "dark": the ground of the charts.

        Returns
        -------
        Explorer
            Shown as the last line of a cell. `explorer.selection` is the DataFrame of the papers chosen, and
            everything can be set from code too: `explorer.topics = ["Sparse attention"]`.

        Raises
        ------
        DependencyError
            ipywidgets is missing.
        """
        from trends.explorer import Explorer

        return Explorer(self.papers, self.topics, self.trends, theme=theme)

    def slides(
        self,
        folder: str | Path,
        *,
        title: str | None = None,
        images: Collection[str] = ("png", "svg", "pdf"),
        deck: bool = True,
        force: bool = False,
    ) -> Path:
        """Write the charts as images, tables and one deck that can be edited, and return the folder.

        Parameters
        ----------
        folder
            Where to write: deck.pptx, figures/NN-name.png, .svg, .pdf and .csv, manifest.json. It is written
            whole or not at all, and the same study gives the same bytes.
        title
            The heading of the deck, else the study's own.
        images
            Which images to make of each chart. They need Chrome or Chromium; without one a warning says so,
            and tables and deck come all the same. `()` asks for none.
        deck
            Write the deck.
        force
            Replace a folder that holds something else.

        Raises
        ------
        InputError
            The folder exists and holds something else, or an image format is unknown.
        DependencyError
            The packages of `trends[slides]` are missing, or images alone are asked for without a browser.
        """
        from trends.slides import export

        return export(
            self.papers,
            self.topics,
            self.trends,
            folder,
            title=title or self.title,
            followed=self.followed,
            files=self.provenance["files"],
            fingerprint=self.fingerprint,
            images=images,
            deck=deck,
            force=force,
        )

    def save(self, folder: str | Path, *, wait: float = store.WAIT) -> Path:
        """Write the study as a folder of Parquet tables, safetensors and one JSON manifest (see `_store`).

        The folder is written whole or not at all, also where the process is killed. One that exists is
        replaced only if it is a study.

        Parameters
        ----------
        folder
            The folder; those above it are made where absent.
        wait
            Seconds to wait while another process reads or writes it.

        Raises
        ------
        InputError
            The folder exists and is not a study, or another process still holds it.
        """
        folder = Path(folder)
        with store.holding(folder, wait):
            self._write(folder)
        return folder

    def _write(self, folder: Path) -> None:
        kept = store.Stored(
            self.papers,
            self.embeddings,
            self.topics,
            self.watch,
            self.title,
            self.parameters,
            self.counts.every,
        )
        store.write(folder, kept, self.trends, self.fingerprint)


def _side_of(study: "Study | str | Path") -> "Side":
    """Return what a comparison needs to know of a study, opened where it is a folder."""
    from trends.diff import Side, settings_of

    if isinstance(study, str | Path):
        from trends.study._disk import open

        study = open(study)
    if not isinstance(study, Study):
        raise InputError(f"earlier must be a Study or the folder of one, not {type(study).__name__}.")
    settings = settings_of(study.parameters, study.embeddings.attrs)
    settings["edits by hand"] = len(study.topics.parameters.get("edits", ()))
    settings["followed themes"] = "none" if study.watch is None else "; ".join(study.watch.table["label"])
    return Side(study.papers, study.topics, study.counts, study.trends, study.title, settings)
