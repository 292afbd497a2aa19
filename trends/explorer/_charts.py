"""The charts of an explorer: the study's own, cut to what is chosen."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trends import plot
from trends.core.errors import InputError
from trends.core.tables import UNASSIGNED
from trends.explorer._choice import Choice, Library

if TYPE_CHECKING:
    import plotly.graph_objects as go

NAMES = {
    "shares": "shares over time",
    "growth": "growth",
    "heatmap": "heat map",
    "bump": "ranks",
    "stream": "stream",
    "bursts": "bursts",
    "map": "map of papers",
    "terms": "terms",
}
"""Charts by the name that `trends.plot` gives them, and what a person reads."""

PARTS = {
    "shares": ("topics", "periods"),
    "heatmap": ("topics", "periods"),
    "bump": ("topics", "periods"),
    "stream": ("topics", "periods"),
    "map": ("topics", "periods", "words"),
}
"""What of a choice changes a chart; the others follow the topics alone."""

WHOLE = "Of all periods: growth and bursts of a stretch that was picked by eye would be no evidence."
ALL_PERIODS = "Of all periods, whatever is chosen."
ALL_PAPERS = "The chart counts all papers, not only those found."
MOST_STREAM = 8


def check_chart(name: Any) -> str:
    """Refuse what is no chart of an explorer."""
    if name not in NAMES:
        raise InputError(f"chart must be one of {', '.join(NAMES)}, not {name!r}.")
    return str(name)


def drawn_from(choice: Choice) -> tuple[Any, ...]:
    """Return what decides the chart of a choice, so that only a change of it draws anew."""
    parts = PARTS.get(choice.chart, ("topics",))
    return choice.chart, choice.theme, *(getattr(choice, part) for part in parts)


def note(choice: Choice) -> str:
    """Say where a chart does not follow the choice."""
    parts, said = PARTS.get(choice.chart, ()), []
    if choice.periods is not None and "periods" not in parts:
        said.append(ALL_PERIODS if choice.chart == "terms" else WHOLE)
    if (choice.points is not None and choice.chart != "map") or (choice.words and "words" not in parts):
        said.append(ALL_PAPERS)
    return " ".join(said)


def draw(library: Library, choice: Choice) -> "go.Figure":
    """Return the chart of a choice."""
    only = list(choice.topics) or None
    options: dict[str, Any] = {"theme": choice.theme}
    if choice.chart == "map":
        kept = library.papers.index[library.fits(choice, "periods", "words")]
        topics = replace(library.topics, members=library.topics.members.loc[kept])
        return plot.map(library.papers, topics, only=only, **options)
    of_topics_alone = choice.chart in ("growth", "bursts", "terms", "stream")
    if only is not None and of_topics_alone:
        only = [topic_id for topic_id in only if topic_id != UNASSIGNED]
    if choice.chart == "terms":
        return plot.terms(library.topics, only=only, **options)
    trends = library.trends
    if choice.chart in PARTS and choice.periods is not None:
        span = library.periods[choice.periods[0] : choice.periods[1] + 1]
        trends = replace(trends, shares=trends.shares[trends.shares["period"].isin(span)])
    if choice.chart == "stream" and only is not None:
        only = sorted(only, key=lambda t: (-library.sizes[t], t))[:MOST_STREAM]
    chart: Callable[..., go.Figure] = getattr(plot, choice.chart)
    return chart(trends, only=only, **options)
