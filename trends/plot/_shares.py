"""Lines: the share of all papers that each topic has in each period."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.escape import plot_text
from trends.core.records import Trends
from trends.core.tables import UNASSIGNED
from trends.plot._dress import dress, nothing, rounded
from trends.plot._lines import (
    HEIGHT,
    MOST_BANDS,
    axes_and_names,
    band,
    ceiling_of,
    has_interval,
    line_of,
    moment,
    span_of,
)  # fmt: skip
from trends.plot._series import (
    COLUMNS,
    FEW,
    about,
    firm,
    highlighted,
    iso,
    leading,
    left_out,
    series,
    thin,
    turns,
)
from trends.plot._theme import Theme, theme_named, topic_slots
from trends.plot._words import counted, doubted, percent, ratio

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_NAMED = 3
HOVER_TURN = (
    "<b>%{fullData.name}</b><br>turned in %{customdata[0]}: odds ×%{customdata[1]} a year before, "
    "×%{customdata[2]} since<extra></extra>"
)
HOVER_CONTEXT = "<b>%{fullData.name}</b><br>%{y:.1%}<extra></extra>"


def shares(
    trends: Trends,
    *,
    top: int = 6,
    only: Iterable[int | str] | None = None,
    interval: bool = True,
    theme: str = "light",
    title: str | None = None,
    noun: str = "topic",
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the share of all papers per period, one line per topic, a few of them highlighted.

    Parameters
    ----------
    trends
        Shares by topic and period.
    top
        How many topics to highlight, largest first, at most five on a slide; the others are thin and grey.
    only
        Topics, by id or label, to highlight instead. -1 draws the unassigned papers, which are otherwise
        only counted in the caption.
    interval
        Draw the 95 % intervals of the highlighted topics: up to three topics as bands, where the period is
        complete and holds at least 20 papers; more topics as bars at the last such period, side by side.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart; by default the measure with its denominator.
    noun
        What the lines are called in title and caption: "theme" for followed themes.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        Incomplete periods are dotted and hollow, periods without papers are gaps, periods before the first
        with 20 papers are not drawn. A tick across a highlighted line marks where the topic turned.
        `plot.table` gives topic_id, label, period, period_label, n_papers, n_total, share, share_low,
        share_high, complete, shaky, highlighted and turned (the period since which the topic goes another
        way), also of the periods not drawn.

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` below 1.

    References
    ----------
    The interval of the change named in the caption joins the intervals of both shares by square-and-add:
    Newcombe, R. G. (1998), Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17, 873-890, method 10.
    """
    look = theme_named(theme)
    drawn = _select(trends, top if only is not None else min(top, look.most_series), only)
    heading = title if title is not None else f"Share of {trends.whole} by {noun}, per {trends.every}"
    if drawn.empty or not drawn["share"].notna().any():
        why = (
            f"has {noun}s but no papers in any period" if len(drawn) else f"holds no dated papers in {noun}s"
        )
        return nothing(
            fig, look, chart="shares", title=heading, columns=[*COLUMNS, "highlighted", "turned"],
            sentence=f"There is no share to draw: the table {why}.",
        )  # fmt: skip
    shown = drawn[~leading(drawn)]
    data, layout, right = _draw(shown, turns(trends.calls), look, trends.every, interval)
    layout["yaxis"]["title"] = {"text": f"share of {trends.whole} of the {trends.every}"}
    alt, caption = _say(trends, shown, interval, noun, left_out(drawn))
    return dress(
        fig, look, data, layout, chart="shares", title=heading, alt=alt, caption=caption, table=drawn,
        height=HEIGHT, margin={"r": right},
    )  # fmt: skip


def _select(trends: Trends, top: int, only: Iterable[int | str] | None) -> pd.DataFrame:
    """Return the series of every topic, with a mark on the highlighted; -1 only if highlighted."""
    full = series(trends)
    chosen = highlighted(full.groupby("topic_id")["n_papers"].sum(), top, only, trends.labels)
    full["highlighted"] = full["topic_id"].isin(chosen)
    turned = turns(trends.calls)
    points = pd.MultiIndex.from_frame(full[["topic_id", "period"]])
    full["turned"] = points.isin(list(zip(turned["topic_id"], turned["turned"])))
    return full[(full["topic_id"] != UNASSIGNED) | full["highlighted"]].reset_index(drop=True)


