"""Forecast: the share of a few topics so far and, dashed, the share to come, where the past showed skill."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from trends.core.escape import clean_text, plot_text
from trends.core.naming import ids_of
from trends.core.records import Trends
from trends.plot._dress import dress, nothing, rounded
from trends.plot._lines import HEIGHT, MOST_BANDS, axes_and_names, band, ceiling_of, has_interval, line_of
from trends.plot._lines import HOVER as MEASURED
from trends.plot._series import (
    COLUMNS,
    about,
    highlighted,
    iso,
    labels_of,
    leading,
    left_out,
    series,
    thin,
)
from trends.plot._theme import Theme, theme_named, topic_slots
from trends.plot._words import counted, doubted, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

DASH = "9px,5px"
PARTS = ("measured", "forecast")
HOVER = (
    "<b>%{fullData.name}</b><br>%{customdata[0]}, forecast: %{y:.1%}"
    "<br>80% interval %{customdata[1]:.1%} to %{customdata[2]:.1%}<extra></extra>"
)


def forecast(
    trends: Trends,
    *,
    top: int = 3,
    only: Iterable[int | str] | None = None,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the share of a few topics per period and its forecast with 80 % intervals.

    Only topics whose forecasts of the past beat the simple rules are drawn; where there are none, the chart
    is a sentence that says why.

    Parameters
    ----------
    trends
        Shares, forecast and skill by topic.
    top
        How many topics with a forecast to draw, largest first.
    only
        Topics, by id or label, to draw instead, as far as they have a forecast.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        Measured shares as in `plot.shares`, with the 95 % intervals of up to three topics as bands; the
        forecast is dashed. `plot.table` gives topic_id, label, period, period_label, n_papers, n_total
        (both missing in what is to come), share, share_low, share_high, complete (False in what is to
        come), shaky and part ("measured", with 95 % intervals, or "forecast", with 80 %).

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` below 1.
    """
    look = theme_named(theme)
    drawn = _select(trends, top if only is not None else min(top, look.most_series), only)
    heading = title if title is not None else f"Share of all papers per {trends.every}, and its forecast"
    if drawn.empty:
        return nothing(
            fig, look, chart="forecast", title=heading, columns=[*COLUMNS, "part"],
            sentence=_why_none(trends, only),
        )  # fmt: skip
    past, ahead = (drawn[drawn["part"] == part] for part in PARTS)
    shown = past[~leading(past)]
    data, layout, right = _draw(shown, ahead, look, trends.every)
    alt, caption = _say(trends, shown, ahead, left_out(past))
    return dress(
        fig, look, data, layout, chart="forecast", title=heading, alt=alt, caption=caption, table=drawn,
        height=HEIGHT, margin={"r": right},
    )  # fmt: skip


def _select(trends: Trends, top: int, only: Iterable[int | str] | None) -> pd.DataFrame:
    """Return what was measured and what is forecast of the chosen topics, by topic and period."""
    from trends.timeline import period_label

    full = series(trends)
    with_skill = _with_skill(trends)
    sizes = full.groupby("topic_id")["n_papers"].sum()
    chosen = highlighted(
        sizes[sizes.index.isin(with_skill)] if only is None else sizes, top, only, trends.labels
    )
    chosen = [topic_id for topic_id in chosen if topic_id in with_skill]
    if not chosen:
        return pd.DataFrame(columns=[*COLUMNS, "part"])
    past = full[full["topic_id"].isin(chosen)].assign(part=PARTS[0])
    rows = trends.forecast[trends.forecast["topic_id"].isin(chosen)]
    ahead = pd.DataFrame(
        {
            "topic_id": rows["topic_id"].astype(int),
            "label": rows["topic_id"].map(labels_of(chosen, trends.labels)),
            "period": rows["period"],
            "period_label": [period_label(day, trends.every) for day in rows["period"]],
            "n_papers": None,
            "n_total": None,
            **{name: rows[name] for name in ("share", "share_low", "share_high")},
            "complete": False,
            "shaky": rows["topic_id"].isin(trends.shaky),
            "part": PARTS[1],
        }
    )
    both = pd.concat([past.astype({"n_papers": object, "n_total": object}), ahead])
    both["n"] = both["part"].map(PARTS.index)
    return both.sort_values(["topic_id", "n", "period"])[[*COLUMNS, "part"]].reset_index(drop=True)


