"""The figures of a deck in the order of the story, and what each says on its slide."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from trends import plot
from trends.core.errors import InputError
from trends.core.records import Topics, Trends
from trends.plot._words import width

if TYPE_CHECKING:
    import plotly.graph_objects as go

TITLE_LETTERS = 56
TITLE_LINES = 2
TOP_SERIES = 6
"""More lines or layers than this are not told apart on a slide."""

TOP_GROWTH = 5
ROWS = 12
"""More rows than this do not stay readable under a title of two lines."""

METHODS = {
    "coverage": "Papers are counted by the period of their date; those without one are in no period.",
    "shares": "A share is a topic's papers divided by all papers of the period; intervals are Wilson's.",
    "followed": "A paper is in a theme if it says one of its phrases, was given as an example, or is alike.",
    "growth": "Odds ratio per year from a regression of a topic's papers on time, with its 95% interval; the "
    "false discovery rate is held at 5% over all topics.",
    "ranks": "Topics are ranked by their share of all papers of a period; equal shares by topic number.",
    "stream": "Each paper is in one topic or in none, so that the shares of a period add up to 100%.",
    "heatmap": "A share is a topic's papers divided by all papers of the period.",
    "bursts": "A burst is a run of periods with a share that chance would hardly give (Kleinberg's weight, "
    "permutation test, q below 0.05).",
    "forecast": "Drawn only where the same forecast, replayed from every past period, beat simple rules.",
    "map": "UMAP's layout of the papers' vectors: near means alike, distances across the map mean nothing.",
    "terms": "c-TF-IDF: a term weighs more the more often a topic uses it and the rarer it is elsewhere.",
    "similarity": "Cosine between the centres of the topics.",
    "hierarchy": "Ward's criterion on the centres of the topics, every topic counting alike.",
}
"""One sentence of method by name of figure."""

SAID = {
    "stream": (" of them", " of all papers"),
    "heatmap": ("Highest:", "Highest share:"),
    "bursts": ("Strongest:", "Strongest burst:"),
    "similarity": ("Closest:", "Most alike topics:"),
    "hierarchy": ("First to join:", "Nearest topics in the tree:"),
}
"""What a main sentence says beside its chart, and what it must say above it."""


@dataclass(frozen=True, eq=False)
class Chart:
    """One figure of the deck.

    Attributes
    ----------
    name
        Short name, the second part of its file names.
    figure
        A plotly figure of the theme "slide".
    table
        The numbers it draws.
    """

    name: str
    figure: "go.Figure"
    table: pd.DataFrame

    @property
    def about(self) -> Mapping[str, Any]:
        """What the chart says of itself: id, alt, caption."""
        return self.figure.layout.meta

    @property
    def title(self) -> str:
        """The main number as a sentence, whole, without its full stop."""
        n = self.table["topic_id"].nunique() if "topic_id" in self.table else 0
        if self.name == "map":
            return f"{len(self.table):,} papers on a map: alike papers stand near each other"
        if self.name == "terms":
            return f"The words that set the {n} largest topics apart"
        said = main_sentence(str(self.about["alt"])).replace(*SAID.get(self.name, ("", "")), 1)
        return re.sub(r"; 0 \w+ of \d+ without papers$", "", said)


def charts_of(
    papers: pd.DataFrame, topics: Topics, trends: Trends, followed: Trends | None
) -> tuple[list[Chart], list[str]]:
    """Draw what there is to draw.

    Returns
    -------
    list of Chart
        In the order of the slides.
    list of str
        Why each missing chart is missing, a sentence each.
    """
    wanted: list[tuple[str, Callable[[], Any]]] = [
        ("coverage", lambda: plot.coverage(papers, trends, theme="slide")),
        ("shares", lambda: plot.shares(trends, theme="slide")),
        ("growth", lambda: plot.growth(trends, top=TOP_GROWTH, theme="slide")),
        ("ranks", lambda: plot.bump(trends, top=TOP_SERIES, theme="slide")),
        # Two of the layers are the other topics and the unassigned papers.
        ("stream", lambda: plot.stream(trends, top=TOP_SERIES - 2, theme="slide")),
        ("heatmap", lambda: plot.heatmap(trends, top=ROWS, theme="slide")),
        ("bursts", lambda: plot.bursts(trends, theme="slide")),
        ("forecast", lambda: plot.forecast(trends, theme="slide")),
        ("map", lambda: plot.map(papers, topics, theme="slide", hover=False)),
        ("terms", lambda: plot.terms(topics, theme="slide")),
        ("similarity", lambda: plot.similarity(topics, top=ROWS, theme="slide")),
        ("hierarchy", lambda: plot.hierarchy(topics, top=ROWS, theme="slide")),
    ]
    if followed is not None:
        heading = f"Share of {followed.whole} by followed theme, per {followed.every}"
        wanted.insert(
            2, ("followed", lambda: plot.shares(followed, noun="theme", title=heading, theme="slide"))
        )
    drawn, missing = [], []
    for name, draw in wanted:
        try:
            figure = draw()
        except InputError as error:
            missing.append(f"{name.capitalize()}: {error}")
            continue
        if figure.data:
            drawn.append(Chart(name, figure, plot.table(figure)))
        else:
            missing.append(str(figure.layout.meta["alt"]))
    return drawn, list(dict.fromkeys(missing))


def main_sentence(alt: str) -> str:
    """Return what an alternative text says after its description of the kind of chart."""
    description, _, rest = alt.partition(". ")
    if not rest:
        kind, _, rest = description.partition(": ")
        rest = (
            description.removeprefix("Bars of the ")
            if description.startswith("Bars of the ")
            else rest or kind
        )
    return rest[:1].upper() + rest[1:].rstrip(".")


def fitted(text: str, letters: float = TITLE_LETTERS, lines: int = TITLE_LINES) -> str:
    """Return a text that fits, shortened at the end of a clause if one is near, else at a word."""
    room = letters * lines - 4
    if width(text) <= room:
        return text
    kept = text
    while width(kept) > room - 1:
        cut = max(kept.rfind(mark) for mark in ("; ", " (", ". "))
        if cut < room / 3:
            break
        kept = kept[:cut]
    if width(kept) <= room - 1:
        return kept
    while width(kept) > room - 1:
        kept = kept.rpartition(" ")[0] or kept[: len(kept) * 9 // 10]
    return kept.rstrip(" ,;:(") + "…"
