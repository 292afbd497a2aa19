"""Terms: what each topic is about, as small multiples of bars."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from trends.core.escape import clean_text, plot_text
from trends.core.records import Topics
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._series import about, highlighted, tagged
from trends.plot._theme import Theme, theme_named, topic_slots
from trends.plot._words import breakable, counted

if TYPE_CHECKING:
    import plotly.graph_objects as go

TERMS_EACH = 8
TERMS_ON_SLIDE = 5
BAR = 22
HEAD = 56
TERM_LETTERS = 28
COLUMNS = ["topic_id", "label", "rank", "term", "weight"]
HOVER = "<b>%{customdata}</b><br>weight %{x:.3f}<extra></extra>"


def terms(
    topics: Topics,
    *,
    top: int = 8,
    only: Iterable[int | str] | None = None,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the eight heaviest terms of each topic (five on a slide), one panel per topic, on one scale.

    Parameters
    ----------
    topics
        Terms and term_weights by topic.
    top
        How many topics to show, largest first, at most six on a slide.
    only
        Topics, by id or label, to show instead.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        `plot.table` gives topic_id, label, rank (1 is the heaviest), term and weight.

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` below 1.
    """
    look = theme_named(theme)
    fits = top if look.height is None else min(top, 6)
    chosen = highlighted(topics.table["n_papers"], top if only is not None else fits, only, topics.labels)
    drawn = _select(topics.table, chosen, TERMS_EACH if look.height is None else TERMS_ON_SLIDE)
    heading = title if title is not None else "Terms that set each topic apart"
    if drawn.empty:
        return nothing(
            fig, look, chart="terms", title=heading, columns=COLUMNS,
            sentence="There are no terms to draw: no topic has any.",
        )  # fmt: skip
    shown = list(drawn["topic_id"].unique())
    across = min(len(shown), 3 if len(shown) in (3, 5, 6, 9) or look.height else 4)
    down = math.ceil(len(shown) / across)
    most = int(drawn["rank"].max())
    height = round(down * (most * BAR + HEAD) + 40 + top_margin(look))
    data, layout = _draw(drawn, topics, across, down, height, look)
    heaviest = drawn.loc[drawn["weight"].idxmax()] if drawn["weight"].notna().any() else None
    main = f"Heaviest: {heaviest['term']} in {heaviest['label']}." if heaviest is not None else ""
    alt = f"Bars of the heaviest terms of {counted(len(shown), 'topic')}. {main}"
    left = len(topics.table) - len(shown)
    caption = (
        f"The {most} heaviest terms of {counted(len(shown), 'topic')}, {len(topics.table)} in all; "
        f"a term weighs more the more often the topic uses it and the rarer it is elsewhere. {main}"
        f"{f' {left} not shown.' if left else ''}"
    )
    return dress(
        fig, look, data, layout, chart="terms", title=heading, alt=alt, caption=caption, table=drawn,
        height=height,
    )  # fmt: skip


def _select(table: pd.DataFrame, chosen: list[int], most: int) -> pd.DataFrame:
    """Return COLUMNS, the first terms of each chosen topic, by topic id and rank."""
    wanted = table.loc[chosen, ["label", "terms", "term_weights"]]
    rows = [
        (topic_id, clean_text(label), rank, clean_text(str(term)), float(weight))
        for topic_id, label, words, weights in wanted.itertuples()
        for rank, (term, weight) in enumerate(list(zip(words, weights))[:most], start=1)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _draw(
    drawn: pd.DataFrame, topics: Topics, across: int, down: int, height: int, look: Theme
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return bars and words as traces, and the layout with one pair of axes per panel."""
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"showlegend": False, "bargap": 0.25, "barmode": "overlay", "annotations": notes}
    sizes = topics.table["n_papers"]
    slots = topic_slots(drawn["topic_id"].unique())
    most, n_topics = int(drawn["rank"].max()), drawn["topic_id"].nunique()
    heaviest = float(drawn["weight"].max()) if drawn["weight"].notna().any() else 1.0
    plot_height = (look.height or height) - top_margin(look) - 60 * look.scale
    head = HEAD * look.scale / plot_height
    small = look.type(12)
    for at, (topic_id, rows) in enumerate(drawn.groupby("topic_id", sort=True)):
        row, column = divmod(at, across)
        key = "" if at == 0 else str(at + 1)
        left, right = (column + 0.0) / across, (column + 0.94 if across > 1 else 1.0) / across
        above, below = 1 - row / down, 1 - (row + 1) / down
        slot = slots[topic_id]
        ranks = rows["rank"].tolist()
        words = [plot_text(term, TERM_LETTERS) for term in rows["term"]]
        pair = {"xaxis": f"x{key}", "yaxis": f"y{key}", "meta": about(topic_id)}
        data.append(
            {
                "type": "bar",
                "x": rounded(rows["weight"], 5),
                "y": ranks,
                "orientation": "h",
                "name": plot_text(rows["label"].iloc[0]),
                "marker": {"color": look.band(slot), "line": {"color": look.colour(slot), "width": 1}},
                "customdata": words,
                "hovertemplate": HOVER,
                **pair,
            }
        )
        # The words stand on the bars, so that no panel loses its width to them.
        data.append(
            {
                "type": "scatter",
                "x": [round(heaviest * 0.015, 5)] * len(words),
                "y": ranks,
                "text": words,
                "mode": "text",
                "textposition": "middle right",
                "textfont": {"size": small, "color": look.text},
                "hoverinfo": "skip",
                "cliponaxis": False,
                **pair,
            }
        )
        lowest = at + across >= n_topics
        # No grid: its lines would run through the words.
        layout[f"xaxis{key}"] = {
            "domain": [round(left, 4), round(right, 4)],
            "anchor": f"y{key}",
            "range": [0, round(heaviest * 1.02, 5) or 1],
            "nticks": 4,
            "showgrid": False,
            "showticklabels": lowest,
            "title": {"text": "weight" if lowest else ""},
        }
        layout[f"yaxis{key}"] = {
            "domain": [round(below + 0.01, 4), round(above - head, 4)],
            "anchor": f"x{key}",
            "range": [most + 0.5, 0.5],
            "showgrid": False,
            "showticklabels": False,
        }
        heading = breakable(rows["label"].iloc[0], 26)
        notes.append(
            {
                "name": tagged("topic-name", topic_id),
                "text": f"<b>{heading}</b><br>{counted(int(sizes[topic_id]), 'paper')}",
                "x": round(left, 4),
                "y": round(above - head, 4),
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "align": "left",
                "showarrow": False,
                "font": {"size": small, "color": look.text},
            }
        )
    return data, layout
