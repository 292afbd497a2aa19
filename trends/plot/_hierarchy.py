"""Dendrogram: which topics are alike, and the themes that they gather into."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from trends.core.escape import clean_text
from trends.core.records import Topics
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._series import at_most, highlighted
from trends.plot._theme import Theme, theme_named, topic_slots
from trends.plot._tree import leaves, tree_of
from trends.plot._words import counted, names

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 21
LETTERS = 34
MOST_NAMED = 6
COLUMNS = ["node", "label", "left", "right", "distance", "place", "n_papers", "n_topics", "theme_id"]
HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]} topics, %{customdata[2]} papers<br>joined at %{x:.3f}"
    "<extra></extra>"
)
HOVER_LEAF = "<b>%{customdata[0]}</b><br>%{customdata[1]} papers<extra></extra>"


def hierarchy(
    topics: Topics,
    *,
    top: int = 60,
    only: Iterable[int | str] | None = None,
    themes: int = 6,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the tree in which topics join two by two, nearest first, and the themes at a cut through it.

    Parameters
    ----------
    topics
        Topics with centroids; with all of them drawn the tree is `topics.hierarchy()`.
    top
        How many topics to join, largest first, at most 60 (14 on a slide).
    only
        Topics, by id or label, to join instead, whatever their number.
    themes
        How many themes the cut leaves at most, as in `topics.themes`.
    theme
        "light", "dark", "slide" or "print": what the chart looks like.
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        Leaves are on the left with their labels, a point in the topic's colour each; themes stand on grounds
        by turns. `plot.table` gives leaves from top to bottom, then joins, nearest first: node (topic_id or
        the id of the join), label ("" for a join), left and right (what is joined, missing for a leaf),
        distance (Ward's, 0 for a leaf), place (row, from 0), n_papers, n_topics and theme_id (missing for
        joins right of the cut).

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` or `themes` below 1.

    References
    ----------
    Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. JASA 58, 236-244.
    """
    from trends.core.views import themes as gathered

    look = theme_named(theme)
    fits = 60 if look.height is None else 14
    chosen = highlighted(
        topics.table["n_papers"], at_most(top, fits) if only is None else top, only, topics.labels
    )
    chosen = [t for t in chosen if t >= 0]
    table, merges, _ = tree_of(topics, chosen)
    groups = gathered(table, merges, themes)
    drawn = _select(table, merges, groups)
    heading = title if title is not None else "How topics join: Ward's distance between their centres"
    if len(table) < 2:
        why = "there is one topic only" if len(table) else "there are no topics"
        return nothing(
            fig, look, chart="hierarchy", title=heading, columns=COLUMNS, sentence=f"No tree to draw: {why}."
        )
    cut = _cut(merges, groups.nunique())
    data, layout = _draw(drawn, merges, cut, look)
    alt, caption = _say(topics, drawn, groups)
    return dress(
        fig, look, data, layout, chart="hierarchy", title=heading, alt=alt, caption=caption, table=drawn,
        height=round(len(table) * ROW + 70 + top_margin(look)),
    )  # fmt: skip