def _with_skill(trends: Trends) -> set[int]:
    """Return the topics that have a forecast and may show it."""
    if trends.skill.empty or trends.forecast.empty:
        return set()
    shown = trends.skill.index[trends.skill["shown"].to_numpy(bool)]
    return {int(topic_id) for topic_id in shown} & set(trends.forecast["topic_id"])


def _draw(
    past: pd.DataFrame, ahead: pd.DataFrame, look: Theme, every: str
) -> tuple[list[dict[str, Any]], dict[str, Any], float]:
    """Return bands, lines and their dashed ends, the layout, and the right margin in px."""
    past = past.astype({"n_papers": "int64", "n_total": "int64"})
    past = past.assign(thin=thin(past))
    slots = topic_slots(past["topic_id"].unique())
    lines = list(past.groupby("topic_id"))
    banded = len(lines) <= MOST_BANDS
    highest = [*ahead["share_high"], *past.loc[has_interval(past) & banded, "share_high"]]
    ceiling = max(ceiling_of(past, past), max(highest) * 1.05)
    last = past[past["complete"] & past["share"].notna()].groupby("topic_id").tail(1).set_index("topic_id")
    data = []
    for topic_id, line in lines:
        if banded and (area := band(line, look.band(slots[topic_id]))):
            data.append(area)
        data.append(
            _fan(last.loc[topic_id], ahead[ahead["topic_id"] == topic_id], look.band(slots[topic_id]))
        )
    for topic_id, line in lines:
        data += line_of(line, slots[topic_id], look, ceiling, dash="solid")
        mine = ahead[ahead["topic_id"] == topic_id]
        data.append(_dashed(last.loc[topic_id], mine, look.colour(slots[topic_id]), look))
    names = ["period", "period_label"]
    periods = pd.concat([past[names], ahead[names]]).drop_duplicates("period").sort_values("period")
    ends = ahead.groupby("topic_id").tail(1)
    layout, right = axes_and_names(periods, ends, slots, look, every, ceiling)
    layout["annotations"].append(
        {
            "text": "forecast", "x": max(iso(ahead["period"])), "y": 1, "xref": "x", "yref": "paper",
            "xanchor": "right", "yanchor": "bottom", "showarrow": False,
            "font": {"size": look.type(12), "color": look.muted},
        }
    )  # fmt: skip
    return data, layout, right


def _fan(last: pd.Series, ahead: pd.DataFrame, colour: str) -> dict[str, Any]:
    """Return the 80 % interval as an outline that opens from the last complete period."""
    days = iso(pd.concat([pd.Series([last["period"]]), ahead["period"]]))
    high, low = (rounded([last["share"], *ahead[name]], 5) for name in ("share_high", "share_low"))
    return {
        "type": "scatter", "x": days + days[:0:-1], "y": high + low[:0:-1], "fill": "toself",
        "fillcolor": colour, "mode": "lines", "line": {"width": 0}, "name": plot_text(last["label"]),
        "hoverinfo": "skip", "meta": about(last.name),
    }  # fmt: skip


def _dashed(last: pd.Series, ahead: pd.DataFrame, colour: str, look: Theme) -> dict[str, Any]:
    """Return the forecast, tied to the last complete period."""
    told = [
        [plot_text(label), low, high]
        for label, low, high in zip(
            ahead["period_label"], rounded(ahead["share_low"], 5), rounded(ahead["share_high"], 5)
        )
    ]
    return {
        "type": "scatter",
        "x": [last["period"].strftime("%Y-%m-%d"), *iso(ahead["period"])],
        "y": rounded([last["share"], *ahead["share"]], 5),
        "name": plot_text(last["label"]),
        "mode": "lines",
        "line": {"color": colour, "width": 2 * look.scale, "dash": DASH},
        "customdata": [_measured(last), *told],
        "hovertemplate": [MEASURED, *[HOVER] * len(told)],
        "meta": about(last.name),
    }


