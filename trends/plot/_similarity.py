"""Similarity: how near the centres of the topics are to each other, as an ordered heat map."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.escape import clean_text
from trends.core.records import Topics
from trends.core.vectors import unit_rows
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._series import at_most, highlighted
from trends.plot._theme import Theme, theme_named
from trends.plot._tree import leaves, tree_of
from trends.plot._words import counted, names

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 20
LETTERS = 30
MOST = 40
COLUMNS = ["topic_id", "label", "other_id", "other_label", "cosine"]
HOVER = "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>cosine %{z:.2f}<extra></extra>"


def similarity(
    topics: Topics,
    *,
    top: int = MOST,
    only: Iterable[int | str] | None = None,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the cosine between the centres of every two topics, in the order of the leaves of their tree.

    Parameters
    ----------
    topics
        Topics with centroids.
    top
        How many topics to compare, largest first, at most 40 (14 on a slide).
    only
        Topics, by id or label, to compare instead, whatever their number.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        Rows and columns are the same topics in the order of `plot.hierarchy`, columns by their numbers. The
        diagonal, 1 by definition, is blank. `plot.table` gives topic_id, label, other_id, other_label and
        cosine (-1 to 1), each pair once, the first of it the one above.

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` below 1.
    """
    look = theme_named(theme)
    fits = MOST if look.height is None else 14
    chosen = highlighted(
        topics.table["n_papers"], at_most(top, fits) if only is None else top, only, topics.labels
    )
    table, merges, centroids = tree_of(topics, chosen)
    heading = title if title is not None else "Similarity of topics: cosine of their centres"
    if len(table) < 2:
        why = "there is one topic only" if len(table) else "there are no topics"
        return nothing(
            fig, look, chart="similarity", title=heading, columns=COLUMNS,
            sentence=f"No similarity to draw: {why}.",
        )  # fmt: skip
    order = leaves(table, merges)
    rows = unit_rows(centroids[table.index.get_indexer(order)].astype("float64"))
    cosines = rows @ rows.T
    labels = pd.Series([clean_text(str(table.loc[t, "label"])) for t in order], index=order)
    drawn = _select(labels, cosines)
    data, layout = _draw(labels, cosines, look)
    alt, caption = _say(topics, drawn, len(order))
    return dress(
        fig, look, data, layout, chart="similarity", title=heading, alt=alt, caption=caption, table=drawn,
        height=round(max(len(order), 6) * ROW + 70 + top_margin(look)),
    )  # fmt: skip


def _select(labels: pd.Series, cosines: np.ndarray) -> pd.DataFrame:
    """Return COLUMNS, one row per pair, row by row of the upper triangle."""
    above, right = np.triu_indices(len(labels), k=1)
    ids, texts = labels.index.to_numpy(dtype="int64"), labels.to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "topic_id": ids[above],
            "label": texts[above],
            "other_id": ids[right],
            "other_label": texts[right],
            "cosine": cosines[above, right],
        }
    )


def _draw(labels: pd.Series, cosines: np.ndarray, look: Theme) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    short = names(labels, LETTERS)
    size = look.type(12)
    small = {"size": size, "color": look.muted}
    between = cosines[~np.eye(len(labels), dtype=bool)]
    numbers = [str(at) for at in range(1, len(labels) + 1)]
    every = 1 if len(labels) <= 20 or look.height else 2
    blank = np.where(np.eye(len(labels), dtype=bool), np.nan, cosines)
    cells = {
        "type": "heatmap",
        "x": numbers,
        "y": [f"{short[t]}  {number}" for t, number in zip(labels.index, numbers)],
        "z": [rounded(row, 4) for row in blank],
        "customdata": [[[short[a], short[b]] for b in labels.index] for a in labels.index],
        "meta": {"rows": [int(t) for t in labels.index], "columns": [int(t) for t in labels.index]},
        "colorscale": "Cividis",
        "zmin": round(float(between.min()), 4),
        "zmax": round(float(between.max()), 4) if between.max() > between.min() else 1.0,
        "xgap": 1,
        "ygap": 1,
        "hoverongaps": False,
        "hovertemplate": HOVER,
        "colorbar": {
            "title": {"text": "cosine", "font": small},
            "tickformat": ".2~f",
            "tickfont": small,
            "nticks": 6,
            "thickness": 12 * look.scale,
            "outlinewidth": 0,
            "len": 1,
            "ypad": 0,
        },
    }
    layout = {
        "xaxis": {
            "type": "category",
            "title": {"text": "topic, by its number in the list"},
            "showgrid": False,
            "tickvals": numbers[::every],
        },
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "showgrid": False,
            "tickfont": {"size": size, "color": look.text},
        },
    }
    return [cells], layout


def _say(topics: Topics, drawn: pd.DataFrame, n_topics: int) -> tuple[str, str]:
    """Return alternative text and caption: how many, the closest and the farthest pair."""
    close, far = drawn.loc[drawn["cosine"].idxmax()], drawn.loc[drawn["cosine"].idxmin()]
    closest = f"Closest: {close['label']} and {close['other_label']}, {close['cosine']:.2f}."
    alt = f"Heat map of the cosine between {counted(n_topics, 'topic')}. {closest}"
    said = [
        f"Cosine between the centres of {counted(n_topics, 'topic')}, in the order of the leaves of their "
        "tree (Ward), so that like stands beside like; the diagonal is blank.",
        closest,
        f"Farthest: {far['label']} and {far['other_label']}, {far['cosine']:.2f}.",
        "Colours reach from the farthest to the closest pair: they compare within this chart only.",
    ]
    rest = len(topics.table) - n_topics
    if rest:
        said.append(f"{counted(rest, 'smaller topic')} not drawn.")
    return alt, " ".join(said)
