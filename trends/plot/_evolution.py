"""Evolution: how the papers of the topics of one study lie in the topics of the next."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.diff import Diff
from trends.core.escape import clean_text
from trends.core.tables import UNASSIGNED, UNASSIGNED_LABEL
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._series import about, at_most, highlighted
from trends.plot._spread import spread
from trends.plot._theme import Theme, theme_named, topic_slots
from trends.plot._words import EM, counted, names, percent, width

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLUMNS = ["earlier_id", "label_before", "topic_id", "label", "n_papers", "left", "right"]
OTHER, NEW, GONE = "other topics", "new papers", "gone"
LETTERS = 26
ROW = 22
"""Height in px of a name at the page's type size."""

GAP = 0.012
"""Part of the height between two topics."""

BAR = 0.022
"""Width of a topic's bar as a part of the chart's."""

STEPS = 20
"""Points along each side of a ribbon."""

LAST = {OTHER: 1, UNASSIGNED_LABEL: 2, NEW: 3, GONE: 3}
"""What stands below the named topics, in this order."""

HOVER = (
    "<b>%{customdata[0]}</b> to <b>%{customdata[1]}</b><br>%{customdata[2]} papers: %{customdata[3]:.0%} of "
    "the earlier, %{customdata[4]:.0%} of the later<extra></extra>"
)


