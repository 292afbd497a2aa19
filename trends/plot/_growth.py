"""Forest plot: how fast each topic grows or declines, with its interval."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.escape import clean_text, plot_text
from trends.core.records import Trends
from trends.core.tables import UNASSIGNED
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._series import highlighted, turns
from trends.plot._theme import Theme, theme_named
from trends.plot._words import EM, counted, doubted, names_of, ratio

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 24
LETTERS = 40
LETTERS_ON_SLIDE = 30
COLUMNS = [
    "topic_id", "label", "status", "growth", "growth_low", "growth_high", "q", "n_papers", "sure", "since",
    "shaky",
]  # fmt: skip
SURE = ("emerging", "growing", "declining")
TOO_FEW = "too few to say"
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100)
HOVER = (
    "<b>%{customdata[4]}</b><br>odds ratio per year %{x:.2f}%{customdata[5]}"
    "<br>95% interval %{customdata[0]} to %{customdata[1]}<br>%{customdata[2]} papers, %{customdata[3]}"
    "<extra></extra>"
)


def growth(
    trends: Trends,
    *,
    top: int = 15,
    only: Iterable[int | str] | None = None,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the odds ratio per year of rising and falling topics with 95 % intervals, on a log axis.

    Parameters
    ----------
    trends
        Calls by topic.
    top
        At most so many topics each way (seven on a slide): those beyond chance first, then the largest
        change, then the smaller id. Drawn in order of the value.
    only
        Topics, by id or label, to draw instead, whatever their number.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        Topics called neither emerging, growing nor declining are hollow. Those with too few papers to say
        are counted in the caption and not drawn. A diamond is the growth since the topic turned.
        `plot.table` gives topic_id, label, status, growth, growth_low, growth_high, q, n_papers, sure,
        since (the period of that turn, "" for the whole span) and shaky, top row first.

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` below 1.
    """
    look = theme_named(theme)
    calls = _calls(trends, top, only)
    most = None if only is not None else min(top, 15 if look.height is None else 7)
    drawn = _select(calls, trends, most)
    heading = title if title is not None else "Rising and falling topics: change of their odds per year"
    alt, caption = _say(calls, drawn)
    if drawn.empty:
        return nothing(fig, look, chart="growth", title=heading, sentence=caption, columns=COLUMNS)
    data, layout, right = _draw(drawn, look)
    return dress(
        fig, look, data, layout, chart="growth", title=heading, alt=alt, caption=caption, table=drawn,
        height=round(len(drawn) * ROW + 110 + top_margin(look)), margin={"r": right},
        legend=1 if look.width is None else min(len(data), 2),
    )  # fmt: skip


def _calls(trends: Trends, top: int, only: Iterable[int | str] | None) -> pd.DataFrame:
    """Return the calls asked for, by topic id."""
    calls = trends.calls[trends.calls.index != UNASSIGNED].sort_index()
    if only is None:
        highlighted(calls["n_papers"], top, None)  # checks `top`
        return calls
    return calls.loc[highlighted(calls["n_papers"], top, only, trends.labels)]


def _select(calls: pd.DataFrame, trends: Trends, most: int | None) -> pd.DataFrame:
    """Return COLUMNS of the topics to draw, largest growth first; at most `most` each way."""
    from trends.timeline import period_label

    usable = calls[
        calls["growth"].gt(0) & np.isfinite(calls["growth"].astype(float)) & calls["status"].ne(TOO_FEW)
    ]
    rows = pd.DataFrame(
        {
            "topic_id": usable.index.astype(int),
            "label": usable["label"].map(clean_text).to_numpy(),
            "status": usable["status"].astype(str).to_numpy(),
            "growth": usable["growth"].to_numpy(float),
            "growth_low": usable["growth_low"].to_numpy(float),
            "growth_high": usable["growth_high"].to_numpy(float),
            "q": usable["q"].to_numpy(float),
            "n_papers": usable["n_papers"].to_numpy(),
        }
    )
    rows["sure"] = rows["status"].isin(SURE)
    since = {turn.topic_id: period_label(turn.turned, trends.every) for turn in turns(calls).itertuples()}
    rows["since"] = rows["topic_id"].map(lambda topic_id: since.get(topic_id, ""))
    rows["shaky"] = rows["topic_id"].isin(trends.shaky)
    rows["size"] = np.abs(np.log(rows["growth"]))
    rows = rows.sort_values(["sure", "size", "topic_id"], ascending=[False, False, True])
    if most is not None:
        rows = pd.concat([rows[rows["growth"] >= 1].head(most), rows[rows["growth"] < 1].head(most)])
    rows = rows.sort_values(["growth", "topic_id"], ascending=[False, True])
    return rows[COLUMNS].reset_index(drop=True)


