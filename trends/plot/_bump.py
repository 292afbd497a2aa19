"""Bump chart: which topic holds the largest share of each period, which the second largest, and so on."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from trends.core.escape import plot_text
from trends.core.records import Trends
from trends.core.tables import UNASSIGNED
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._lines import BOTTOM, moment, names_at_ends, span_of
from trends.plot._series import (
    COLUMNS,
    FEW,
    about,
    at_most,
    firm,
    highlighted,
    iso,
    leading,
    left_out,
    series,
    thin,
    ticks,
)
from trends.plot._theme import INCOMPLETE_DASH, SYMBOLS, Theme, theme_named, topic_slots
from trends.plot._words import counted, doubted, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 32
LEAST = 240
"""Height in px of the plot with few topics, which still holds the title of its axis."""

MANY_PERIODS = 24
"""More periods than this have small markers: they would touch."""

HOVER = (
    "<b>%{fullData.name}</b><br>%{customdata[0]}: rank %{y}<br>%{customdata[3]:.1%}, %{customdata[1]} of "
    "%{customdata[2]} papers<br>95% interval %{customdata[4]:.1%} to %{customdata[5]:.1%}<extra></extra>"
)


def bump(
    trends: Trends,
    *,
    top: int = 12,
    only: Iterable[int | str] | None = None,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the rank of each topic in each period, by its share, among the topics drawn.

    Parameters
    ----------
    trends
        Shares by topic and period.
    top
        How many topics to rank, largest first, at most twelve (six on a slide).
    only
        Topics, by id or label, to rank instead, whatever their number; -1 ranks the unassigned
        papers among them.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        Rank 1 is on top; equal shares are ranked by topic_id; a topic without papers has no rank and leaves a
        gap. A step is thick where the 95 % intervals of its two shares do not overlap, else thin. Incomplete
        periods are dotted and hollow, those before the first with 20 papers are not drawn. `plot.table` gives
        topic_id, label, period, period_label, n_papers, n_total, share, share_low, share_high, complete,
        shaky, rank (missing in a gap) and sure (whether the step that leads here is thick), also of the
        periods not drawn.

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` below 1.
    """
    look = theme_named(theme)
    full = series(trends)
    fits = 12 if look.height is None else 6
    chosen = highlighted(
        full.groupby("topic_id")["n_papers"].sum(),
        top if only is not None else at_most(top, fits),
        only,
        trends.labels,
    )
    drawn = _select(full, chosen)
    among = f"Rank among {len(chosen)} topics by share of all papers, per {trends.every}"
    heading = title if title is not None else among
    shown = drawn[~leading(drawn)]
    if not shown["rank"].notna().any():
        return nothing(
            fig, look, chart="bump", title=heading, columns=[*COLUMNS, "rank", "sure"],
            sentence="There is no rank to draw: no topic has papers in any period.",
        )  # fmt: skip
    height = round(max(len(chosen) * ROW, LEAST) + BOTTOM + top_margin(look))
    data, layout, right = _draw(shown, look, trends.every, height)
    alt, caption = _say(shown, full, trends.every, left_out(drawn))
    return dress(
        fig, look, data, layout, chart="bump", title=heading, alt=alt, caption=caption, table=drawn,
        height=height, margin={"r": right},
    )  # fmt: skip


def _select(full: pd.DataFrame, chosen: list[int]) -> pd.DataFrame:
    """Return the series of the chosen topics with rank and sure."""
    drawn = full[full["topic_id"].isin(chosen)].reset_index(drop=True)
    present = drawn[drawn["n_papers"].gt(0) & drawn["share"].notna()]
    order = present.sort_values(["period", "share", "topic_id"], ascending=[True, False, True])
    drawn["rank"] = order.groupby("period").cumcount().add(1).astype("float64")
    usable = drawn["rank"].notna() & drawn["complete"] & ~thin(drawn)
    before = drawn.groupby("topic_id")[["share_low", "share_high"]].shift(1)
    apart = (drawn["share_low"] > before["share_high"]) | (drawn["share_high"] < before["share_low"])
    drawn["sure"] = apart & usable & usable.groupby(drawn["topic_id"]).shift(1, fill_value=False)
    return drawn