def evolution(
    diff: Diff,
    *,
    top: int = 20,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the topics of an earlier study, those of a later one, and the papers that lie in both as ribbons.

    Parameters
    ----------
    diff
        What `Study.diff` returns.
    top
        How many topics to name on each side, largest first, at most 20 (8 on a slide).
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        Earlier topics on the left, later ones on the right, all as high as they have papers; the other
        topics, the unassigned, new and gone papers below them. A ribbon has the colour of the later topic.
        `plot.table` gives one row per ribbon: earlier_id and topic_id (-1 for unassigned, missing for other
        topics, new papers and those gone), label_before, label, n_papers, and left and right, where its upper
        edge leaves and arrives, in papers from the top, gaps between topics included.

    Raises
    ------
    InputError
        An unknown theme, or `top` below 1.
    """
    look = theme_named(theme)
    fits = 20 if look.height is None else 8
    drawn = _select(diff.flows, at_most(top, fits))
    heading = title if title is not None else "How the topics of the earlier study lie in those of this one"
    if not len(drawn):
        return nothing(
            fig, look, chart="evolution", title=heading, columns=COLUMNS,
            sentence="There is nothing to draw: neither study has papers.",
        )  # fmt: skip
    data, layout, margins = _draw(drawn, look)
    alt, caption = _say(diff, drawn)
    rows = max(drawn["label_before"].nunique(), drawn["label"].nunique())
    return dress(
        fig, look, data, layout, chart="evolution", title=heading, alt=alt, caption=caption,
        table=drawn[COLUMNS], height=round(max(320, rows * ROW * 1.15) + 60 + top_margin(look)),
        margin=margins,
    )  # fmt: skip


def _select(flows: pd.DataFrame, top: int) -> pd.DataFrame:
    """Return COLUMNS and the two nodes of each ribbon, from the top down on the right."""
    sides = {"earlier_id": "label_before", "topic_id": "label"}
    table = flows[["n_papers"]].astype("int64")
    for name, label in sides.items():
        sizes = flows[flows[name].notna()].groupby(name)["n_papers"].sum()
        kept = set(highlighted(sizes, top, None)) | {UNASSIGNED}
        ids = [None if pd.isna(t) else int(t) for t in flows[name]]
        absent = NEW if name == "earlier_id" else GONE
        table[name] = pd.Series([t if t in kept else None for t in ids], index=flows.index, dtype="object")
        table[label] = [
            absent if t is None else clean_text(str(said)) if t in kept else OTHER
            for t, said in zip(ids, flows[label])
        ]
        # Two topics may bear one name, or that of the rest; a node is told by its id where it has one.
        table[f"{name}_node"] = [f"{t}" if t in kept else absent if t is None else OTHER for t in ids]
    table = table.groupby(["earlier_id_node", "topic_id_node"], as_index=False, sort=True).agg(
        {"n_papers": "sum", **dict.fromkeys([*sides, *sides.values()], "first")}
    )
    table = table.astype(dict.fromkeys(sides, "object"))
    for name in sides:
        table[name] = table[name].map(lambda t: None if t is None or pd.isna(t) else int(t)).astype("object")
    return _placed(table)


def _placed(table: pd.DataFrame) -> pd.DataFrame:
    """Put the later topics in the order of their size, the earlier ones where most of them goes."""
    gap = GAP * table["n_papers"].sum()
    right = _order(table, "topic_id", -table.groupby("topic_id_node")["n_papers"].sum().astype(float))
    at = {node: place for place, node in enumerate(right)}
    goes = table["topic_id_node"].map(at) * table["n_papers"]
    sums = table.groupby("earlier_id_node")["n_papers"].sum()
    left = _order(table, "earlier_id", goes.groupby(table["earlier_id_node"]).sum() / sums)
    place = {"earlier_id": {n: i for i, n in enumerate(left)}, "topic_id": at}
    for name, other, edge in (("earlier_id", "topic_id", "left"), ("topic_id", "earlier_id", "right")):
        mine, its = table[f"{name}_node"].map(place[name]), table[f"{other}_node"].map(place[other])
        order = pd.DataFrame({"mine": mine, "its": its}).sort_values(["mine", "its"]).index
        stacked = table.loc[order, "n_papers"]
        start = stacked.cumsum() - stacked + gap * mine[order]
        table[edge] = start.reindex(table.index)
    order = table.sort_values(["right", "left"]).index
    return table.loc[order].reset_index(drop=True)


def _order(table: pd.DataFrame, name: str, key: pd.Series) -> list[str]:
    nodes = table.drop_duplicates(f"{name}_node").set_index(f"{name}_node")
    last = [LAST.get(UNASSIGNED_LABEL if node == str(UNASSIGNED) else node, 0) for node in nodes.index]
    ids = [float("inf") if t is None else t for t in nodes[name]]
    frame = pd.DataFrame({"last": last, "key": key.reindex(nodes.index), "id": ids}, index=nodes.index)
    return list(frame.sort_values(["last", "key", "id"]).index)


def _nodes(drawn: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the topics of one side from the top down: id, label, low, high, n_papers."""
    label, edge = ("label_before", "left") if name == "earlier_id" else ("label", "right")
    grouped = drawn.groupby(f"{name}_node", sort=False)
    nodes = pd.DataFrame(
        {
            "id": grouped[name].first(),
            "label": grouped[label].first(),
            "low": grouped[edge].min(),
            "n_papers": grouped["n_papers"].sum(),
        }
    )
    nodes["high"] = nodes["low"] + nodes["n_papers"]
    return nodes.sort_values("low")


def _draw(drawn: pd.DataFrame, look: Theme) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, float]]:
    """Return ribbons, bars and points as traces, the layout, and the margins that names need."""
    before, now = _nodes(drawn, "earlier_id"), _nodes(drawn, "topic_id")
    slots = topic_slots(int(t) for t in now["id"] if t is not None and t >= 0)
    colours = {node: _colour(t, slots, look) for node, t in now["id"].items()}
    heirs = _heirs(drawn)
    bars = [(0.0, node, row, colours.get(heirs.get(node, ""), look.grey)) for node, row in before.iterrows()]
    bars += [(1.0, str(node), row, colours[node]) for node, row in now.iterrows()]
    # Papers that are in one study alone would cross everything; they lie behind and have no colour.
    apart = (drawn["earlier_id_node"] == NEW) | (drawn["topic_id_node"] == GONE)
    data = [_ribbon(row, look.grey, 0.25) for row in drawn[apart].itertuples()]
    data += [_ribbon(row, colours[row.topic_id_node], 0.4) for row in drawn[~apart].itertuples()]
    data += [_bar(x, row, colour) | (_about(node) if x else {}) for x, node, row, colour in bars]
    data.append(_points(drawn, before, now, look))
    height = float(max(before["high"].max(), now["high"].max()))
    annotations = []
    margins = {}
    for side, nodes, x in (("l", before, 0.0), ("r", now, 1.0)):
        said, letters = _names(nodes, x, height, look)
        annotations += said
        size = look.font_size * 12 / 14
        margins[side] = round(letters * size * EM + 18 * look.scale)
        annotations.append(
            {
                "text": f"{'earlier' if side == 'l' else 'now'}: {counted(_there(drawn, side), 'paper')}",
                "x": x, "y": 1, "xref": "x", "yref": "paper", "yanchor": "bottom", "showarrow": False,
                "xanchor": "left" if side == "l" else "right", "yshift": 4,
                "font": {"size": size, "color": look.muted},
            }
        )  # fmt: skip
    hidden = {"visible": False, "fixedrange": True}
    layout = {
        "xaxis": {**hidden, "range": [-0.002, 1.002]},
        "yaxis": {**hidden, "range": [round(height * 1.002, 4), round(-0.002 * height, 4)]},
        "annotations": annotations,
        "showlegend": False,
    }
    return data, layout, {**margins, "b": 16}


