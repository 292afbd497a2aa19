"""Map: the papers as points, near where alike, coloured by topic."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import plot_text
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._series import about, highlighted, labels_of, tagged
from trends.plot._theme import SYMBOLS, Theme, theme_named, topic_slots
from trends.plot._words import DOUBT, DOUBTED, EM, breakable, counted, percent, width

if TYPE_CHECKING:
    import plotly.graph_objects as go

FRAME = 100
"""Height in px above and below the points: keys, axis title, margins."""
WIDTHS = (700.0, 900.0)
"""Width in px that the points may have on a page: narrow, usual."""
HEIGHTS = (320.0, 640.0)
"""Least and greatest height in px of the points."""
LETTERS = 22
NAMED_IN_ALL = 24
COVERED = 10
PX_PER_POINT = 8.0
"""A name goes so far out of its place to uncover one point."""
COLUMNS = ["paper_id", "topic_id", "label", "x", "y"]
HOVER = "%{text}<br>%{customdata}<extra></extra>"


def map(
    papers: pd.DataFrame,
    topics: Topics,
    *,
    top: int = 8,
    only: Iterable[int | str] | None = None,
    sample: int = 5_000,
    seed: int = 0,
    hover: bool = True,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the papers as points: alike papers lie near each other, the axes have no meaning.

    Parameters
    ----------
    papers
        Titles for the hover text; members without a row here are shown without a title.
    topics
        Members with x and y.
    top
        How many topics to colour, largest first, at most five on a slide; the others are grey.
    only
        Topics, by id or label, to colour instead.
    sample
        Draw at most so many papers, each topic in proportion and with one paper at least.
    seed
        Decides which papers are sampled.
    hover
        Show the title and topic of the paper under the pointer. False keeps all titles out of the figure.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        `plot.table` gives paper_id, topic_id, label, x and y, one row per point in the order of the traces.

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` or `sample` below 1.
    """
    look = theme_named(theme)
    if isinstance(sample, bool) or not isinstance(sample, int | np.integer) or sample < 1:
        raise InputError(f"sample must be a whole number of at least 1, not {sample!r}.")
    sizes = topics.members["topic_id"].value_counts().reindex(topics.labels.index, fill_value=0)
    chosen = highlighted(sizes, top if only is not None else min(top, look.most_series), only, topics.labels)
    placed = _placed(topics)
    drawn = _select(placed, chosen, sample, seed)
    heading = title if title is not None else "Map of papers"
    if drawn.empty:
        return nothing(
            fig, look, chart="map", title=heading, columns=COLUMNS,
            sentence="There is no map to draw: no paper has a place on it.",
        )  # fmt: skip
    across, up = _padded(placed["x"]), _padded(placed["y"])
    # As high as the usual width needs at equal scales, so that a wide map leaves no empty bands.
    tall = float(np.clip(WIDTHS[1] * (up[1] - up[0]) / (across[1] - across[0]), *HEIGHTS))
    height = round(tall + FRAME)
    room = (look.height or height) - top_margin(look, legend=True) - 50 * look.scale
    wides = WIDTHS if look.width is None else (look.width - 60.0,) * 2
    scales = [min(wide / (across[1] - across[0]), room / (up[1] - up[0])) for wide in wides]
    names = _names(placed, drawn, chosen, look, scales, (across, up), topics.shaky)
    alt, caption = _say(topics, placed, drawn, chosen, len(names))
    quiet = {"showgrid": False, "showticklabels": False, "zeroline": False}
    layout = {
        "xaxis": {
            **quiet, "range": across, "title": {"text": "near means alike; axes and distances have no unit"}
        },
        "yaxis": {**quiet, "range": up, "scaleanchor": "x", "scaleratio": 1},
        "annotations": names,
        "showlegend": True,
        "legend": {
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom",
            "itemsizing": "constant",
            "font": {"size": look.type(12), "color": look.muted},
        },
    }  # fmt: skip
    return dress(
        fig, look, _traces(drawn, papers, chosen, look, hover), layout, chart="map", title=heading, alt=alt,
        caption=caption, table=drawn[COLUMNS], height=height, legend=True,
    )  # fmt: skip


def _padded(values: pd.Series) -> list[float]:
    low, high = float(values.min()), float(values.max())
    pad = (high - low) * 0.03 if high - low > 0.01 else 1.0
    return [round(low - pad, 4), round(high + pad, 4)]