def _draw(
    drawn: pd.DataFrame, look: Theme, every: str, height: int
) -> tuple[list[dict[str, Any]], dict[str, Any], float]:
    """Return the lines of all topics, the layout, and the right margin that names need."""
    periods = drawn[["period", "period_label"]].drop_duplicates("period")
    slots = topic_slots(drawn["topic_id"].unique())
    size = (8 if len(periods) <= MANY_PERIODS else 4) * look.scale
    data: list[dict[str, Any]] = []
    for topic_id, line in drawn.groupby("topic_id"):
        data += _line(line, slots[topic_id], look, size)
    n_ranks = drawn["topic_id"].nunique()
    first, last = periods["period"].iloc[0], periods["period"].iloc[-1]
    span = span_of(periods, every)
    end = last + span * 0.05
    ends = drawn[drawn["rank"].notna()].groupby("topic_id").tail(1)
    colours = [look.colour(slots[t]) for t in ends["topic_id"]]
    shapes, annotations, right = names_at_ends(
        ends.assign(at=ends["rank"], colour=colours),
        look, end=end, span=span, low=n_ranks + 0.5, high=0.5,
        plot_height=(look.height or height) - top_margin(look) - BOTTOM * look.scale,
    )  # fmt: skip
    layout = {
        "xaxis": {
            "type": "date",
            "range": [moment(first - span * 0.03), moment(end)],
            "title": {"text": every},
            "showgrid": False,
            **ticks(periods, every, 9 if look.width is None else 7),
        },
        "yaxis": {
            "range": [n_ranks + 0.5, 0.5],
            "tickvals": list(range(1, n_ranks + 1)),
            "title": {"text": f"rank by share of all papers of the {every}"},
        },
        "shapes": shapes,
        "annotations": annotations,
        "showlegend": False,
    }
    return data, layout, right


def _line(line: pd.DataFrame, slot: int | None, look: Theme, size: float) -> list[dict[str, Any]]:
    """Return a topic's thin line with markers, its thick steps, and its incomplete points."""
    colour = look.colour(slot)
    symbol = SYMBOLS[slot] if slot is not None else "circle"
    days, ranks = iso(line["period"]), rounded(line["rank"], 0)
    complete = line["complete"].tolist()
    told = [
        [plot_text(label) if whole else f"{plot_text(label)}, incomplete", n, total, share, low, high]
        for label, whole, n, total, share, low, high in zip(
            line["period_label"],
            complete,
            line["n_papers"].tolist(),
            line["n_total"].tolist(),
            *(rounded(line[name], 5) for name in ("share", "share_low", "share_high")),
        )
    ]
    meta = about(line["topic_id"].iloc[0])
    common = {
        "type": "scatter", "name": plot_text(line["label"].iloc[0]), "meta": meta, "hovertemplate": HOVER,
    }  # fmt: skip
    traces: list[dict[str, Any]] = [
        {
            **common,
            "x": days,
            "y": [rank if whole else None for rank, whole in zip(ranks, complete)],
            "mode": "lines+markers",
            "line": {"color": colour, "width": 1.25 * look.scale},
            "marker": {"symbol": symbol, "size": size, "color": colour},
            "customdata": told,
            "cliponaxis": False,
        }
    ]
    steps = [at for at, sure in enumerate(line["sure"]) if sure and at]
    if steps:
        traces.append(
            {
                "type": "scatter",
                "name": common["name"],
                "meta": meta,
                "x": [day for at in steps for day in (days[at - 1], days[at], None)],
                "y": [rank for at in steps for rank in (ranks[at - 1], ranks[at], None)],
                "mode": "lines",
                "line": {"color": colour, "width": 4 * look.scale},
                "hoverinfo": "skip",
            }
        )
    hollow = [at for at, whole in enumerate(complete) if not whole and ranks[at] is not None]
    if hollow:
        joined = [place for at in hollow for place in (*([at - 1] if at else []), at, None)]
        traces.append(
            {
                **common,
                "x": [None if at is None else days[at] for at in joined],
                "y": [None if at is None else ranks[at] for at in joined],
                "mode": "lines+markers",
                "line": {"color": colour, "width": 1.25 * look.scale, "dash": INCOMPLETE_DASH},
                "marker": {
                    "symbol": f"{symbol}-open",
                    "size": [size if at in hollow else 0 for at in joined],
                    "color": colour,
                    "line": {"color": colour, "width": 2},
                },
                "customdata": [["", 0, 0, None, None, None] if at is None else told[at] for at in joined],
                "cliponaxis": False,
            }
        )
    return traces