def _there(drawn: pd.DataFrame, side: str) -> int:
    """Count the papers of one study."""
    node, absent = ("earlier_id_node", NEW) if side == "l" else ("topic_id_node", GONE)
    return int(drawn.loc[drawn[node] != absent, "n_papers"].sum())


def _colour(topic_id: int | None, slots: dict[int, int | None], look: Theme) -> str:
    if topic_id is None or topic_id == UNASSIGNED:
        return look.grey
    return look.colour(slots[topic_id])


def _heirs(drawn: pd.DataFrame) -> dict[str, str]:
    """Return the later topic that holds most of each earlier one: it lends its colour to the bar."""
    most = drawn.sort_values(["n_papers", "right"], ascending=[False, True])
    most = most.drop_duplicates("earlier_id_node")
    named = most[~most["earlier_id_node"].isin([NEW, OTHER, str(UNASSIGNED)])]
    return dict(zip(named["earlier_id_node"], named["topic_id_node"]))


def _ribbon(row: Any, colour: str, opacity: float) -> dict[str, Any]:
    """Return the band of papers of one ribbon: straight at both ends, an S between them."""
    way = np.linspace(0, 1, STEPS)
    ease = way**2 * (3 - 2 * way)
    x = BAR + (1 - 2 * BAR) * way
    upper = row.left + (row.right - row.left) * ease
    lower = upper + row.n_papers
    return {
        "type": "scatter",
        "mode": "lines",
        "x": rounded([*x, *x[::-1]], 4),
        "y": rounded([*upper, *lower[::-1]], 3),
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0, "color": colour},
        "opacity": opacity,
        "hoverinfo": "skip",
        "name": "ribbon",
        **_about(row.topic_id_node),
    }


def _about(node: str) -> dict[str, Any]:
    """Return what tells a page which later topic a trace draws, if one."""
    return {"meta": about(int(node))} if node.isdigit() else {}


def _bar(x: float, row: pd.Series, colour: str) -> dict[str, Any]:
    inner = x + BAR if x == 0 else x - BAR
    low, high = float(row["low"]), float(row["high"])
    return {
        "type": "scatter",
        "mode": "lines",
        "x": rounded([x, inner, inner, x, x], 4),
        "y": rounded([low, low, high, high, low], 3),
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0, "color": colour},
        "hoverinfo": "skip",
        "name": "topic",
    }


