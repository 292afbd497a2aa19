"""Lines: the share of all papers that each topic has in each period."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.escape import plot_text
from trends.core.records import Trends
from trends.core.tables import UNASSIGNED
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._series import COLUMNS, FEW, firm, highlighted, iso, leading, left_out, series, thin, ticks
from trends.plot._spread import spread
from trends.plot._theme import DASHES, INCOMPLETE_DASH, SYMBOLS, Theme, theme_named, topic_slots
from trends.plot._words import EM, breakable, counted, percent, width

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 440
BOTTOM = 64
LABEL_LETTERS = 22
MOST_BANDS = 3
"""More lines than this get a bar at one period each instead: bands over one another are a grey block."""
DAYS = {"week": 7, "month": 30, "quarter": 91, "year": 365}

HOVER = (
    "<b>%{fullData.name}</b><br>%{customdata[0]}: %{y:.1%}<br>%{customdata[1]} of %{customdata[2]} papers"
    "<br>95% interval %{customdata[3]:.1%} to %{customdata[4]:.1%}<extra></extra>"
)
HOVER_CONTEXT = "<b>%{fullData.name}</b><br>%{y:.1%}<extra></extra>"


def shares(
    trends: Trends,
    *,
    top: int = 6,
    only: Iterable[int] | None = None,
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
        Topic ids to highlight instead. -1 draws the unassigned papers, which are otherwise only counted
        in the caption.
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
        with 20 papers are not drawn. `plot.table` gives topic_id, label, period, period_label, n_papers,
        n_total, share, share_low, share_high, complete and highlighted, also of the periods not drawn.

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
    heading = title if title is not None else f"Share of all papers by {noun}, per {trends.every}"
    if drawn.empty or not drawn["share"].notna().any():
        why = (
            f"has {noun}s but no papers in any period" if len(drawn) else f"holds no dated papers in {noun}s"
        )
        return nothing(
            fig, look, chart="shares", title=heading, columns=[*COLUMNS, "highlighted"],
            sentence=f"There is no share to draw: the table {why}.",
        )  # fmt: skip
    shown = drawn[~leading(drawn)]
    data, layout, right = _draw(shown, look, trends.every, interval)
    alt, caption = _say(trends, shown, interval, noun, left_out(drawn))
    return dress(
        fig, look, data, layout, chart="shares", title=heading, alt=alt, caption=caption, table=drawn,
        height=HEIGHT, margin={"r": right},
    )  # fmt: skip


def _select(trends: Trends, top: int, only: Iterable[int] | None) -> pd.DataFrame:
    """Return the series of every topic, with a mark on the highlighted; -1 only if highlighted."""
    full = series(trends)
    chosen = highlighted(full.groupby("topic_id")["n_papers"].sum(), top, only)
    full["highlighted"] = full["topic_id"].isin(chosen)
    return full[(full["topic_id"] != UNASSIGNED) | full["highlighted"]].reset_index(drop=True)


def _draw(
    drawn: pd.DataFrame, look: Theme, every: str, interval: bool
) -> tuple[list[dict[str, Any]], dict[str, Any], float]:
    """Return grey lines, intervals and lines, the layout, and the right margin in px that the labels need."""
    front = drawn.assign(thin=thin(drawn))[drawn["highlighted"]]
    slots = topic_slots(front["topic_id"].unique())
    lines = list(front.groupby("topic_id"))
    ceiling = _ceiling(drawn, front)
    data = [_context(line, look) for _, line in drawn[~drawn["highlighted"]].groupby("topic_id")]
    if interval and len(lines) <= MOST_BANDS:
        data += [band for t, line in lines if (band := _band(line, look.band(slots[t])))]
    elif interval:
        bars = _bars(front, slots, look, every)
        data += bars
        ceiling = max([ceiling, *(bar["y"][1] * 1.05 for bar in bars)])
    for topic_id, line in lines:
        data += _line(line, slots[topic_id], look, ceiling)
    return data, *_axes_and_labels(drawn, front, slots, look, every, ceiling)


def _ceiling(drawn: pd.DataFrame, front: pd.DataFrame) -> float:
    """Return the end of the share axis: room above the highest share that rests on enough papers."""
    if not front["share"].notna().any():
        return float(drawn["share"].max()) * 1.15 or 1.0
    mark = firm(front) | (front["share"].notna() & ~front["complete"] & (front["n_total"] >= FEW))
    return float(front.loc[mark, "share"].max()) * 1.15 or 1.0


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
    }


def _band(line: pd.DataFrame, colour: str) -> dict[str, Any] | None:
    """Return one filled outline per unbroken run of complete periods with enough papers, if there is any."""
    usable = _usable(line)
    days: list[str | None] = []
    values: list[float | None] = []
    for _, run in line[usable].groupby((~usable).cumsum()[usable]):
        if len(run) > 1:
            gap: list[None] = [None] if days else []
            days += [*gap, *iso(run["period"]), *iso(run["period"])[::-1]]
            values += [*gap, *rounded(run["share_high"], 5), *rounded(run["share_low"], 5)[::-1]]
    if not days:
        return None
    return {
        "type": "scatter", "x": days, "y": values, "fill": "toself", "fillcolor": colour, "mode": "lines",
        "line": {"width": 0}, "name": plot_text(line["label"].iloc[0]), "hoverinfo": "skip",
    }  # fmt: skip


def _usable(rows: pd.DataFrame) -> pd.Series:
    """Mark the rows whose interval is drawn."""
    return rows[["share_low", "share_high"]].notna().all(axis="columns") & rows["complete"] & ~rows["thin"]


def _bars(front: pd.DataFrame, slots: dict[int, int | None], look: Theme, every: str) -> list[dict[str, Any]]:
    """Return the interval of each line at the last usable period, side by side in the order of the shares."""
    usable = front[_usable(front)]
    last = usable[usable["period"] == usable["period"].max()].sort_values(["share", "topic_id"])
    step = _span(front, every) * 0.009
    bars = []
    for at, row in enumerate(last.itertuples()):
        day = _moment(row.period + step * (at - (len(last) - 1) / 2))
        bars.append(
            {
                "type": "scatter", "x": [day, day], "y": rounded([row.share_low, row.share_high], 5),
                "mode": "lines", "line": {"color": look.colour(slots[row.topic_id]), "width": 3 * look.scale},
                "opacity": 0.45, "name": plot_text(row.label), "hoverinfo": "skip",
            }
        )  # fmt: skip
    return bars


def _line(line: pd.DataFrame, slot: int | None, look: Theme, ceiling: float) -> list[dict[str, Any]]:
    """Return the traces of one highlighted topic: thin and firm line, then last and incomplete points."""
    colour = look.colour(slot)
    symbol = SYMBOLS[slot] if slot is not None else "circle"
    name = plot_text(line["label"].iloc[0])
    days, values = iso(line["period"]), rounded(line["share"], 5)
    complete = line["complete"].tolist()
    customdata = [
        [plot_text(label) if whole else f"{plot_text(label)}, incomplete", n, total, low, high]
        for label, whole, n, total, low, high in zip(
            line["period_label"],
            complete,
            line["n_papers"].tolist(),
            line["n_total"].tolist(),
            rounded(line["share_low"], 5),
            rounded(line["share_high"], 5),
        )
    ]
    common = {
        "type": "scatter", "name": name, "mode": "lines+markers", "hovertemplate": HOVER
    }  # fmt: skip
    traces: list[dict[str, Any]] = []
    firm_line = line["complete"] & ~line["thin"]
    # Where few papers make the share jump, the line is thin; it joins the firm line at its first point.
    loose = line["thin"] | line["thin"].shift(1, fill_value=False) | line["thin"].shift(-1, fill_value=False)
    if line["thin"].any():
        traces.append(
            {
                **common,
                "x": days,
                "y": rounded(line["share"].where(loose & line["complete"]), 5),
                "line": {"color": colour, "width": 1 * look.scale},
                "marker": {"symbol": symbol, "size": 3 * look.scale, "color": colour},
                "opacity": 0.45,
                "customdata": customdata,
            }
        )
    traces.append(
        {
            **common,
            "x": days,
            "y": rounded(line["share"].where(firm_line), 5),
            "line": {
                "color": colour,
                "width": 2 * look.scale,
                "dash": DASHES[slot] if slot is not None else "solid",
            },
            "marker": {
                "symbol": symbol,
                "size": 6 * look.scale,
                "color": colour,
                "maxdisplayed": 0 if firm_line.sum() <= 12 else 7,
            },
            "customdata": customdata,
        }
    )
    # The last known point and every incomplete one get a marker of their own, the latter hollow; a dotted
    # line leads to each incomplete point from its neighbours, and is broken between such places.
    near = ~line["complete"] | ~line["complete"].shift(1, fill_value=True)
    near |= ~line["complete"].shift(-1, fill_value=True)
    last = line["period"] == line.loc[line["share"].notna(), "period"].max()
    kept = (near | last).tolist()
    ends = [i for i, keep in enumerate(kept) if keep]
    broken: list[int | None] = []
    for before, i in zip([None, *ends], ends):
        broken += [None, i] if before is not None and i - before > 1 else [i]
    shown = [None if i is None else values[i] for i in broken]
    marked = (last | ~line["complete"]).tolist()
    traces.append(
        {
            **common,
            "x": [None if i is None else days[i] for i in broken],
            "y": shown,
            "line": {"color": colour, "width": 2 * look.scale, "dash": INCOMPLETE_DASH},
            "marker": {
                "symbol": [symbol if i is None or complete[i] else f"{symbol}-open" for i in broken],
                "size": [round(8 * look.scale, 1) if i is not None and marked[i] else 0 for i in broken],
                "color": colour,
                "line": {"color": colour, "width": 2},
            },
            "customdata": [["", 0, 0, None, None] if i is None else customdata[i] for i in broken],
            # A marker on the edge is drawn whole, one far above the chart not at all.
            "cliponaxis": any(value is not None and value > ceiling for value in shown),
        }
    )
    return traces


def _axes_and_labels(
    drawn: pd.DataFrame,
    front: pd.DataFrame,
    slots: dict[int, int | None],
    look: Theme,
    every: str,
    ceiling: float,
) -> tuple[dict[str, Any], float]:
    """Return the layout, with a name at the end of each highlighted line, and the right margin in px."""
    periods = drawn[["period", "period_label"]].drop_duplicates("period")
    first, last = periods["period"].iloc[0], periods["period"].iloc[-1]
    span = _span(drawn, every)
    end = last + span * 0.04
    last_rows = front[front["share"].notna()].groupby("topic_id").tail(1)
    size = look.font_size * 13 / 14
    plot_height = (look.height or HEIGHT) - top_margin(look) - BOTTOM * look.scale
    texts = [breakable(label, LABEL_LETTERS) for label in last_rows["label"]]
    sizes = [size * 1.3 * (text.count("<br>") + 1) + 2 for text in texts]
    wanted = (last_rows["share"] / ceiling * plot_height).tolist()
    heights = [round(place / plot_height * ceiling, 6) for place in spread(wanted, sizes, 0, plot_height)]
    rows = list(zip(last_rows.itertuples(), texts, heights))
    layout = {
        "xaxis": {
            "type": "date",
            "range": [_moment(first - span * 0.015), _moment(end)],
            "title": {"text": every},
            "showgrid": False,
            **ticks(periods, every, 9 if look.width is None else 7),
        },
        "yaxis": {
            "range": [0, round(ceiling, 5)],
            "tickformat": ".3~%",
            "nticks": 6,
            "title": {"text": f"share of all papers of the {every}"},
        },
        "shapes": [
            {
                "type": "line", "xref": "x", "yref": "y", "layer": "above",
                "x0": _moment(row.period + span * 0.008), "y0": round(min(row.share, ceiling), 6),
                "x1": _moment(end), "y1": at,
                "line": {"color": look.colour(slots[row.topic_id]), "width": 1.25 * look.scale},
            }
            for row, _, at in rows
        ],
        "annotations": [
            {
                "name": "direct-label", "text": text, "x": _moment(end), "y": at, "xref": "x", "yref": "y",
                "showarrow": False, "xanchor": "left", "yanchor": "middle", "align": "left", "xshift": 2,
                "font": {"size": size, "color": look.text},
            }
            for _, text, at in rows
        ],
        "showlegend": False,
    }  # fmt: skip
    letters = max(
        (min(width(line), LABEL_LETTERS) for text in texts for line in text.split("<br>")), default=0
    )
    return layout, round(letters * size * EM + 20 * look.scale)


def _span(rows: pd.DataFrame, every: str) -> pd.Timedelta:
    """Return the time from the first period to the last, one period at least."""
    return max(rows["period"].max() - rows["period"].min(), pd.Timedelta(days=DAYS[every]))


def _moment(time: pd.Timestamp) -> str:
    return time.strftime("%Y-%m-%d %H:%M")


def _say(trends: Trends, drawn: pd.DataFrame, interval: bool, noun: str, unseen: str) -> tuple[str, str]:
    """Return alternative text and caption: what is drawn, of what, and the largest change."""
    front = drawn[drawn["highlighted"]]
    periods = drawn.drop_duplicates("period")
    total = int(periods["n_total"].sum())
    span = f"{periods['period_label'].iloc[0]} to {periods['period_label'].iloc[-1]}"
    change = _largest_change(front, noun)
    n_lines = front["topic_id"].nunique()
    alt = (
        f"Line chart of the share of all papers per {trends.every} for {counted(n_lines, noun)}, {span}. "
        f"{change}"
    )
    said = [
        f"Share of all papers of each {trends.every} for {counted(n_lines, noun)}, {span}, "
        f"{counted(total, 'paper')} in all.",
        change,
    ]
    usable = front[_usable(front.assign(thin=thin(front)))]
    if interval and n_lines <= MOST_BANDS and len(usable):
        said.append("Bands are 95% intervals.")
    elif interval and len(usable):
        day = usable.loc[usable["period"].idxmax(), "period_label"]
        said.append(f"Upright bars, side by side, are the 95% intervals of {day}.")
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
