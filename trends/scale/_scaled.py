"""What a run over partitions gives: small tables of all papers, and the sample on which topics were found."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.files import Folder
from trends.core.hashing import fingerprint, papers_hash
from trends.core.records import Counts, Topics, Trends
from trends.core.tables import UNASSIGNED
from trends.core.whole import Whole
from trends.report import Report, findings, numbers_of
from trends.scale._steps import MICRO, fit_of, vectors_of
from trends.study import Study, provenance_of, said_by


@dataclass(frozen=True, eq=False, repr=False)
class ScaledStudy:
    """One run over a corpus that no table need hold: everything that is counted is of all its papers.

    Attributes
    ----------
    papers
        The sample on which the topics were found; all papers where they are no more than that.
    topics
        The topics. Numbers, dates and cohesion in `topics.table` are of all papers; `topics.members` and the
        exemplars are of the sample.
    counts, trends
        Of all papers.
    whole
        How many papers there are, how many of them in no topic, and the dates they span.
    health
        The table of checks of all papers and of their reading, as `trends.health` makes it.
    folder
        Where the partitions are: members/*.parquet has paper_id, topic_id, similarity, how, date and
        date_precision of every paper, papers/*.parquet the papers (tags as their sources spell them).
    title, parameters
        As in `Study`.
    costs
        What each step took: step, partition, n_papers, seconds, cpu_seconds (of the process), peak_bytes (the
        most that the process ever had), process. Steps that an earlier run finished tell what they took then.
    """

    papers: pd.DataFrame
    topics: Topics
    counts: Counts
    trends: Trends
    whole: Whole
    health: pd.DataFrame
    folder: Folder
    title: str
    fit_name: str
    encoder: Any = field(repr=False)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    embeddings: Mapping[str, Any] = field(default_factory=dict)
    costs: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)

    def __repr__(self) -> str:
        topics = f"{len(self.topics.table)} topics of {self.whole.n_papers:,} papers"
        return (
            f"<ScaledStudy {self.title!r}: {topics}, {self.whole.n_unassigned:,} unassigned, {self.trends!r}>"
        )

    @property
    def fingerprint(self) -> str:
        """Hash of the sample, of what was counted of all papers, and of everything that decided it."""
        options = {name: value for name, value in self.parameters.items() if name != "versions"}
        parts = [papers_hash(said_by(self.papers)), self.topics.fingerprint, self.trends.fingerprint, options]
        return fingerprint(*parts, *([vars(self.whole)] if self.whole.sampled else []))

    @property
    def findings(self) -> pd.DataFrame:
        """Every number of the report's findings, as in `Study.findings`."""
        return numbers_of(findings(self.papers, self.topics, self.trends, self.whole))

    @property
    def study(self) -> Study:
        """The same as a `Study`, which is saved, updated and exported; only where the sample is all papers.

        Raises
        ------
        InputError
            There are more papers than the sample holds.
        """
        if self.whole.sampled:
            raise InputError(
                f"A Study holds all its papers, and these are {self.whole.n_papers:,} with a sample of "
                f"{self.whole.n_shown:,}; give a larger sample if this machine can hold it."
            )
        _, attrs, rule = fit_of(self.folder.root, self.fit_name)
        vectors = vectors_of(self.papers, attrs, rule, self.encoder)
        return Study(self.papers, vectors, self.topics, self.counts, self.trends, self.title, self.parameters)

    @property
    def provenance(self) -> dict[str, Any]:
        """What the result was made from and by, as in `Study.provenance`."""
        return provenance_of(
            self.papers, self.parameters, self.embeddings, self.topics, self.trends, self.fingerprint
        )

    def report(self, path: str | Path, *, title: str | None = None, abstracts: bool = False) -> Path:
        """Write the report as one offline HTML file and return its path.

        Every number in it is of all papers. The map, the topic cards and the papers table show the sample,
        and say so where it is not all.

        Parameters
        ----------
        path, title, abstracts
            As in `Study.report`.
        """
        page = Report.standard(
            self.papers,
            self.topics,
            self.trends,
            title=title or self.title,
            health=self.health,
            provenance=self.provenance,
            whole=self.whole,
        )
        return page.save(path, abstracts=abstracts)


def whole_of(cells: pd.DataFrame, n_shown: int) -> Whole:
    """Say of all papers what their cells tell: topic_id, date, date_precision, n_papers."""
    dates = cells["date"].dropna()
    return Whole(
        n_papers=int(cells["n_papers"].sum()),
        n_unassigned=int(cells.loc[cells["topic_id"] == UNASSIGNED, "n_papers"].sum()),
        first_date=dates.min() if len(dates) else None,
        last_date=dates.max() if len(dates) else None,
        to_the_day=bool(cells["date_precision"].astype(str).eq("day").all()),
        n_shown=n_shown,
    )


def of_all(topics: Topics, cells: pd.DataFrame) -> Topics:
    """Return topics whose numbers, dates and cohesion are those of all papers, given as cells."""
    inside = cells[cells["topic_id"] != UNASSIGNED]
    groups = inside.groupby("topic_id")
    n_papers = groups["n_papers"].sum().reindex(topics.table.index, fill_value=0)
    similar = groups["micros"].sum().reindex(topics.table.index, fill_value=0)
    table = topics.table.assign(
        n_papers=n_papers.astype("int64"),
        first_date=groups["date"].min().reindex(topics.table.index).astype("datetime64[us]"),
        last_date=groups["date"].max().reindex(topics.table.index).astype("datetime64[us]"),
        cohesion=(similar / MICRO / n_papers.where(n_papers > 0, np.nan)).astype("float64").round(4),
    )
    told = fingerprint(
        "of all", topics.fingerprint, cells[["topic_id", "date", "precision", "n_papers", "micros"]]
    )
    return replace(topics, table=table, fingerprint=told)