def _points(drawn: pd.DataFrame, before: pd.DataFrame, now: pd.DataFrame, look: Theme) -> dict[str, Any]:
    """Return a point in the middle of each ribbon, not seen, to read its numbers at."""
    short = [names(nodes["label"], LETTERS + 10) for nodes in (before, now)]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "papers",
        "x": [0.5] * len(drawn),
        "y": rounded((drawn["left"] + drawn["right"] + drawn["n_papers"]) / 2, 3),
        "marker": {"size": 16 * look.scale, "opacity": 0, "color": look.grey},
        "customdata": [
            [
                short[0][row.earlier_id_node], short[1][row.topic_id_node], int(row.n_papers),
                round(row.n_papers / float(before.loc[row.earlier_id_node, "n_papers"]), 4),
                round(row.n_papers / float(now.loc[row.topic_id_node, "n_papers"]), 4),
            ]
            for row in drawn.itertuples()
        ],
        "hovertemplate": HOVER,
    }  # fmt: skip


def _names(nodes: pd.DataFrame, x: float, height: float, look: Theme) -> tuple[list[dict[str, Any]], float]:
    """Return the names beside the bars, apart from each other, and the width of the longest in letters."""
    size = look.font_size * 12 / 14
    pixels = max(look.height or 0, 1)
    inside = pixels - top_margin(look) - 16 if look.height else max(320, len(nodes) * ROW * 1.15)
    middle = ((nodes["low"] + nodes["high"]) / 2 / height * inside).tolist()
    places = spread(middle, [size * 1.3] * len(nodes), 0, inside)
    short = names(nodes["label"], LETTERS)
    texts = [f"{name}  {n:,}" for name, n in zip(short, nodes["n_papers"])]
    annotations = [
        {
            "name": "topic", "text": text, "x": x, "y": round(place / inside * height, 4), "xref": "x",
            "yref": "y", "showarrow": False, "xanchor": "right" if x == 0 else "left", "yanchor": "middle",
            "xshift": -6 if x == 0 else 6, "font": {"size": size, "color": look.text},
        }
        for text, place in zip(texts, places)
    ]  # fmt: skip
    letters = [min(width(name), LETTERS) + 2 + len(f"{n:,}") for name, n in zip(short, nodes["n_papers"])]
    return annotations, max(letters)


def _say(diff: Diff, drawn: pd.DataFrame) -> tuple[str, str]:
    """Return alternative text and caption; the main number is how many papers stayed with their topic."""
    flows = diff.flows.dropna(subset=["earlier_id", "topic_id"])
    in_topics = flows[flows["earlier_id"] != UNASSIGNED]
    n = int(in_topics["n_papers"].sum())
    stayed = int(in_topics.loc[in_topics["heir"].eq(in_topics["topic_id"]).fillna(False), "n_papers"].sum())
    ids = [diff.flows[name].dropna() for name in ("earlier_id", "topic_id")]
    sizes = [int(known[known != UNASSIGNED].nunique()) for known in ids]
    kept = "The studies share no paper of a topic."
    if n:
        kept = (
            f"{percent(stayed / n)} of the {counted(n, 'paper')} of earlier topics that are still here are "
            "in the topic that continues theirs."
        )
    alt = f"Ribbons from {counted(sizes[0], 'earlier topic')} to {counted(sizes[1], 'later topic')}. {kept}"
    said = [
        kept,
        "Bars are as high as topics have papers, ribbons as wide as the papers that two topics share, in the "
        "colour of the later topic; those of new and gone papers are grey.",
    ]
    pooled = [sizes[0] - _named(drawn, "earlier_id"), sizes[1] - _named(drawn, "topic_id")]
    if any(pooled):
        said.append(f"Drawn together as other topics: {pooled[0]} earlier and {pooled[1]} later ones.")
    return alt, " ".join(said)


def _named(drawn: pd.DataFrame, name: str) -> int:
    ids = drawn[name].dropna()
    return int(ids[ids != UNASSIGNED].nunique())
