"""Map: the papers as points, near where alike, coloured by topic."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import plot_text
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED
from trends.plot._dress import dress, nothing, rounded, start, top_margin
from trends.plot._series import highlighted, labels_of
from trends.plot._theme import SYMBOLS, Theme, theme_named, topic_slots
from trends.plot._words import EM, breakable, counted, percent, width

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 620
LETTERS = 22
NAMED_IN_ALL = 24
COLUMNS = ["paper_id", "topic_id", "label", "x", "y"]
HOVER = "%{text}<br>%{customdata}<extra></extra>"


def map(
    papers: pd.DataFrame,
    topics: Topics,
    *,
    top: int = 8,
    only: Iterable[int] | None = None,
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
        Topic ids to colour instead.
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
    chosen = highlighted(sizes, top if only is not None else min(top, look.most_series), only)
    placed = _placed(topics)
    drawn = _select(placed, chosen, sample, seed)
    heading = title if title is not None else "Map of papers"
    figure = start(fig)
    if drawn.empty:
        return nothing(
            figure, look, chart="map", title=heading, columns=COLUMNS,
            sentence="There is no map to draw: no paper has a place on it.",
        )  # fmt: skip
    _draw(figure, drawn, papers, chosen, look, hover)
    _name(figure, placed, chosen, look)
    alt, caption = _say(topics, placed, drawn, chosen)
    dress(
        figure, look, chart="map", title=heading, alt=alt, caption=caption, table=drawn[COLUMNS],
        height=HEIGHT, legend=True,
    )  # fmt: skip
    quiet = {"showgrid": False, "showticklabels": False, "zeroline": False}
    figure.update_xaxes(
        quiet, range=_padded(placed["x"]), title={"text": "near means alike; axes and distances have no unit"}
    )
    figure.update_yaxes(quiet, range=_padded(placed["y"]), scaleanchor="x", scaleratio=1)
    return figure


def _padded(values: pd.Series) -> list[float]:
    low, high = float(values.min()), float(values.max())
    pad = (high - low) * 0.03 or 1.0
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


def _draw(
    figure: "go.Figure",
    drawn: pd.DataFrame,
    papers: pd.DataFrame,
    chosen: list[int],
    look: Theme,
    hover: bool,
) -> None:
    slots = topic_slots(chosen)
    # Small corpora deserve bigger points.
    size = float(np.clip(9 - np.log10(len(drawn)) * 1.3, 4, 8)) * look.scale
    for (level, topic_id), points in drawn.groupby(["level", "within"]):
        slot = slots.get(topic_id) if level == 2 else None
        first = points["label"].iloc[0]
        figure.add_scatter(
            x=rounded(points["x"], 4),
            y=rounded(points["y"], 4),
            mode="markers",
            name=("unassigned", "other topics", plot_text(first))[level],
            marker={
                "symbol": "circle-open" if level == 0 else "circle" if slot is None else SYMBOLS[slot],
                "size": round(size * (0.8 if level < 2 else 1), 1),
                "color": look.colour(slot),
                "opacity": (0.45, 0.6, 0.8)[level],
            },
            showlegend=bool(level < 2),
            hoverinfo=None if hover else "none",
        )
        if hover:
            titles = papers["title"].reindex(points["paper_id"]).fillna("")
            figure.data[-1].update(
                text=[breakable(text, 60) or plot_text(key) for text, key in zip(titles, points["paper_id"])],
                customdata=[plot_text(label) for label in points["label"]],
                hovertemplate=HOVER,
            )
    figure.update_layout(
        showlegend=True,
        legend={
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom",
            "itemsizing": "constant",
            "font": {"size": look.font_size * 12 / 14, "color": look.muted},
        },
    )  # fmt: skip


def _name(figure: "go.Figure", placed: pd.DataFrame, chosen: list[int], look: Theme) -> None:
    """Write the topics' names at their median places; coloured topics always, others where there is room."""
    inside = placed[placed["topic_id"] != UNASSIGNED]
    if inside.empty:
        return
    groups = inside.groupby("topic_id")
    middle = groups[["x", "y"]].median().assign(label=groups["label"].first(), n=groups.size())
    middle["front"] = middle.index.isin(chosen)
    middle = middle.reset_index().sort_values(["front", "n", "topic_id"], ascending=[False, False, True])
    low, high = placed[["x", "y"]].min(), placed[["x", "y"]].max()
    tall = (look.height or HEIGHT) - top_margin(look, legend=True) - 50 * look.scale
    # The page decides the width; names that keep apart at the least likely scale keep apart at any larger.
    wide = (look.width or 760) - 60
    px = min(wide / max(high["x"] - low["x"], 1e-9), tall / max(high["y"] - low["y"], 1e-9)) / 1.06
    taken: list[tuple[float, float, float, float]] = []
    slots = topic_slots(chosen)
    for row in middle.head(NAMED_IN_ALL).itertuples():
        size = look.font_size * (13 if row.front else 11) / 14
        text = breakable(row.label, LETTERS)
        lines = text.split("<br>")
        box = max(width(line) for line in lines) * size * EM + 8, len(lines) * size * 1.3 + 4
        moves = _moves(box) if row.front else [(0.0, 0.0)]
        places = [(row.x * px + right, row.y * px + up, right, up) for right, up in moves]
        place = next((p for p in places if _free(p[:2], box, taken)), places[0] if row.front else None)
        if place is None:
            continue
        taken.append((*place[:2], *box))
        figure.add_annotation(
            name="topic-name",
            text=text,
            x=round(row.x, 4),
            y=round(row.y, 4),
            xshift=round(place[2]),
            yshift=round(place[3]),
            showarrow=False,
            bgcolor=look.veil,
            borderpad=1,
            borderwidth=1,
            bordercolor=look.colour(slots.get(row.topic_id)) if row.front else look.veil,
            font={"size": size, "color": look.text if row.front else look.muted},
        )


def _moves(box: tuple[float, float]) -> list[tuple[float, float]]:
    """Return shifts of a name in px, the shortest first."""
    shifts = [(i * box[0] / 4, j * box[1] / 2) for i in range(-4, 5) for j in range(-8, 9)]
    return sorted(shifts, key=lambda s: (round(s[0] ** 2 + s[1] ** 2, 3), s))


def _free(
    at: tuple[float, float], box: tuple[float, float], taken: list[tuple[float, float, float, float]]
) -> bool:
    return all(
        abs(at[0] - x) >= (box[0] + w) / 2 or abs(at[1] - y) >= (box[1] + h) / 2 for x, y, w, h in taken
    )


def _say(topics: Topics, placed: pd.DataFrame, drawn: pd.DataFrame, chosen: list[int]) -> tuple[str, str]:
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
    said.append("Near means alike; the axes have no meaning and distances across the map none either.")
    return alt, " ".join(said)