def _placed(topics: Topics) -> pd.DataFrame:
    """Return COLUMNS for every member with a place, sorted by paper_id."""
    members = topics.members[["topic_id", "x", "y"]].sort_index().reset_index()
    members = members[np.isfinite(members[["x", "y"]].astype(float)).all(axis="columns")]
    labels = labels_of(members["topic_id"].unique(), topics.labels)
    return members.assign(label=members["topic_id"].map(labels).astype("object"))[COLUMNS]


def _select(placed: pd.DataFrame, chosen: list[int], sample: int, seed: int) -> pd.DataFrame:
    """Return at most `sample` papers, stratified by topic, in drawing order: grey below colour."""
    if len(placed) > sample:
        draw = np.random.default_rng(seed)
        quota = _quota(placed["topic_id"].value_counts().sort_index(), sample)
        kept = [
            np.sort(draw.choice(rows.index.to_numpy(), size=quota[topic_id], replace=False))
            for topic_id, rows in placed.groupby("topic_id")
        ]
        placed = placed.loc[np.concatenate(kept)]
    # 0 unassigned, 1 other topics, then the coloured ones.
    level = np.where(placed["topic_id"] == UNASSIGNED, 0, 1) + 0
    level = np.where(placed["topic_id"].isin(chosen), 2, level)
    order = placed.assign(level=level, within=np.where(level == 2, placed["topic_id"], 0))
    return order.sort_values(["level", "within", "paper_id"]).reset_index(drop=True)


def _quota(sizes: pd.Series, sample: int) -> pd.Series:
    """Share out `sample` by the largest remainder, one paper to each topic first where that is possible."""
    floor = 1 if len(sizes) <= sample else 0
    spare = sizes - floor
    exact = spare / spare.sum() * (sample - floor * len(sizes))
    quota = np.floor(exact).astype(int) + floor
    missing = sample - int(quota.sum())
    rest = (exact - np.floor(exact)).sort_values(ascending=False, kind="stable").index[:missing]
    quota.loc[rest] += 1
    return quota


def _traces(
    drawn: pd.DataFrame, papers: pd.DataFrame, chosen: list[int], look: Theme, hover: bool
) -> list[dict[str, Any]]:
    slots = topic_slots(chosen)
    # Small corpora deserve bigger points.
    size = float(np.clip(9 - np.log10(len(drawn)) * 1.3, 4, 8)) * look.scale
    traces = []
    for (level, topic_id), points in drawn.groupby(["level", "within"]):
        slot = slots.get(topic_id) if level == 2 else None
        first = points["label"].iloc[0]
        trace = {
            "type": "scatter",
            "x": rounded(points["x"], 4),
            "y": rounded(points["y"], 4),
            "mode": "markers",
            "name": ("unassigned", "other topics", plot_text(first))[level],
            "marker": {
                "symbol": "circle-open" if level == 0 else "circle" if slot is None else SYMBOLS[slot],
                "size": round(size * (0.8 if level < 2 else 1), 1),
                "color": look.colour(slot),
                "opacity": (0.45, 0.6, 0.8)[level],
            },
            "showlegend": bool(level < 2),
        }
        if level == 2:
            trace["meta"] = about(topic_id)
        if hover:
            titles = papers["title"].reindex(points["paper_id"]).fillna("")
            trace["text"] = [
                breakable(text, 60) or plot_text(key) for text, key in zip(titles, points["paper_id"])
            ]
            trace["customdata"] = [plot_text(label) for label in points["label"]]
            trace["hovertemplate"] = HOVER
        else:
            trace["hoverinfo"] = "none"
        traces.append(trace)
    return traces


