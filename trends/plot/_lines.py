"""Lines of shares over time, as more than one chart draws them: the line, its band, names at its end."""

from typing import Any

import pandas as pd

from trends.core.escape import plot_text
from trends.plot._dress import rounded, top_margin
from trends.plot._series import FEW, about, firm, iso, tagged, ticks
from trends.plot._spread import spread
from trends.plot._theme import DASHES, INCOMPLETE_DASH, SYMBOLS, Theme
from trends.plot._words import DOUBT, EM, breakable, width

HEIGHT = 440
BOTTOM = 64
LABEL_LETTERS = 22
MOST_BANDS = 3
"""More lines than this have no bands: over one another they are a grey block."""
DAYS = {"week": 7, "month": 30, "quarter": 91, "year": 365}

HOVER = (
    "<b>%{fullData.name}</b><br>%{customdata[0]}: %{y:.1%}<br>%{customdata[1]} of %{customdata[2]} papers"
    "<br>95% interval %{customdata[3]:.1%} to %{customdata[4]:.1%}<extra></extra>"
)


def ceiling_of(drawn: pd.DataFrame, front: pd.DataFrame) -> float:
    """Return the end of the share axis: room above the highest share that rests on enough papers."""
    if not front["share"].notna().any():
        return float(drawn["share"].max()) * 1.15 or 1.0
    mark = firm(front) | (front["share"].notna() & ~front["complete"] & (front["n_total"] >= FEW))
    return float(front.loc[mark, "share"].max()) * 1.15 or 1.0


def band(line: pd.DataFrame, colour: str) -> dict[str, Any] | None:
    """Return one filled outline per unbroken run of complete periods with enough papers, if there is any."""
    usable = has_interval(line)
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
        "meta": about(line["topic_id"].iloc[0]),
    }  # fmt: skip


def has_interval(rows: pd.DataFrame) -> pd.Series:
    """Mark the rows whose interval is drawn."""
    return rows[["share_low", "share_high"]].notna().all(axis="columns") & rows["complete"] & ~rows["thin"]


def line_of(
    line: pd.DataFrame, slot: int | None, look: Theme, ceiling: float, dash: str | None = None
) -> list[dict[str, Any]]:
    """Return the traces of one highlighted topic: thin and firm line, then last and incomplete points.

    `dash` takes the place of the slot's own.
    """
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
        "type": "scatter", "name": name, "mode": "lines+markers", "hovertemplate": HOVER,
        "meta": about(line["topic_id"].iloc[0]),
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
                "dash": dash or (DASHES[slot] if slot is not None else "solid"),
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


def axes_and_names(
    periods: pd.DataFrame,
    ends: pd.DataFrame,
    slots: dict[int, int | None],
    look: Theme,
    every: str,
    ceiling: float,
) -> tuple[dict[str, Any], float]:
    """Return the layout, with a name at the end of each line, and the right margin in px.

    Parameters
    ----------
    periods
        Columns period and period_label, one row per period drawn, in order.
    ends
        Columns topic_id, label, shaky, period and share: the last point of each line.
    """
    first, last = periods["period"].iloc[0], periods["period"].iloc[-1]
    span = span_of(periods, every)
    end = last + span * 0.04
    shapes, annotations, right = names_at_ends(
        ends.assign(at=ends["share"], colour=[look.colour(slots[t]) for t in ends["topic_id"]]),
        look, end=end, span=span, low=0, high=ceiling,
        plot_height=(look.height or HEIGHT) - top_margin(look) - BOTTOM * look.scale,
    )  # fmt: skip
    layout = {
        "xaxis": {
            "type": "date",
            "range": [moment(first - span * 0.015), moment(end)],
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
        "shapes": shapes,
        "annotations": annotations,
        "showlegend": False,
    }
    return layout, right


def names_at_ends(
    ends: pd.DataFrame,
    look: Theme,
    *,
    end: pd.Timestamp,
    span: pd.Timedelta,
    low: float,
    high: float,
    plot_height: float,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
    """Return names right of the plot, apart from each other, a stroke from each mark to its name, the margin.

    Parameters
    ----------
    ends
        Columns topic_id, label, shaky, colour, period and at: where on the y axis the last mark of each
        series stands.
    end
        Right end of the x axis.
    span
        Time that the x axis holds.
    low, high
        Lower and upper end of the y axis; low may be the larger number.
    plot_height
        Height of the plot in px.
    """
    size = look.type(13)
    texts = [
        breakable(label, LABEL_LETTERS) + DOUBT * bool(shaky)
        for label, shaky in zip(ends["label"], ends["shaky"])
    ]
    sizes = [size * 1.3 * (text.count("<br>") + 1) + 2 for text in texts]
    wanted = ((ends["at"] - low) / (high - low) * plot_height).tolist()
    heights = [
        round(low + place / plot_height * (high - low), 6) for place in spread(wanted, sizes, 0, plot_height)
    ]
    inside = ends["at"].clip(min(low, high), max(low, high)).round(6).tolist()
    shapes = [
        {
            "name": tagged("stroke", topic_id), "type": "line", "xref": "x", "yref": "y", "layer": "above",
            "x0": moment(period + span * 0.008), "y0": start, "x1": moment(end), "y1": at,
            "line": {"color": colour, "width": 1.25 * look.scale},
        }
        for topic_id, period, colour, start, at in zip(
            ends["topic_id"], ends["period"], ends["colour"], inside, heights
        )
    ]  # fmt: skip
    annotations = [
        {
            "name": tagged("direct-label", topic_id), "text": text, "x": moment(end), "y": at,
            "xref": "x", "yref": "y", "xanchor": "left", "yanchor": "middle", "xshift": 2,
            "align": "left", "showarrow": False,
            "font": {"size": size, "color": look.text},
        }
        for topic_id, text, at in zip(ends["topic_id"], texts, heights)
    ]  # fmt: skip
    letters = max(
        (min(width(line), LABEL_LETTERS) for text in texts for line in text.split("<br>")), default=0
    )
    return shapes, annotations, round(letters * size * EM + 20 * look.scale)


def span_of(rows: pd.DataFrame, every: str) -> pd.Timedelta:
    """Return the time from the first period to the last, one period at least."""
    return max(rows["period"].max() - rows["period"].min(), pd.Timedelta(days=DAYS[every]))


def moment(time: pd.Timestamp) -> str:
    return time.strftime("%Y-%m-%d %H:%M")