def _select(table: pd.DataFrame, merges: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Return COLUMNS: leaves from top to bottom, then joins, nearest first."""
    order = leaves(table, merges)
    place: dict[int, float] = {topic_id: float(row) for row, topic_id in enumerate(order)}
    rows: list[tuple[Any, ...]] = [
        (
            t, clean_text(str(table.loc[t, "label"])), None, None, 0.0, place[t],
            int(table.loc[t, "n_papers"]), 1, int(groups[t]),
        )
        for t in order
    ]  # fmt: skip
    for join in merges.itertuples():
        place[join.node] = (place[join.left] + place[join.right]) / 2
        inside = groups.loc[list(join.topics)].unique()
        rows.append(
            (
                int(join.node), "", int(join.left), int(join.right), float(join.distance), place[join.node],
                int(join.n_papers), len(join.topics), int(inside[0]) if len(inside) == 1 else None,
            )
        )  # fmt: skip
    drawn = pd.DataFrame(rows, columns=COLUMNS)
    missing = {name: drawn[name].astype("object") for name in ("left", "right", "theme_id")}
    return drawn.assign(**{n: column.where(column.notna(), None) for n, column in missing.items()})


def _cut(merges: pd.DataFrame, n_themes: int) -> float | None:
    """Return a distance between the last join within a theme and the first of two; None for one theme."""
    if n_themes < 2:
        return None
    distances = [0.0, *merges["distance"]]
    return (distances[-n_themes] + distances[-n_themes + 1]) / 2


def _draw(
    drawn: pd.DataFrame, merges: pd.DataFrame, cut: float | None, look: Theme
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return branches, joins and leaves as traces, and the layout with themes as grounds."""
    tips = drawn[drawn["n_topics"] == 1]
    joins = drawn[drawn["n_topics"] > 1]
    short = names(tips.set_index("node")["label"], LETTERS)
    sizes = tips.set_index("node")["n_papers"]
    at = drawn.set_index("node")[["distance", "place", "theme_id"]]
    highest = float(joins["distance"].max()) or 1.0
    data = [_branches(joins, at, look, within) for within in (False, True)]
    data = [trace for trace in data if trace["x"]]
    plain = {
        "type": "scatter", "mode": "markers", "cliponaxis": False, "showlegend": False,
    }  # fmt: skip
    data.append(
        {
            **plain,
            "name": "joins",
            "x": rounded(joins["distance"], 5),
            "y": rounded(joins["place"], 4),
            "marker": {"size": 5 * look.scale, "color": look.border},
            "customdata": [
                [_inside(join.topics, sizes, short), len(join.topics), join.n_papers]
                for join in merges.itertuples()
            ],
            "hovertemplate": HOVER,
        }
    )
    slots = topic_slots(int(t) for t in tips["node"])
    data.append(
        {
            **plain,
            "name": "topics",
            "x": [0.0] * len(tips),
            "y": rounded(tips["place"], 4),
            "marker": {
                "size": 9 * look.scale,
                "color": [look.colour(slots[int(t)]) for t in tips["node"]],
            },
            "customdata": [[short[row.node], row.n_papers] for row in tips.itertuples()],
            "meta": {"points": [int(t) for t in tips["node"]]},
            "hovertemplate": HOVER_LEAF,
        }
    )
    # On the category-like axis of rows a theme takes its rows whole.
    spans = tips.groupby("theme_id", sort=False)["place"].agg(["min", "max"])
    grounds = [
        {
            "type": "rect", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "layer": "below",
            "y0": round(float(low) - 0.5, 4), "y1": round(float(high) + 0.5, 4),
            "fillcolor": look.surface, "line": {"width": 0},
        }
        for low, high in spans.iloc[::2].itertuples(index=False)
    ]  # fmt: skip
    strokes = [] if cut is None else [
        {
            "type": "line", "xref": "x", "yref": "paper", "x0": round(cut, 5), "x1": round(cut, 5),
            "y0": 0, "y1": 1, "layer": "below",
            "line": {"color": look.muted, "width": 1, "dash": "2px,3px"},
        }
    ]  # fmt: skip
    small = {"size": look.type(12), "color": look.muted}
    layout = {
        "xaxis": {
            "range": [round(-0.02 * highest, 5), round(1.04 * highest, 5)],
            "nticks": 6,
            "title": {"text": "Ward's distance (0 = the same direction)"},
        },
        "yaxis": {
            "range": [len(tips) - 0.5, -0.5],
            "tickvals": rounded(tips["place"], 4),
            "ticktext": [short[t] for t in tips["node"]],
            "tickfont": {"size": look.type(12), "color": look.text},
            "showgrid": False,
        },
        "shapes": [*grounds, *strokes],
        "annotations": []
        if cut is None
        else [
            {
                "text": f"cut: {counted(len(spans), 'theme')}", "x": round(cut, 5), "y": 1, "xref": "x",
                "yref": "paper", "yanchor": "bottom", "showarrow": False, "font": small,
            }
        ],
        "showlegend": False,
    }  # fmt: skip
    return data, layout


def _branches(joins: pd.DataFrame, at: pd.DataFrame, look: Theme, within: bool) -> dict[str, Any]:
    """Return the brackets of the joins within themes, firm, or of those of themes, thin."""
    days: list[float | None] = []
    places: list[float | None] = []
    for join in joins[joins["theme_id"].notna() == within].itertuples():
        left, right = at.loc[join.left], at.loc[join.right]
        days += [
            *rounded([left["distance"], join.distance, join.distance, right["distance"]], 5), None
        ]  # fmt: skip
        places += [*rounded([left["place"], left["place"], right["place"], right["place"]], 4), None]
    return {
        "type": "scatter",
        "name": "within a theme" if within else "between themes",
        "x": days,
        "y": places,
        "mode": "lines",
        "line": {
            "color": look.accent if within else look.grey,
            "width": (2 if within else 1) * look.scale,
        },
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _inside(topic_ids: tuple[int, ...], sizes: pd.Series, short: pd.Series) -> str:
    """Name the two largest topics under a join."""
    largest = sorted(topic_ids, key=lambda t: (-int(sizes[t]), t))[:2]
    return ", ".join(short[t] for t in largest) + ("…" if len(topic_ids) > 2 else "")


def _say(topics: Topics, drawn: pd.DataFrame, groups: pd.Series) -> tuple[str, str]:
    """Return alternative text and caption: what joins first, and the themes by their largest topics."""
    tips = drawn[drawn["n_topics"] == 1].set_index("node")
    first = drawn[drawn["n_topics"] == 2].iloc[0]
    pair = f"{tips.loc[first['left'], 'label']} and {tips.loc[first['right'], 'label']}"
    nearest = f"First to join: {pair}, at {first['distance']:.2f}."
    n_themes = int(groups.nunique())
    alt = f"Tree of {counted(len(tips), 'topic')} in {counted(n_themes, 'theme')}. {nearest}"
    said = [
        f"{counted(len(tips), 'topic')}, {int(tips['n_papers'].sum()):,} papers, joined two by two by Ward's "
        "criterion on the directions of their centres, every topic counting alike.",
        nearest,
        f"The dotted cut leaves {counted(n_themes, 'theme')}, on grounds by turns: {_themes(tips, groups)}."
        if n_themes > 1
        else "No cut: all are one theme.",
    ]
    rest = len(topics.table) - len(tips)
    if rest:
        said.append(f"{counted(rest, 'topic')} not drawn and not in the tree.")
    return alt, " ".join(said)


def _themes(tips: pd.DataFrame, groups: pd.Series) -> str:
    """Name each theme by its largest topic, the largest themes first."""
    named = []
    for _, members in groups.groupby(groups):
        rows = tips[tips.index.isin(members.index)].sort_values(["n_papers", "node"], ascending=[False, True])
        more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        named.append(f"{rows['label'].iloc[0]}{more} ({counted(int(rows['n_papers'].sum()), 'paper')})")
    return ", ".join(named[:MOST_NAMED]) + ("…" if len(named) > MOST_NAMED else "")