def _names(
    placed: pd.DataFrame,
    drawn: pd.DataFrame,
    chosen: list[int],
    look: Theme,
    scales: list[float],
    frame: tuple[list[float], list[float]],
    shaky: frozenset[int],
) -> list[dict[str, Any]]:
    """Return the topics' names near their median places; coloured topics always, others where there is room.

    A name may stand beside its topic where it covers fewer points there. `scales` holds px per unit of the
    map at the narrow and the usual width; names are kept apart at both. `frame` holds the ends of both axes.
    """
    inside = placed[placed["topic_id"] != UNASSIGNED]
    if inside.empty:
        return []
    groups = inside.groupby("topic_id")
    middle = groups[["x", "y"]].median().assign(label=groups["label"].first(), n=groups.size())
    middle["front"] = middle.index.isin(chosen)
    middle = middle.reset_index().sort_values(["front", "n", "topic_id"], ascending=[False, False, True])
    points = drawn[["x", "y"]].to_numpy(float) * scales[1]
    edges = np.array(frame) * scales[1]
    taken: list[tuple[float, float, float, float, float, float]] = []
    slots = topic_slots(chosen)
    found = []
    for row in middle.head(NAMED_IN_ALL).itertuples():
        size = look.font_size * (13 if row.front else 11) / 14
        text = breakable(row.label, LETTERS) + DOUBT * (row.topic_id in shaky)
        lines = text.split("<br>")
        box = max(width(line) for line in lines) * size * EM + 6, len(lines) * size * 1.3 + 2
        moves = _moves(box, 1.0 if row.front else 0.5)
        at = np.array([row.x, row.y]) * scales[1]
        near = points[(np.abs(points - at) < 2.5 * max(box)).all(axis=1)]
        moves = moves[np.argsort(_cost(at + moves, at, box, near, edges), kind="stable")]
        move = next((m for m in moves if _free((row.x, row.y), m, box, taken, scales)), None)
        if move is None:
            if not row.front:
                continue
            move = np.zeros(2)
        taken.append((row.x, row.y, *move, *box))
        found.append(
            {
                "name": tagged("topic-name", row.topic_id),
                "text": text,
                "x": round(row.x, 4),
                "y": round(row.y, 4),
                "xshift": round(move[0]),
                "yshift": round(move[1]),
                "showarrow": False,
                "bgcolor": look.veil,
                "borderpad": 0,
                "borderwidth": 1,
                "bordercolor": look.colour(slots.get(row.topic_id)) if row.front else look.veil,
                "font": {"size": size, "color": look.text if row.front else look.muted},
            }
        )
    return found


def _moves(box: tuple[float, float], reach: float) -> np.ndarray:
    """Return shifts of a name in px, the shortest first; `reach` limits how far it may go."""
    shifts = [(i * box[0] * reach / 4, j * 10.0) for i in range(-4, 5) for j in range(-8, 9)]
    near = [s for s in shifts if abs(s[1]) <= 80 * reach]
    return np.array(sorted(near, key=lambda s: (round(s[0] ** 2 + s[1] ** 2, 3), s)))


def _cost(
    places: np.ndarray, home: np.ndarray, box: tuple[float, float], points: np.ndarray, edges: np.ndarray
) -> np.ndarray:
    """Weigh places of a name: the points it would cover, up to COVERED, against the way from its home.

    Above that many points a cloud is dense enough to carry a name. A place across the edge of the map is as
    bad as the densest cloud.
    """
    half = np.array(box) / 2
    away = np.abs(points[None, :, :] - places[:, None, :])
    covered = (away < half + 3).all(axis=2).sum(axis=1)
    outside = ((places - half < edges[:, 0]) | (places + half > edges[:, 1])).any(axis=1)
    way = np.hypot(*(places - home).T)
    return np.minimum(covered + outside * COVERED, COVERED) + way / PX_PER_POINT


def _free(
    at: tuple[float, float],
    move: np.ndarray,
    box: tuple[float, float],
    taken: list[tuple[float, float, float, float, float, float]],
    scales: list[float],
) -> bool:
    """Tell whether a name shifted by `move` keeps clear of those already placed, at each scale."""
    return all(
        abs((at[0] - x) * px + move[0] - right) >= (box[0] + w) / 2
        or abs((at[1] - y) * px + move[1] - up) >= (box[1] + h) / 2
        for x, y, right, up, w, h in taken
        for px in scales
    )


def _say(
    topics: Topics, placed: pd.DataFrame, drawn: pd.DataFrame, chosen: list[int], n_named: int
) -> tuple[str, str]:
    n_all = len(topics.members)
    unassigned = int((placed["topic_id"] == UNASSIGNED).sum())
    main = f"{len(drawn):,} of {counted(n_all, 'paper')} drawn"
    coloured = counted(len(chosen), "topic")
    alt = f"Map of papers with {main}, alike papers near each other, {coloured} coloured and named."
    said = [f"{main}; {coloured} coloured, other topics grey, unassigned papers hollow "
            f"({percent(unassigned / len(placed))} of those placed)."]  # fmt: skip
    if len(drawn) < len(placed):
        said.append("The points are a seeded random sample, each topic in proportion.")
    if len(placed) < n_all:
        said.append(f"{counted(n_all - len(placed), 'paper')} without a place on the map.")
    if unnamed := placed.loc[placed["topic_id"] != UNASSIGNED, "topic_id"].nunique() - n_named:
        said.append(f"{counted(unnamed, 'topic')} without a name here, for want of room.")
    if topics.shaky & set(placed["topic_id"]):
        said.append(DOUBTED)
    said.append("Near means alike; the axes have no meaning and distances across the map none either.")
    return alt, " ".join(said)