def _draw(drawn: pd.DataFrame, look: Theme) -> tuple[list[dict[str, Any]], dict[str, Any], float]:
    """Return traces, layout and the right margin in px that the numbers need."""
    data = []
    short = names_of(drawn, LETTERS if look.width is None else LETTERS_ON_SLIDE)
    ends = drawn[["growth_low", "growth_high"]].replace([np.inf, 0], np.nan)
    # An interval may be endless; the axis then reaches twice as far as the farthest dot.
    low = max(np.nanmin([ends["growth_low"].min(), drawn["growth"].min()]), drawn["growth"].min() / 2)
    high = min(np.nanmax([ends["growth_high"].max(), drawn["growth"].max()]), drawn["growth"].max() * 2)
    edges = [min(low, 0.9) / 1.05, max(high, 1.1) * 1.05]
    for sure, turned in ((True, False), (True, True), (False, False), (False, True)):
        rows = drawn[(drawn["sure"] == sure) & (drawn["since"].ne("") == turned)]
        if rows.empty:
            continue
        symbol = "diamond" if turned else "circle"
        colour = look.accent if sure else look.border
        upper = rows["growth_high"].fillna(rows["growth"]).clip(upper=edges[1] * 2)
        lower = rows["growth_low"].fillna(rows["growth"]).clip(lower=edges[0] / 2)
        data.append(
            {
                "type": "scatter",
                "x": rounded(rows["growth"], 4),
                "y": [short[t] for t in rows["topic_id"]],
                "name": f"{'' if sure else 'not '}beyond chance{', since its turn' if turned else ''}",
                "mode": "markers",
                "marker": {
                    "symbol": symbol if sure else f"{symbol}-open",
                    "size": 9 * look.scale,
                    "color": colour,
                    "line": {"color": colour, "width": 2},
                },
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": rounded(upper - rows["growth"], 4),
                    "arrayminus": rounded(rows["growth"] - lower, 4),
                    "color": colour,
                    "thickness": 1.5 * look.scale,
                    "width": 0,
                },
                "customdata": [
                    [ratio(low), ratio(high), n, status, plot_text(label), f" since {since}" * bool(since)]
                    for low, high, n, status, label, since in zip(
                        rows["growth_low"],
                        rows["growth_high"],
                        rows["n_papers"].tolist(),
                        rows["status"],
                        rows["label"],
                        rows["since"],
                    )
                ],
                "hovertemplate": HOVER,
                "meta": {"points": rows["topic_id"].tolist()},
            }
        )
    values = _ticks(edges, 11 if look.width is None else 8)
    size = look.type(12)
    texts = [
        f"{ratio(row.growth)} ({ratio(row.growth_low)} to {ratio(row.growth_high)})"
        for row in drawn.itertuples()
    ]
    layout = {
        "xaxis": {
            "type": "log",
            "range": np.log10(edges).round(4).tolist(),
            "tickvals": values,
            "ticktext": [f"{value:g}" for value in values],
            "title": {"text": "odds ratio per year with 95% interval, log scale (1 = no change)"},
        },
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [short[t] for t in drawn["topic_id"]],
            "range": [len(drawn) - 0.5, -0.5],
            "showgrid": False,
        },
        "shapes": [
            {
                "type": "line", "xref": "x", "yref": "paper", "x0": 1, "x1": 1, "y0": 0, "y1": 1,
                "layer": "between", "line": {"color": look.muted, "width": 1},
            }
        ],
        "annotations": [
            {
                "text": text, "x": 1, "y": short[row.topic_id], "xref": "paper", "yref": "y",
                "xanchor": "left", "xshift": 8, "showarrow": False,
                "font": {"size": size, "color": look.text if row.sure else look.muted},
            }
            for row, text in zip(drawn.itertuples(), texts)
        ],
        "showlegend": True,
        "legend": {
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom",
            "font": {"size": size, "color": look.muted}, "itemclick": False, "itemdoubleclick": False,
        },
    }  # fmt: skip
    return data, layout, round(max(map(len, texts)) * size * EM + 16)


def _ticks(edges: list[float], most: int) -> list[float]:
    """Return round values inside the axis, thinned where they would crowd."""
    inside = [value for value in TICKS if edges[0] <= value <= edges[1]]
    gap = np.log(edges[1] / edges[0]) / most
    kept = [1.0]
    for value in sorted(inside, key=lambda v: abs(np.log(v))):
        if all(abs(np.log(value / other)) >= gap for other in kept):
            kept.append(float(value))
    return sorted(kept)


def _say(calls: pd.DataFrame, drawn: pd.DataFrame) -> tuple[str, str]:
    status = calls["status"].astype(str)
    rising, falling = int(status.isin(["growing", "emerging"]).sum()), int((status == "declining").sum())
    too_few = int((status == TOO_FEW).sum())
    undecided = len(calls) - rising - falling - too_few
    counts = f"{counted(rising, 'topic')} rising, {falling} falling, {undecided} not beyond chance"
    if drawn.empty:
        why = f"{counts}, {too_few} too few to say"
        if calls.empty:
            why = "there are no topics"
        elif too_few == len(calls):
            why = (
                f"all {too_few} topics have too few papers" if too_few > 1 else "the topic has too few papers"
            )
        sentence = f"No growth to draw: {why}."
        return sentence, sentence
    alt = f"Forest plot of the odds ratio per year of {counted(len(drawn), 'topic')}: {counts}."
    said = [
        "Odds ratio per year of a paper belonging to the topic, with 95% interval; right of 1 is rising.",
        f"{counts}, of {counted(len(calls), 'topic')}.",
        "Hollow: not beyond chance.",
    ]
    n_turned = int(drawn["since"].ne("").sum())
    if n_turned:
        said.append(
            f"Diamonds, {counted(n_turned, 'topic')}: growth since the topic turned, not of all time; "
            "the table says since when."
        )
    said += doubted(drawn)
    if too_few:
        said.append(
            f"{counted(too_few, 'topic')} with too few papers to say {'is' if too_few == 1 else 'are'} "
            "not drawn."
        )
    more = len(calls) - too_few - len(drawn)
    if more:
        said.append(f"{more} more not drawn.")
    return alt, " ".join(said)
