"""The whole flow in one readable function, and the box that holds what it made."""

import json
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.cache import whole_folder, write_json
from trends.core.diff import Diff
from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.records import Counts, Topics, Trends
from trends.core.tables import PAPERS, check
from trends.core.watch import Watch
from trends.embeddings import Encoder, embed, keep_student, save_student
from trends.embeddings._encoders import encode_cached, find_encoder
from trends.labels import LLM, label
from trends.papers import health, load, sample, save
from trends.report import Report, findings, numbers_of
from trends.timeline import count, count_themes, measure
from trends.topics import (
    cluster,
    open_topics,
    open_watch,
    read_themes,
    save_topics,
    save_watch,
    shipped_themes,
)
from trends.topics import watch as follow

if TYPE_CHECKING:
    from trends.diff import Side
    from trends.explorer import Explorer

MANIFEST, STUDENT = "study.json", "student"
FORMAT = 1
N_STEPS = 4
MINILM = "all-MiniLM-L6-v2"
"""What the bundled encoder calls itself."""

PACKAGES = (
    "trends",
    "bertopic",
    "hdbscan",
    "numpy",
    "pandas",
    "plotly",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "torch",
    "umap-learn",
)


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
        The options of the run, plain JSON values.
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
        # Which line of a file a paper stood on is no part of what the study says.
        papers = self.papers.drop(columns="found_at", errors="ignore")
        parts = [papers, self.topics.fingerprint, self.trends.fingerprint, self.parameters]
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
        return {
            "files": [
                {name: entry.get(name) for name in ("file", "format", "sha256", "n_present", "n_read")}
                for entry in self.papers.attrs.get("reading", [])
            ],
            "parameters": dict(self.parameters),
            "encoder": dict(self.embeddings.attrs),
            "topics": dict(self.topics.parameters),
            "followed_themes": [] if self.watch is None else [dict(theme) for theme in self.watch.themes],
            "versions": {"python": ".".join(map(str, sys.version_info[:3]))}
            | {name: version(name) for name in PACKAGES},
            "fingerprints": {
                "study": self.fingerprint,
                "topics": self.topics.fingerprint,
                "trends": self.trends.fingerprint,
            }
            | ({} if self.watch is None else {"watch": self.watch.fingerprint}),
        }

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
            teacher's.

        Raises
        ------
        InputError
            The text is empty, `top` is below 1, or `encoder` is not the one of the study.
        DependencyError
            The encoder's model is missing.
        """
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"text must hold a word, not {text!r}.")
        read_by = self.embeddings.attrs.get("encoder", "given"), self.embeddings.attrs.get("revision")
        found = _encoder_of(str(read_by[0]), encoder)
        if found is None:
            return self.topics.similar(text, top)
        if (found.name, found.revision) != read_by:
            raise InputError(
                f"encoder {found.name!r} (revision {found.revision}) did not read these papers; "
                f"pass the one that did, {read_by[0]!r} (revision {read_by[1]})."
            )
        return self.topics.similar(encode_cached([text.strip()], found)[0], top)

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

    def save(self, folder: str | Path) -> Path:
        """Write the study as a folder of Parquet tables, safetensors and one JSON manifest.

        The folder is written whole or not at all. One that exists is replaced only if it is a study.

        Raises
        ------
        InputError
            The folder exists and is not a study.
        """
        from safetensors.numpy import save_file

        folder = Path(folder)
        if folder.exists() and not (folder / MANIFEST).is_file():
            raise InputError(f"{folder} exists and is not a study; give another folder, or remove it first.")
        with whole_folder(folder) as temporary:
            save(self.papers, temporary / "papers.parquet")
            vectors = np.ascontiguousarray(self.embeddings.loc[self.papers.index].to_numpy())
            save_file({"embeddings": vectors}, temporary / "embeddings.safetensors")
            save_student(self.embeddings, temporary / STUDENT)
            save_topics(self.topics, temporary / "topics")
            if self.watch is not None:
                save_watch(self.watch, temporary / "watch")
            for name in ("shares", "calls", "phases", "bursts", "forecast", "skill"):
                getattr(self.trends, name).to_parquet(temporary / f"{name}.parquet")
            manifest = {
                "format": FORMAT,
                "title": self.title,
                "parameters": dict(self.parameters),
                "encoder": dict(self.embeddings.attrs),
                "reading": self.papers.attrs.get("reading", []),
                "every": self.counts.every,
                "watch": self.watch is not None,
                "fingerprint": self.fingerprint,
            }
            write_json(temporary / MANIFEST, manifest)
        return folder


def run(
    *sources: Any,
    every: str = "auto",
    encoder: "str | Encoder | np.ndarray | pd.DataFrame" = "minilm",
    detail: float | None = None,
    n_topics: int | None = None,
    seed: int = 0,
    exact: bool = False,
    tags: "str | Path | Mapping[str, Any] | None" = None,
    observed_until: str | None = None,
    title: str | None = None,
    llm: LLM | None = None,
    watch: "str | Path | Sequence[Mapping[str, Any]] | None" = None,
) -> Study:
    """Go the whole way from files to trends.

    Parameters
    ----------
    *sources
        Files, globs, folders or papers tables for `load`; none means the embedded sample.
    every
        The period to count by: "week", "month", "quarter", "year", or "auto".
    encoder, exact
        As in `embed`.
    detail, n_topics, seed
        As in `cluster`.
    tags
        As in `load`.
    observed_until
        As in `count`.
    title
        The title of the report, else one made from the names of the files.
    llm
        As in `label`; what came of it stands in `study.topics.parameters["labels"]`.
    watch
        Themes to follow: a YAML file or a list, as in `trends.watch`. None follows none, and in the embedded
        sample the themes of `trends/data/watch.yml`.

    Returns
    -------
    Study
        The same input and options give the same study, whatever the order of rows.

    Raises
    ------
    InputError
        A source cannot be read, or an option is not one of its values.
    DependencyError
        The encoder's model is missing.
    """
    # A fault in the list must not cost the time of a run.
    themes = shipped_themes() if watch is None and not sources else read_themes(watch or [])
    papers = load(*sources, tags=tags) if sources else sample()
    return study_of(
        papers,
        every=every,
        encoder=encoder,
        detail=detail,
        n_topics=n_topics,
        seed=seed,
        exact=exact,
        observed_until=observed_until,
        title=title or _title(papers, sampled=not sources),
        llm=llm,
        themes=[theme.plain() for theme in themes],
    )


def study_of(
    papers: pd.DataFrame,
    *,
    every: str = "auto",
    encoder: "str | Encoder | np.ndarray | pd.DataFrame" = "minilm",
    detail: float | None = None,
    n_topics: int | None = None,
    seed: int = 0,
    exact: bool = False,
    observed_until: str | None = None,
    title: str = "",
    llm: LLM | None = None,
    themes: Sequence[Mapping[str, Any]] = (),
) -> Study:
    """Go the way of `run` from a papers table, whose ids and rows stay as they are; `themes` are followed."""
    with _progress() as step:
        step(f"Encoding {len(papers):,} papers")
        embeddings = embed(papers, encoder, exact=exact, seed=seed)
        step("Finding topics")
        topics = cluster(papers, embeddings, detail=detail, n_topics=n_topics, seed=seed)
        step("Naming topics")
        topics = label(papers, topics, llm=llm)
        step("Measuring trends")
        counts = count(papers, topics, every=every, observed_until=observed_until)
        trends = measure(counts)
        followed = follow(papers, embeddings, themes) if themes else None
    parameters = {
        "every": every,
        "detail": detail,
        "n_topics": n_topics,
        "seed": seed,
        "exact": exact,
        "observed_until": observed_until,
    }
    return Study(
        papers=papers,
        embeddings=embeddings,
        topics=topics,
        counts=counts,
        trends=trends,
        title=title,
        parameters=parameters,
        watch=followed,
    )


def _side_of(study: "Study | str | Path") -> "Side":
    """Return what a comparison needs to know of a study, opened where it is a folder."""
    from trends.diff import Side

    if isinstance(study, str | Path):
        study = open(study)
    if not isinstance(study, Study):
        raise InputError(f"earlier must be a Study or the folder of one, not {type(study).__name__}.")
    settings = {name: value for name, value in study.parameters.items() if name != "every"}
    for name, value in study.embeddings.attrs.items():
        if name in ("encoder", "revision", "precision"):
            settings[f"encoder.{name}"] = value
    settings["edits by hand"] = len(study.topics.parameters.get("edits", ()))
    settings["followed themes"] = [] if study.watch is None else list(study.watch.table["label"])
    return Side(study.papers, study.topics, study.counts, study.trends, study.title, settings)


def _encoder_of(name: str, given: "str | Encoder | None") -> Encoder | None:
    """Return the encoder of that name if it can be found again; None for vectors that no encoder made."""
    if given is not None and given != "lsa":
        return find_encoder(given)
    if name == MINILM:
        return find_encoder("minilm")
    return find_encoder(name) if "/" in name else None


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Give a function that shows which step of the flow is under way, and for how long."""
    from tqdm.auto import tqdm

    shown = "{desc} … (step {n_fmt} of {total_fmt}, {elapsed})"
    with tqdm(total=N_STEPS, bar_format=shown, leave=False, disable=None) as bar:

        def step(name: str) -> None:
            bar.set_description_str(name, refresh=False)
            bar.update()
            bar.refresh()

        yield step