def _measured(last: pd.Series) -> list[Any]:
    numbers = rounded([last["share_low"], last["share_high"]], 5)
    return [plot_text(last["period_label"]), int(last["n_papers"]), int(last["n_total"]), *numbers]


def _say(trends: Trends, past: pd.DataFrame, ahead: pd.DataFrame, unseen: str) -> tuple[str, str]:
    """Return alternative text and caption: how far, how sure, and how well the past was forecast."""
    n_topics = ahead["topic_id"].nunique()
    sizes = past.groupby("topic_id")["n_papers"].sum().astype(int).sort_index()
    end = ahead[ahead["topic_id"] == int(sizes.idxmax())].iloc[-1]
    main = (
        f"{end['label']} in {end['period_label']}: {percent(end['share'])} of papers, 80% interval "
        f"{100 * end['share_low']:.1f} to {percent(end['share_high'])}."
    )
    alt = (
        f"Line chart of the share of all papers per {trends.every} and its forecast for "
        f"{counted(n_topics, 'topic')}. {main}"
    )
    skill = trends.skill.iloc[0]
    said = [
        f"Share of all papers of each {trends.every} for {counted(n_topics, 'topic')}: measured, and "
        "(dashed) forecast.",
        main,
        f"Replayed from {counted(int(skill['n_origins']), trends.every)} of the past, the error was "
        f"{skill['pooled_mase']:.2f} of the simple rules' over all topics, and "
        f"{skill['pooled_coverage']:.0%} of the shares lay inside the 80% interval.",
        "Bands are 95% intervals of what was measured and 80% intervals of what is to come."
        if n_topics <= MOST_BANDS
        else "Bands are 80% intervals.",
    ]
    with_skill = len(_with_skill(trends))
    if with_skill > n_topics:
        said.append(f"{counted(with_skill - n_topics, 'other topic')} with a forecast not drawn.")
    if len(trends.calls) > with_skill:
        said.append(f"{counted(len(trends.calls) - with_skill, 'topic')} without skill and so without one.")
    unfinished = past.loc[~past["complete"], "period_label"].drop_duplicates().tolist()
    if unfinished:
        said.append(f"Incomplete, hollow, not used: {', '.join(unfinished)}.")
    said += doubted(past)
    if unseen:
        said.append(unseen)
    return alt, " ".join(said)


def _why_none(trends: Trends, only: Iterable[int | str] | None) -> str:
    """Say why no topic has a forecast, in numbers of the back-test."""
    skill = trends.skill
    if trends.calls.empty:
        return "No forecast: there are no topics."
    if skill.empty:
        return "No forecast: none was made."
    asked = [] if only is None else [t for t in ids_of(only, trends.labels) if t in skill.index]
    if len(asked) == 1:
        label = clean_text(str(trends.labels.get(asked[0], f"topic {asked[0]}")))
        return f"No forecast of {label}: {skill.loc[asked[0], 'reason']}."
    reasons = skill["reason"].value_counts().sort_index()
    first = skill.iloc[0]
    pooled, limit = float(first["pooled_mase"]), float(first["pooled_limit"])
    if len(reasons) == 1:
        return f"No forecast: {reasons.index[0]}."
    if pooled >= 1:
        return f"No forecast: no better than the simple rules (error {pooled:.2f} of theirs)."
    if pooled >= limit:
        return (
            f"No forecast: no better than the simple rules by more than luck (error {pooled:.2f} of theirs, "
            f"below {limit:.2f} is needed)."
        )
    better = skill[skill["mase"] < 1]["reason"].value_counts()
    if len(better):
        return f"No forecast: {better.index[0]}."
    return "No forecast: no topic's own past was forecast better than by the simple rules."