def _draw(
    drawn: pd.DataFrame, turned: pd.DataFrame, look: Theme, every: str, interval: bool
) -> tuple[list[dict[str, Any]], dict[str, Any], float]:
    """Return grey lines, intervals, lines and turns, the layout, and the right margin that labels need."""
    front = drawn.assign(thin=thin(drawn))[drawn["highlighted"]]
    slots = topic_slots(front["topic_id"].unique())
    lines = list(front.groupby("topic_id"))
    ceiling = ceiling_of(drawn, front)
    data = [_context(line, look) for _, line in drawn[~drawn["highlighted"]].groupby("topic_id")]
    if interval and len(lines) <= MOST_BANDS:
        data += [area for t, line in lines if (area := band(line, look.band(slots[t])))]
    elif interval:
        bars = _bars(front, slots, look, every)
        data += bars
        ceiling = max([ceiling, *(bar["y"][1] * 1.05 for bar in bars)])
    for topic_id, line in lines:
        data += line_of(line, slots[topic_id], look, ceiling)
    data += _ticks(front, turned, slots, look)
    periods = drawn[["period", "period_label"]].drop_duplicates("period")
    ends = front[front["share"].notna()].groupby("topic_id").tail(1)
    return data, *axes_and_names(periods, ends, slots, look, every, ceiling)


def _context(line: pd.DataFrame, look: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": iso(line["period"]),
        "y": rounded(line["share"], 5),
        "name": plot_text(line["label"].iloc[0]),
        "mode": "lines+markers" if line["share"].notna().sum() == 1 else "lines",
        "line": {"color": look.grey, "width": 1 * look.scale},
        "marker": {"size": 4 * look.scale, "color": look.grey},
        "opacity": 0.25,
        "hovertemplate": HOVER_CONTEXT,
        "meta": about(line["topic_id"].iloc[0]),
    }


def _bars(front: pd.DataFrame, slots: dict[int, int | None], look: Theme, every: str) -> list[dict[str, Any]]:
    """Return the interval of each line at the last usable period, side by side in the order of the shares."""
    usable = front[has_interval(front)]
    last = usable[usable["period"] == usable["period"].max()].sort_values(["share", "topic_id"])
    step = span_of(front, every) * 0.009
    bars = []
    for at, row in enumerate(last.itertuples()):
        day = moment(row.period + step * (at - (len(last) - 1) / 2))
        bars.append(
            {
                "type": "scatter", "x": [day, day], "y": rounded([row.share_low, row.share_high], 5),
                "mode": "lines", "line": {"color": look.colour(slots[row.topic_id]), "width": 3 * look.scale},
                "opacity": 0.45, "name": plot_text(row.label), "hoverinfo": "skip",
                "meta": about(row.topic_id),
            }
        )  # fmt: skip
    return bars


def _ticks(
    front: pd.DataFrame, turned: pd.DataFrame, slots: dict[int, int | None], look: Theme
) -> list[dict[str, Any]]:
    """Return a tick across each highlighted line where its topic turned."""
    marks = front[front["turned"] & front["share"].notna()].merge(
        turned, on="topic_id", suffixes=("", "_since")
    )
    return [
        {
            "type": "scatter",
            "x": [mark.period.strftime("%Y-%m-%d")],
            "y": rounded([mark.share], 5),
            "name": plot_text(mark.label),
            "mode": "markers",
            "marker": {
                "symbol": "line-ns-open",
                "size": 14 * look.scale,
                "color": look.colour(slots[mark.topic_id]),
                "line": {"color": look.colour(slots[mark.topic_id]), "width": 2 * look.scale},
            },
            "customdata": [[mark.period_label, ratio(mark.growth_before), ratio(mark.growth)]],
            "hovertemplate": HOVER_TURN,
            "meta": about(mark.topic_id),
        }
        for mark in marks.itertuples()
    ]


