"""The report as a record: a title, sections in order, and what every page states about itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from trends.core.cache import whole_file
from trends.core.diff import Diff
from trends.core.errors import InputError
from trends.core.escape import clean_text, slug
from trends.core.records import Topics, Trends
from trends.core.watch import Watch
from trends.core.whole import Whole

_RESERVED = re.compile(
    r"main|theme|old|data|library|provenance|follow|following|.+-(h|key|note)"
    r"|(fig|spark|theme|topic|topics|paper|papers|map|since|follow|following|provenance)-.+"
)
"""Anchors that the page itself uses."""


@dataclass(frozen=True, eq=False)
class Section:
    """One part of a report.

    Attributes
    ----------
    id
        The anchor of the section in the page: lower-case letters, digits and hyphens.
    title
        Its heading.
    text
        What stands before the figure or table; blank lines separate paragraphs.
    figure
        A `plotly.graph_objects.Figure`, or None.
    table
        A DataFrame, or None. What a section of a special kind expects is said in `_standard.py`.
    note
        What stands after the figure or table: how to read it, what is missing.
    kind
        How the table is shown: "table", or one of "findings", "health", "followed", "topics", "map", "cards",
        "papers", "method", "provenance", "since" with a form of their own.
    """

    id: str
    title: str
    text: str = ""
    figure: Any = None
    table: pd.DataFrame | None = None
    note: str = ""
    kind: str = "table"


@dataclass(frozen=True, eq=False)
class Report:
    """A report, ready to be extended or written.

    Attributes
    ----------
    title
        The heading of the page.
    sections
        The parts in the order of reading.
    summary
        The corpus in one sentence.
    facts
        Pairs of a number and what it counts, shown under the title.
    papers
        The records behind the papers table, the cards and the map: index paper_id, with title, abstract,
        date, date_precision, topic_id, similarity, x, y and optionally venue and url.
    topics
        Label by topic_id, -1 included, for the records of `papers`.
    provenance
        Plain JSON values: parameters, versions, input files with their sha256, fingerprints.
    """

    title: str
    sections: tuple[Section, ...] = ()
    summary: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    papers: pd.DataFrame | None = None
    topics: pd.Series | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ids = [section.id for section in self.sections]
        for name in ids:
            if name != slug(name, fallback=""):
                raise InputError(
                    f"The section id {name!r} must be at most 40 lower-case letters, digits and hyphens; "
                    f"try {slug(name, fallback='section')!r}."
                )
            if _RESERVED.fullmatch(name):
                raise InputError(f"The section id {name!r} is used by the page itself; give another one.")
            if ids.count(name) > 1:
                raise InputError(f"Two sections have the id {name!r}; give each its own.")

    @classmethod
    def standard(
        cls,
        papers: pd.DataFrame,
        topics: Topics,
        trends: Trends,
        *,
        title: str,
        health: pd.DataFrame | None = None,
        provenance: Mapping[str, Any] | None = None,
        watch: Watch | None = None,
        followed: Trends | None = None,
        since: Diff | None = None,
        whole: Whole | None = None,
    ) -> "Report":
        """Tell the whole story of a corpus in the usual order.

        Parameters
        ----------
        papers
            One row per paper, index paper_id; the row order does not matter.
        topics
            The topics of these papers.
        trends
            What was measured of these topics.
        title
            The heading of the page.
        health
            What is missing, merged and undated: index check; columns n_papers, share (0-1), note. Made by
            `trends.papers.health` when not given.
        provenance
            Plain JSON values shown and embedded as they are; folders are cut from the names under "files".
        watch, followed
            Themes that are followed, and what was measured of them; both or neither.
        since
            What changed since an earlier study.
        whole
            What there is of all papers, where `papers` and the members of `topics` are a sample of them and
            numbers, dates and trends of the topics are of all.

        Returns
        -------
        Report
            Header, findings, what changed since an earlier study where that is given, corpus health, followed
            themes where there are any, topics, nine charts, topic cards, similarity and hierarchy, papers,
            method, provenance.

        Raises
        ------
        InputError
            The papers and the members of the topics are not the same papers.
        """
        from trends.report._standard import standard

        return standard(
            papers,
            topics,
            trends,
            title=title,
            health=health,
            provenance=provenance,
            watch=watch,
            followed=followed,
            since=since,
            whole=whole,
        )

    def add(self, title: str, fig: Any, text: str = "") -> "Report":
        """Return a report with one more chart, placed before the papers table or, without one, at the end.

        Parameters
        ----------
        title
            The heading of the new section.
        fig
            Any `plotly.graph_objects.Figure` of kinds that need neither WebGL nor map tiles. Markup other
            than line breaks, bold and italics is shown as it is typed. `layout.meta` of the form that
            `trends.plot` writes brings alternative text, a caption and a data table.
        text
            What to say before the chart.

        Raises
        ------
        InputError
            The figure holds a trace that the page's security policy cannot draw, or an outside picture.
        """
        from trends.report._figures import checked

        taken = {section.id for section in self.sections}
        name = base = slug(title, fallback="chart")
        number = 2
        while name in taken or _RESERVED.fullmatch(name):
            name = f"chart-{base[:30].rstrip('-')}-{number}"
            number += 1
        section = Section(name, clean_text(title), text, figure=checked(fig))
        place = next((i for i, s in enumerate(self.sections) if s.kind == "papers"), len(self.sections))
        return replace(self, sections=(*self.sections[:place], section, *self.sections[place:]))

    def html(self, *, plotly_js: str | Path | None = None, abstracts: bool = False) -> str:
        """Return the whole page as text.

        Parameters
        ----------
        plotly_js
            A smaller plotly.js bundle of the same version to use instead of the installed one.
        abstracts
            Whether the papers table also carries the abstracts, which makes the page larger.
        """
        from trends.report._render import page

        return page(self, plotly_js=plotly_js, abstracts=abstracts)

    def save(self, path: str | Path, *, plotly_js: str | Path | None = None, abstracts: bool = False) -> Path:
        """Write the page, whole or not at all, and return its path; see `html` for the options."""
        target = Path(path)
        if target.is_dir():
            raise InputError(
                f"{target.name} is a folder; give the name of a file, such as report.html in it."
            )
        content = self.html(plotly_js=plotly_js, abstracts=abstracts)
        with whole_file(target) as temporary:
            temporary.write_bytes(content.encode("utf-8"))
        return target

    def _repr_html_(self) -> str:
        """Return a summary without scripts, for notebooks."""
        from trends.report._render import summary

        return summary(self)