def open(folder: str | Path) -> Study:
    """Read a study that `Study.save` wrote.

    Raises
    ------
    InputError
        The folder is no study, is damaged, or was written by a later version.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        raise InputError(f"{folder} is not a study: it has no {MANIFEST}.")
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        written = int(manifest["format"])
        if written > FORMAT:
            raise InputError(
                f"{folder} was written in format {written} by a later version of trends; "
                f"this one reads up to format {FORMAT}: upgrade trends to open it."
            )
        papers = load(folder / "papers.parquet")
        papers.attrs["reading"] = manifest["reading"]
        vectors = load_file(folder / "embeddings.safetensors")["embeddings"]
        embeddings = pd.DataFrame(vectors, index=papers.index)
        embeddings.attrs = manifest["encoder"]
        if (folder / STUDENT).is_dir():
            keep_student(embeddings, folder / STUDENT)
        topics = open_topics(folder / "topics", papers, embeddings)
        watch = open_watch(folder / "watch") if manifest.get("watch") else None
        title, parameters, every = manifest["title"], manifest["parameters"], manifest["every"]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"The study {folder} is damaged ({type(error).__name__}); make it again.") from error
    if topics is None:
        raise InputError(f"The study {folder} is damaged: its topics cannot be read; make it again.")
    check(papers, PAPERS)
    counts = count(papers, topics, every=every, observed_until=parameters.get("observed_until"))
    return Study(papers, embeddings, topics, counts, measure(counts), title, parameters, watch)


def _title(papers: pd.DataFrame, sampled: bool) -> str:
    """Name a study after what was read."""
    if sampled:
        return "Sparse methods in machine learning: the embedded sample"
    names = sorted({str(entry["file"]) for entry in papers.attrs.get("reading", []) if entry.get("n_read")})
    if not names:
        return f"Trends in {len(papers):,} papers"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"Trends in {len(papers):,} papers from {names[0]}{more}"