def _say(trends: Trends, drawn: pd.DataFrame, interval: bool, noun: str, unseen: str) -> tuple[str, str]:
    """Return alternative text and caption: what is drawn, of what, and the largest change."""
    front = drawn[drawn["highlighted"]]
    periods = drawn.drop_duplicates("period")
    total = int(periods["n_total"].sum())
    span = f"{periods['period_label'].iloc[0]} to {periods['period_label'].iloc[-1]}"
    change = _largest_change(front, noun)
    n_lines = front["topic_id"].nunique()
    alt = (
        f"Line chart of the share of {trends.whole} per {trends.every} for {counted(n_lines, noun)}, {span}. "
        f"{change}"
    )
    said = [
        f"Share of {trends.whole} of each {trends.every} for {counted(n_lines, noun)}, {span}, "
        f"{counted(total, 'paper')} in all.",
        change,
    ]
    usable = front[has_interval(front.assign(thin=thin(front)))]
    if interval and n_lines <= MOST_BANDS and len(usable):
        said.append("Bands are 95% intervals.")
    elif interval and len(usable):
        day = usable.loc[usable["period"].idxmax(), "period_label"]
        said.append(f"Upright bars, side by side, are the 95% intervals of {day}.")
    said += _turned(front)
    said += doubted(front)
    if unseen:
        said.append(unseen)
    n_thin = int(thin(periods).sum())
    if n_thin:
        said.append(
            f"{counted(n_thin, 'period')} with fewer than {FEW} papers: thin lines, may leave the chart."
        )
    rest = drawn["topic_id"].nunique() - n_lines
    if rest:
        said.append(f"{counted(rest, f'other {noun}')} in grey.")
    open_periods = periods[~periods["complete"]]["period_label"].tolist()
    if open_periods:
        said.append(f"Incomplete, dotted and hollow: {', '.join(open_periods)}.")
    if (periods["n_total"] == 0).any():
        said.append(f"{counted(int((periods['n_total'] == 0).sum()), 'period')} without papers left blank.")
    if UNASSIGNED not in set(front["topic_id"]):
        inside = trends.shares["period"].isin(periods["period"])
        unassigned = trends.shares.loc[inside & (trends.shares["topic_id"] == UNASSIGNED), "n_papers"].sum()
        if unassigned and total:
            said.append(f"Not drawn: unassigned papers, {percent(unassigned / total)} of all.")
    return alt, " ".join(said)


def _turned(front: pd.DataFrame) -> list[str]:
    """Say what the ticks mark, with the first few by name."""
    marks = front[front["turned"] & front["share"].notna()]
    if marks.empty:
        return []
    first = ", ".join(f"{mark.label} ({mark.period_label})" for mark in marks.head(MOST_NAMED).itertuples())
    more = len(marks) - MOST_NAMED
    return [f"A tick marks where a line turned: {first}{f' and {more} more' if more > 0 else ''}."]


def _largest_change(front: pd.DataFrame, noun: str) -> str:
    """Say which highlighted topic surely changed most from the first to the last complete period."""
    usable = front[firm(front) & front["complete"]]
    days = sorted(usable["period"].unique())
    if len(days) < 2:
        return "Too few complete periods to speak of change."
    first = usable[usable["period"] == days[0]].set_index("topic_id")
    last = usable[usable["period"] == days[-1]].set_index("topic_id").reindex(first.index)
    change = last["share"] - first["share"]
    low = change - np.hypot(last["share"] - last["share_low"], first["share_high"] - first["share"])
    high = change + np.hypot(last["share_high"] - last["share"], first["share"] - first["share_low"])
    # Ranked by the bound nearest to no change, so that small and noisy topics do not win.
    sure = np.maximum(low, -high).sort_index()
    span = f"{first['period_label'].iloc[0]} to {last['period_label'].iloc[0]}"
    if not sure.gt(0).any():
        return f"No highlighted {noun}'s change from {span} exceeds its 95% interval."
    best = sure.idxmax()
    return (
        f"Clearest change: {first.loc[best, 'label']}, {percent(first.loc[best, 'share'])} to "
        f"{percent(last.loc[best, 'share'])}, {span} ({change[best] * 100:+.1f} points, 95% interval "
        f"{low[best] * 100:+.1f} to {high[best] * 100:+.1f})."
    )
