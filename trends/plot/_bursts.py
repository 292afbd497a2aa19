"""Bursts: a bar for each stretch of periods in which a topic held far more of the papers than usual."""

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.escape import plot_text
from trends.core.periods import period_ends
from trends.core.records import Trends
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._lines import moment
from trends.plot._series import about, highlighted, labels_of, leading, series, ticks
from trends.plot._theme import Theme, theme_named, topic_slots
from trends.plot._words import EM, counted, doubted, names_of, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 26
LETTERS = 34
MOST_TIMES = 3
FEW_PERIODS = 16
"""Up to so many, no planted burst of three times the share is found among 40 topics; at 20, .38 to 1 are."""
DAY_MS = 86_400_000
COLUMNS = [
    "topic_id", "label", "kind", "start", "end", "last_day", "when", "n_papers", "n_total", "share_inside",
    "share_outside", "times", "weight", "q", "shaky",
]  # fmt: skip
HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]}: %{customdata[2]:.1%}, otherwise %{customdata[3]:.1%}"
    "<br>%{customdata[4]} of %{customdata[5]} papers<br>weight %{customdata[6]:.1f}, q %{customdata[7]:.2g}"
    "<extra></extra>"
)


def bursts(
    trends: Trends,
    *,
    top: int = 20,
    only: Iterable[int | str] | None = None,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw a row per topic and in it a bar for each burst, from its first period to the end of its last.

    Only bursts that pass the test of `timeline.measure` are there. Rows are ordered by the first burst, so
    that the history reads from top left to bottom right.

    Parameters
    ----------
    trends
        Bursts by topic.
    top
        At most so many topics (ten on a slide): those with the heaviest bursts, then the smaller id.
    only
        Topics, by id or label, to draw instead; those without a burst have no row.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        The number at a topic's last bar says how many times its usual share each burst holds, in order of
        time. `plot.table` gives topic_id, label, kind, start and end (first days of the first and the last
        period), last_day (of the burst), when (both in words), n_papers, n_total, share_inside,
        share_outside, times (missing where there are no papers outside), weight, q and shaky, in the order of
        the rows.

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` below 1.

    References
    ----------
    J. Kleinberg (2003), Bursty and hierarchical structure in streams: the weight.
    """
    look = theme_named(theme)
    asked = None if only is None else highlighted(trends.calls["n_papers"], top, only, trends.labels)
    if asked is None:
        highlighted(trends.calls["n_papers"], top, None)  # checks `top`
    found = _select(trends, asked)
    drawn = found if asked is not None else _heaviest(found, top if look.height is None else min(top, 10))
    heading = title if title is not None else "Bursts: when a topic held far more papers than usual"
    if drawn.empty:
        return nothing(
            fig, look, chart="bursts", title=heading, columns=COLUMNS, sentence=_why_none(trends, asked)
        )
    periods = _periods(trends, drawn)
    data, layout, right = _draw(drawn, periods, look, trends)
    alt, caption = _say(drawn, found, periods, trends)
    n_topics = drawn["topic_id"].nunique()
    return dress(
        fig, look, data, layout, chart="bursts", title=heading, alt=alt, caption=caption, table=drawn,
        height=round(n_topics * ROW + 64 + top_margin(look)), margin={"r": right},
    )  # fmt: skip


def _select(trends: Trends, asked: list[int] | None) -> pd.DataFrame:
    """Return COLUMNS of the bursts of these topics or of all, topics in order of their first burst."""
    from trends.timeline import period_label

    rows = trends.bursts
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    rows = rows if asked is None else rows[rows["topic_id"].isin(asked)]
    ends = period_ends(pd.DatetimeIndex(rows["end"]), trends.every)
    labels = labels_of(rows["topic_id"].unique(), trends.labels)
    words = [[period_label(day, trends.every) for day in rows[name]] for name in ("start", "end")]
    with np.errstate(divide="ignore", invalid="ignore"):
        times = rows["share_inside"].to_numpy(float) / rows["share_outside"].to_numpy(float)
    found = rows.assign(
        topic_id=rows["topic_id"].astype(int),
        label=rows["topic_id"].map(labels),
        kind=rows["kind"].astype(str),
        last_day=ends,
        when=[first if first == last else f"{first} to {last}" for first, last in zip(*words)],
        times=times,
        shaky=rows["topic_id"].isin(trends.shaky),
    )
    found["begun"] = found.groupby("topic_id")["start"].transform("min")
    return found.sort_values(["begun", "topic_id", "start"])[COLUMNS].reset_index(drop=True)


def _heaviest(found: pd.DataFrame, most: int) -> pd.DataFrame:
    """Keep the topics with the heaviest bursts, in the order that they have."""
    weights = found.groupby("topic_id")["weight"].max().sort_index()
    kept = weights.sort_values(ascending=False, kind="stable").index[:most]
    return found[found["topic_id"].isin(kept)].reset_index(drop=True)


def _periods(trends: Trends, drawn: pd.DataFrame) -> pd.DataFrame:
    """Return the periods that the axis holds: those that other charts draw too, and every burst."""
    full = series(trends)
    shown = full[~leading(full) | (full["period"] >= drawn["start"].min())]
    periods = shown.drop_duplicates("period")[["period", "period_label", "complete"]].sort_values("period")
    return periods.assign(until=period_ends(pd.DatetimeIndex(periods["period"]), trends.every))


def _draw(
    drawn: pd.DataFrame, periods: pd.DataFrame, look: Theme, trends: Trends
) -> tuple[list[dict[str, Any]], dict[str, Any], float]:
    """Return bars, layout and the right margin in px that the numbers need."""
    short = names_of(drawn, LETTERS)
    slots = topic_slots(trends.calls.index)
    rows = list(drawn.groupby("topic_id", sort=False))
    data = [_bar(topic_id, row, short[topic_id], look.colour(slots[topic_id])) for topic_id, row in rows]
    size = look.type(12)
    texts = [_times(row["times"].tolist()) for _, row in rows]
    first, last = periods["period"].iloc[0], periods["until"].iloc[-1] + pd.Timedelta(days=1)
    layout = {
        "xaxis": {
            "type": "date",
            "range": [moment(first), moment(last)],
            "title": {"text": trends.every},
            **_centred(ticks(periods, trends.every, 5), periods),
        },
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": list(short),
            "range": [len(rows) - 0.5, -0.5],
            "showgrid": False,
        },
        "barmode": "overlay",
        "bargap": 0.45,
        "showlegend": False,
        "shapes": [
            {
                "type": "rect", "xref": "x", "yref": "paper", "x0": moment(begin), "x1": moment(end), "y0": 0,
                "y1": 1, "layer": "below", "line": {"width": 0}, "fillcolor": look.surface,
            }
            for begin, end in _unfinished(periods)
        ],
        "annotations": [
            *(
                {
                    "text": text, "x": moment(row["last_day"].max() + pd.Timedelta(days=1)),
                    "y": short[topic_id], "xref": "x", "yref": "y", "xanchor": "left", "xshift": 6,
                    "showarrow": False, "font": {"size": size, "color": look.text},
                }
                for (topic_id, row), text in zip(rows, texts)
            ),
            *(
                {
                    "text": "incomplete", "x": moment(begin + (end - begin) / 2), "y": 1, "xref": "x",
                    "yref": "paper", "yanchor": "bottom", "showarrow": False,
                    "font": {"size": size, "color": look.muted},
                }
                for begin, end in _unfinished(periods)
            ),
        ],
    }  # fmt: skip
    # A number may begin at the right edge of the plot.
    return data, layout, round(max(map(len, texts)) * size * EM + 24 * look.scale)


def _bar(topic_id: int, row: pd.DataFrame, name: str, colour: str) -> dict[str, Any]:
    """Return the bars of one topic; a date axis counts their lengths in milliseconds."""
    days = (row["last_day"] - row["start"]).dt.days + 1
    return {
        "type": "bar",
        "orientation": "h",
        "base": row["start"].dt.strftime("%Y-%m-%d").tolist(),
        "x": [int(day) * DAY_MS for day in days],
        "y": [name] * len(row),
        "name": name,
        "meta": about(topic_id),
        "marker": {"color": colour, "line": {"width": 0}},
        "customdata": [
            list(values)
            for values in zip(
                row["label"].map(plot_text),
                row["when"].map(plot_text),
                rounded(row["share_inside"], 5),
                rounded(row["share_outside"], 5),
                row["n_papers"].tolist(),
                row["n_total"].tolist(),
                rounded(row["weight"], 3),
                rounded(row["q"], 6),
            )
        ],
        "hovertemplate": HOVER,
    }


def _times(times: list[float]) -> str:
    """Write how many times its usual share a topic held in each burst, the first ones of many."""
    written = ", ".join(f"×{time:.1f}" if np.isfinite(time) else "×∞" for time in times[:MOST_TIMES])
    return written + ("…" if len(times) > MOST_TIMES else "")


def _centred(axis: dict[str, list[str]], periods: pd.DataFrame) -> dict[str, list[str]]:
    """Move the names of periods, which take a stretch of this axis and not a point, to their middle."""
    middle = periods["period"] + (periods["until"] - periods["period"] + pd.Timedelta(days=1)) / 2
    places = dict(zip(periods["period"].dt.strftime("%Y-%m-%d"), middle))
    return {**axis, "tickvals": [moment(places[day]) for day in axis["tickvals"]]}


def _unfinished(periods: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the begin and end of each run of incomplete periods, which are not searched for bursts."""
    runs = []
    for complete, run in groupby(periods.itertuples(), key=lambda period: bool(period.complete)):
        days = list(run)
        if not complete:
            runs.append((days[0].period, days[-1].until + pd.Timedelta(days=1)))
    return runs


def _say(drawn: pd.DataFrame, found: pd.DataFrame, periods: pd.DataFrame, trends: Trends) -> tuple[str, str]:
    """Return alternative text and caption: how many, and the strongest."""
    best = drawn.loc[drawn["weight"].idxmax()]
    n_topics = drawn["topic_id"].nunique()
    counts = f"{counted(len(drawn), 'burst')} of {counted(n_topics, 'topic')}"
    strongest = (
        f"Strongest: {best['label']}, {best['when']}, {percent(best['share_inside'])} of papers against "
        f"{percent(best['share_outside'])} otherwise ({best['n_papers']:,} of "
        f"{counted(int(best['n_total']), 'paper')})."
    )
    alt = f"Bars over time: {counts}, of {counted(len(trends.calls), 'topic')}. {strongest}"
    said = [
        f"{counts}, of {counted(len(trends.calls), 'topic')}; each passes the test (largest q "
        f"{drawn['q'].max():.2g}).",
        strongest,
        f"A bar reaches to the end of its last {trends.every}; × says how many times the topic's share in "
        "the other periods it holds. Colours are those of the topics in other charts, grey where they have "
        "none.",
    ]
    said += doubted(drawn)
    more = found["topic_id"].nunique() - n_topics
    if more:
        said.append(f"{counted(more, 'topic')} with weaker bursts not drawn.")
    if not periods["complete"].all():
        unfinished = ", ".join(periods.loc[~periods["complete"], "period_label"])
        said.append(f"Incomplete and not searched: {unfinished}.")
    return alt, " ".join(said)


def _why_none(trends: Trends, asked: list[int] | None) -> str:
    if trends.calls.empty:
        return "No burst to draw: there are no topics."
    if asked is not None and not trends.bursts.empty:
        labels = labels_of(asked, trends.labels)
        who = f"{labels[asked[0]]} has none" if len(asked) == 1 else f"these {len(asked)} topics have none"
        return f"No burst to draw: {who} that passes the test."
    whole = trends.shares[trends.shares["complete"] & (trends.shares["n_total"] > 0)]["period"].nunique()
    few = f" So few {trends.every}s can hardly show any." if whole <= FEW_PERIODS else ""
    return (
        f"No burst to draw: in {counted(whole, f'complete {trends.every}')} no topic held so many papers "
        f"that chance would not do it.{few}"
    )