def _say(drawn: pd.DataFrame, full: pd.DataFrame, every: str, unseen: str) -> tuple[str, str]:
    """Return alternative text and caption: what is ranked, who is first and since when."""
    n_topics = drawn["topic_id"].nunique()
    periods = drawn.drop_duplicates("period")
    span = f"{periods['period_label'].iloc[0]} to {periods['period_label'].iloc[-1]}"
    leader = _leader(drawn, full)
    alt = f"Lines of the rank per {every} of {counted(n_topics, 'topic')}, {span}. {leader}"
    said = [
        f"Rank of {counted(n_topics, 'topic')} among each other by share of all papers of each {every}, "
        f"{span}, {counted(int(periods['n_total'].sum()), 'paper')} in all; equal shares by topic number.",
        leader,
        f"Thick steps, {int(drawn['sure'].sum()):,} of {_steps(drawn):,}: the 95% intervals of the topic's "
        "two shares do not overlap; a thin step may be chance.",
    ]
    gaps = int((drawn["rank"].isna() & drawn["n_total"].gt(0)).sum())
    if gaps:
        said.append(f"A gap: the topic has no papers ({counted(gaps, 'time')}).")
    empty = int((periods["n_total"] == 0).sum())
    if empty:
        said.append(f"{counted(empty, 'period')} without papers left blank.")
    said += doubted(drawn)
    if unseen:
        said.append(unseen)
    n_thin = int(thin(periods).sum())
    if n_thin:
        said.append(f"Steps to and from {counted(n_thin, 'period')} with fewer than {FEW} papers are thin.")
    if not periods["complete"].all():
        unfinished = ", ".join(periods.loc[~periods["complete"], "period_label"])
        said.append(f"Incomplete, dotted and hollow, and in no statement: {unfinished}.")
    return alt, " ".join(said)


def _steps(drawn: pd.DataFrame) -> int:
    """Count the steps between complete periods."""
    usable = drawn["rank"].notna() & drawn["complete"]
    return int((usable & usable.groupby(drawn["topic_id"]).shift(1, fill_value=False)).sum())


def _leader(drawn: pd.DataFrame, full: pd.DataFrame) -> str:
    """Say who is first in the last complete period, since when, how surely, and who is larger undrawn."""
    pool = drawn[firm(drawn) & drawn["complete"] & drawn["rank"].notna()]
    if pool.empty:
        return "No complete period to name the first of."
    firsts = pool[pool["rank"] == 1].sort_values("period")
    last = firsts.iloc[-1]
    changed = firsts[firsts["topic_id"] != last["topic_id"]]
    run = firsts[firsts["period"] > changed["period"].max()] if len(changed) else firsts
    since = f", since {run['period_label'].iloc[0]}" if len(run) > 1 else ", not in the period before"
    if len(firsts) == 1:
        since = ""
    now = pool[pool["period"] == last["period"]]
    second = now[now["rank"] == 2]
    if len(second) and second["share_high"].iloc[0] >= last["share_low"]:
        since += f"; its interval overlaps that of the second, {second['label'].iloc[0]}"
    said = (
        f"First in {last['period_label']}: {last['label']}, {percent(last['share'])} of "
        f"{counted(int(last['n_total']), 'paper')}{since}."
    )
    rest = full[
        (full["period"] == last["period"])
        & ~full["topic_id"].isin({UNASSIGNED, *drawn["topic_id"]})
        & (full["share"] > last["share"])
    ]
    if len(rest):
        said += f" {counted(len(rest), 'topic')} not drawn held more papers then."
    return said
