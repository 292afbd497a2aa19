"""Stream: the shares of named topics, of all others and of the unassigned papers, stacked to the whole."""

from collections.abc import Iterable
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import plot_text
from trends.core.periods import PERIOD_STARTS
from trends.core.records import Trends
from trends.core.tables import UNASSIGNED, UNASSIGNED_LABEL
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._lines import BOTTOM, HEIGHT, moment, names_at_ends, span_of
from trends.plot._series import (
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
from trends.plot._theme import Theme, theme_named, topic_slots
from trends.plot._words import counted, doubted, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

OTHER_LABEL = "other topics"
COLUMNS = [
    "topic_id", "label", "period", "period_label", "n_papers", "n_total", "share", "complete", "low", "high",
    "shaky",
]  # fmt: skip
LONE = 0.2
"""Part of a period that a period between gaps is drawn to either side: an area needs a width."""

HOVER = (
    "<b>%{fullData.name}</b><br>%{customdata[0]}: %{customdata[3]:.1%}"
    "<br>%{customdata[1]} of %{customdata[2]} papers<extra></extra>"
)


def stream(
    trends: Trends,
    *,
    top: int = 8,
    only: Iterable[int | str] | None = None,
    centred: bool = False,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the shares of all papers stacked: named topics, largest below, then all others and the unassigned.

    Parameters
    ----------
    trends
        Shares by topic and period, of topics that do not overlap.
    top
        How many topics to name, largest first, at most eight (five on a slide).
    only
        Topics, by id or label, to name instead, at most eight.
    centred
        Stack the named topics alone, around a middle line: the height of all is their share together. By
        default the stack begins at zero and reaches 100 %.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        Areas to and from an incomplete period are hatched, periods without papers are gaps, periods before
        the first with 20 papers are not drawn. `plot.table` gives topic_id (missing for the other topics, -1
        for unassigned), label, period, period_label, n_papers, n_total, share, complete, low and high (the
        lower and upper edge as drawn, from the bottom up) and shaky; also of the periods not drawn.

    Raises
    ------
    InputError
        An unknown theme or topic, `top` below 1, `only` with more than eight topics, or topics that overlap:
        what they hold together is more than the papers there are.
    """
    look = theme_named(theme)
    full = series(trends)
    sizes = full.groupby("topic_id")["n_papers"].sum()
    most = look.most_series
    chosen = highlighted(sizes, at_most(top, most) if only is None else top, only, trends.labels)
    named = [t for t in chosen if t != UNASSIGNED]
    if len(named) > len(look.series):
        raise InputError(f"only must name at most {len(look.series)} topics: a stack has no more colours.")
    drawn = _select(full, sizes, named, centred)
    how = "around a middle line" if centred else "stacked"
    heading = title if title is not None else f"Share of all papers by topic, {how}, per {trends.every}"
    shown = drawn[~leading(drawn)]
    if not named or not shown["share"].notna().any():
        return nothing(
            fig, look, chart="stream", title=heading, columns=COLUMNS,
            sentence="There is no share to stack: no topic has papers in any period.",
        )  # fmt: skip
    data, layout, right = _draw(shown, look, trends.every, centred)
    alt, caption = _say(shown, trends.every, centred, left_out(drawn))
    return dress(
        fig, look, data, layout, chart="stream", title=heading, alt=alt, caption=caption, table=drawn,
        height=HEIGHT, margin={"r": right},
    )  # fmt: skip


def _select(full: pd.DataFrame, sizes: pd.Series, named: list[int], centred: bool) -> pd.DataFrame:
    """Return COLUMNS, one row per layer and period, layers from the bottom up."""
    n_papers = full.pivot_table(index="topic_id", columns="period", values="n_papers", aggfunc="sum")
    periods = full.drop_duplicates("period").set_index("period").sort_index()
    totals = periods["n_total"]
    in_topics = n_papers.drop(index=UNASSIGNED, errors="ignore")
    rest = totals - in_topics.sum()
    if (rest < 0).any():
        day = rest.index[rest < 0][0]
        raise InputError(
            f"These topics overlap: in {periods.loc[day, 'period_label']} they hold {in_topics[day].sum():,} "
            f"papers together, of {totals[day]:,}; shares that overlap cannot be stacked, use plot.shares."
        )
    topics = full.drop_duplicates("topic_id").set_index("topic_id")
    labels = topics["label"]
    order = sorted(named, key=lambda topic_id: (-sizes[topic_id], topic_id))
    layers: list[tuple[int | None, str, pd.Series]] = [(t, labels[t], in_topics.loc[t]) for t in order]
    if not centred:
        others = in_topics.drop(index=named)
        if len(others):
            layers.append((None, OTHER_LABEL, others.sum()))
        layers.append((UNASSIGNED, labels.get(UNASSIGNED, UNASSIGNED_LABEL), rest))
    counts = np.array([layer.to_numpy() for _, _, layer in layers]).reshape(len(layers), len(periods))
    with np.errstate(invalid="ignore", divide="ignore"):
        high = np.cumsum(counts, axis=0) / totals.to_numpy()
        shares = counts / totals.to_numpy()
    low = high - shares
    middle = high[-1] / 2 if centred and len(high) else 0.0
    tables = [
        pd.DataFrame(
            {
                "topic_id": pd.Series([topic_id] * len(periods), dtype="object"),
                "label": label,
                "period": periods.index,
                "period_label": periods["period_label"].to_numpy(),
                "n_papers": counts[at],
                "n_total": totals.to_numpy(),
                "share": shares[at],
                "complete": periods["complete"].to_numpy(),
                "low": low[at] - middle,
                "high": high[at] - middle,
                "shaky": bool(topics["shaky"].get(topic_id, False)),
            }
        )
        for at, (topic_id, label, _) in enumerate(layers)
    ]
    return pd.concat(tables, ignore_index=True)[COLUMNS] if tables else pd.DataFrame(columns=COLUMNS)


def _draw(
    drawn: pd.DataFrame, look: Theme, every: str, centred: bool
) -> tuple[list[dict[str, Any]], dict[str, Any], float]:
    """Return the areas, from the bottom up, the layout, and the right margin that names need."""
    periods = drawn[["period", "period_label", "n_total", "complete"]].drop_duplicates("period")
    layers = [rows for _, rows in drawn.groupby(drawn["topic_id"].map(str), sort=False)]
    slots = topic_slots(t for t in drawn["topic_id"].unique() if t is not None and t >= 0)
    colours = [_colour(rows["topic_id"].iloc[0], slots, look) for rows in layers]
    step = pd.date_range(periods["period"].iloc[0], periods=2, freq=PERIOD_STARTS[every])
    width = (step[1] - step[0]) * LONE
    data: list[dict[str, Any]] = []
    for rows, colour in zip(layers, colours):
        data += _layer(rows, colour, look, width)
    known = periods[periods["n_total"] > 0]
    first, last = known["period"].iloc[0], known["period"].iloc[-1]
    span = span_of(known, every)
    end = last + span * 0.04
    highest = float(drawn["high"].max()) if centred else 1.0
    low = -highest * 1.05 if centred else 0.0
    high = highest * 1.05 if centred else 1.0
    ends = drawn[drawn["period"] == last].iloc[::-1]
    shapes, annotations, right = names_at_ends(
        ends.assign(at=(ends["low"] + ends["high"]) / 2, colour=look.border),
        look, end=end, span=span, low=low, high=high,
        plot_height=(look.height or HEIGHT) - top_margin(look) - BOTTOM * look.scale,
    )  # fmt: skip
    size = {"size": look.type(12), "color": look.muted}
    yaxis: dict[str, Any] = {"range": [round(low, 5), round(high, 5)], "tickformat": ".3~%", "nticks": 6}
    if centred:
        # Around a middle line no height is a share by itself; only that of a band is.
        yaxis |= {"showticklabels": False, "tick0": 0, "dtick": _apart(highest)}
    share = f"{'height of a band = ' if centred else ''}share of all papers of the {every}"
    days = iso(known["period"])
    layout = {
        "xaxis": {
            "type": "date",
            "range": [moment(first - span * 0.01), moment(end)],
            "title": {"text": every},
            "showgrid": False,
            **ticks(periods, every, 9 if look.width is None else 7),
        },
        "yaxis": {**yaxis, "title": {"text": share}},
        "shapes": shapes,
        "annotations": [
            *annotations,
            *(
                {
                    "text": "incomplete", "x": day, "y": 1, "xref": "x", "yref": "paper",
                    "xanchor": {days[0]: "left", days[-1]: "right"}.get(day, "center"),
                    "yanchor": "bottom", "showarrow": False, "font": size,
                }
                for day in iso(known.loc[~known["complete"], "period"])
            ),
        ],
        "showlegend": False,
    }  # fmt: skip
    return data, layout, right


def _apart(highest: float) -> float:
    """Return the distance of the lines of a centred stack, as a share."""
    return 0.1 if highest > 0.15 else 0.01


def _colour(topic_id: int | None, slots: dict[int, int | None], look: Theme) -> str:
    """Return a topic's own colour, grey for the others, a paler one for the unassigned."""
    if topic_id is None:
        return look.grey
    return look.hairline if topic_id == UNASSIGNED else look.colour(slots[topic_id])


def _layer(rows: pd.DataFrame, colour: str, look: Theme, width: pd.Timedelta) -> list[dict[str, Any]]:
    """Return the whole areas of a layer, its hatched ones, and points to read its numbers at."""
    name, topic_id = plot_text(rows["label"].iloc[0]), rows["topic_id"].iloc[0]
    common: dict[str, Any] = {"type": "scatter", "name": name}
    if topic_id is not None:
        common["meta"] = about(topic_id)
    traces: list[dict[str, Any]] = []
    edge = {**common, "mode": "lines", "fill": "toself", "hoverinfo": "skip"}
    for whole in (True, False):
        days, edges = _outlines(_runs(rows, whole), width)
        if days:
            hatch: dict[str, Any] = {
                "shape": "/", "fgcolor": colour, "bgcolor": look.ground, "size": 6 * look.scale
            }  # fmt: skip
            traces.append(
                {
                    **edge, "x": days, "y": edges, "fillcolor": colour,
                    **({} if whole else {"fillpattern": hatch}),
                    "line": {"color": look.ground, "width": 1 * look.scale},
                }
            )  # fmt: skip
    known = rows[rows["share"].notna()]
    traces.append(
        {
            **common,
            "x": iso(known["period"]),
            "y": rounded((known["low"] + known["high"]) / 2, 5),
            "mode": "markers",
            # Not seen, only pointed at; the colour is what a key under a narrow chart shows.
            "marker": {"size": 14 * look.scale, "opacity": 0},
            "line": {"color": colour, "width": 2 * look.scale},
            "customdata": [
                [plot_text(label) if whole else f"{plot_text(label)}, incomplete", n, total, share]
                for label, whole, n, total, share in zip(
                    known["period_label"],
                    known["complete"],
                    known["n_papers"].tolist(),
                    known["n_total"].tolist(),
                    rounded(known["share"], 5),
                )
            ],
            "hovertemplate": HOVER,
        }
    )
    return traces


def _runs(rows: pd.DataFrame, whole: bool) -> list[pd.DataFrame]:
    """Return unbroken stretches of periods: between complete ones, or to and from incomplete ones."""
    runs: list[pd.DataFrame] = []
    filled = rows["share"].notna().tolist()
    complete = rows["complete"].tolist()
    for known, stretch in groupby(range(len(rows)), key=lambda at: filled[at]):
        places = list(stretch)
        if not known:
            continue
        if len(places) == 1:
            runs += [rows.iloc[places]] if complete[places[0]] == whole else []
            continue
        steps = list(pairwise(places))
        for kind, joined in groupby(steps, key=lambda step: complete[step[0]] and complete[step[1]]):
            chain = list(joined)
            if kind == whole:
                runs.append(rows.iloc[chain[0][0] : chain[-1][1] + 1])
    return runs


def _outlines(runs: list[pd.DataFrame], width: pd.Timedelta) -> tuple[list[str | None], list[float | None]]:
    """Return one closed outline per run, broken from the next by a gap."""
    days: list[str | None] = []
    edges: list[float | None] = []
    for run in runs:
        along = iso(run["period"])
        low, high = rounded(run["low"], 5), rounded(run["high"], 5)
        if len(run) == 1:
            day = run["period"].iloc[0]
            along, low, high = [moment(day - width), moment(day + width)], low * 2, high * 2
        gap: list[None] = [None] if days else []
        days += [*gap, *along, *along[::-1]]
        edges += [*gap, *low, *high[::-1]]
    return days, edges


def _say(drawn: pd.DataFrame, every: str, centred: bool, unseen: str) -> tuple[str, str]:
    """Return alternative text and caption: what is stacked, and the share of the named topics together."""
    periods = drawn.drop_duplicates("period")
    total = int(periods["n_total"].sum())
    span = f"{periods['period_label'].iloc[0]} to {periods['period_label'].iloc[-1]}"
    named = drawn[drawn["topic_id"].map(lambda t: t is not None and t >= 0)]
    n_named = named["label"].groupby(named["topic_id"].astype(int)).ngroups
    together = _together(named, n_named, total)
    alt = (
        f"Stacked areas of the share of all papers per {every} for {counted(n_named, 'topic')}, {span}. "
        f"{together}"
    )
    said = [
        f"Share of all papers of each {every}, {span}, {counted(total, 'paper')} in all.",
        together,
        "Named topics alone, around a middle line: the height of a band is its share, and lines are "
        f"{_apart(float(drawn['high'].max())):.0%} apart."
        if centred
        else "Named topics, largest below, then other topics and unassigned papers, add up to 100%.",
    ]
    empty = int((periods["n_total"] == 0).sum())
    if empty:
        said.append(f"{counted(empty, 'period')} without papers left blank.")
    said += doubted(drawn)
    if unseen:
        said.append(unseen)
    n_thin = int((thin(periods) & periods["n_total"].gt(0)).sum())
    if n_thin:
        said.append(f"{counted(n_thin, 'period')} with fewer than {FEW} papers, where a share says little.")
    if not periods["complete"].all():
        said.append(
            f"Incomplete and hatched: {', '.join(periods.loc[~periods['complete'], 'period_label'])}."
        )
    return alt, " ".join(said)


def _together(named: pd.DataFrame, n_named: int, total: int) -> str:
    """Say what share the named topics hold together, of all and from the first to the last firm period."""
    n_papers = int(named["n_papers"].sum())
    held = f"The {n_named} named topics hold" if n_named > 1 else "The named topic holds"
    said = f"{held} {percent(n_papers / total)} of them"
    pool = named[firm(named) & named["complete"]]
    sums = pool.groupby("period_label", sort=False)["n_papers"].sum() if len(pool) else pool["n_papers"]
    if len(sums) < 2:
        return f"{said}."
    totals = pool.drop_duplicates("period").sort_values("period")
    first, last = totals.iloc[0], totals.iloc[-1]
    shares = [sums[row["period_label"]] / row["n_total"] for row in (first, last)]
    return (
        f"{said}, {percent(shares[0])} in {first['period_label']} and {percent(shares[1])} in "
        f"{last['period_label']}."
    )
