"""What all charts share: the theme put on the marks drawn, and the evidence kept with them."""

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.plot._theme import FONT, Theme
from trends.plot._words import breakable

if TYPE_CHECKING:
    import plotly.graph_objects as go

TITLE_LETTERS = 78
DIGITS = 6
AXIS = re.compile(r"[xy]axis\d*")


def dress(
    fig: "go.Figure | None",
    theme: Theme,
    data: list[dict[str, Any]],
    layout: dict[str, Any],
    *,
    chart: str,
    title: str,
    alt: str,
    caption: str,
    table: pd.DataFrame,
    height: int,
    margin: Mapping[str, float] | None = None,
    legend: int = 0,
) -> "go.Figure":
    """Return a new figure of the marks drawn, with theme, title and evidence.

    Everything is handed to plotly at once: it checks each value, and each later change costs as much again.

    Parameters
    ----------
    fig
        A figure to draw on top of; not changed.
    data
        Traces.
    layout
        What the chart says of its axes, annotations, shapes and keys; it goes before the theme.
    chart
        Fixed name of the chart, `meta["id"]`.
    title, alt, caption
        Raw text. The title is escaped here; alt and caption stay raw in `meta`.
    table
        The numbers drawn, one row per mark.
    height
        Height in px where the theme does not fix one, at the page's type size.
    margin
        Left, right and bottom margin in px where the default does not do.
    legend
        Lines of keys to leave room for between title and plot.
    """
    import plotly.graph_objects as go

    letters = TITLE_LETTERS if theme.width is None else (theme.width - 40) / (theme.title_size * 0.58)
    heading = breakable(title, letters)
    dressed: dict[str, Any] = {
        # Each figure would repeat plotly's 6.5 kB template; the theme says all that is needed.
        "template": {},
        "title": {
            "text": heading,
            "font": {"size": theme.title_size, "color": theme.text, "weight": 600},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 8 * theme.scale, "t": 12 * theme.scale},
        },
        "font": {"family": FONT, "size": theme.font_size, "color": theme.text},
        "paper_bgcolor": theme.ground,
        "plot_bgcolor": theme.ground,
        "hoverlabel": {
            "bgcolor": theme.ground,
            "bordercolor": theme.border,
            "font": {"family": FONT, "size": theme.font_size, "color": theme.text},
            "align": "left",
            "namelength": -1,
        },
        "hovermode": "closest",
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": theme.border, "activecolor": theme.accent},
        "width": theme.width,
        "height": theme.height or height,
        "margin": {
            "l": 16,
            "r": 24,
            "b": 16,
            **(margin or {}),
            "t": top_margin(theme, heading.count("<br>"), legend=legend),
        },
        **layout,
    }
    for name, axis in layout.items():
        if AXIS.fullmatch(name):
            dressed[name] = _axis(axis, theme, upright=name.startswith("x"))
    below = go.Figure(fig).to_dict() if fig is not None else {"data": [], "layout": {}}
    for name in ("annotations", "shapes"):
        dressed[name] = [*below["layout"].get(name, []), *layout.get(name, [])]
    figure = go.Figure(data=[*below["data"], *data], layout={**below["layout"], **dressed})
    # Apart from the rest, which plotly copies more than once.
    figure.layout.meta = evidence(chart, alt, caption, table)
    return figure


def _axis(axis: Mapping[str, Any], theme: Theme, *, upright: bool) -> dict[str, Any]:
    """Return an axis in the theme, what the chart says of it first."""
    size = theme.type(13)
    title = {
        "font": {"size": size, "color": theme.muted},
        "standoff": round(10 * theme.scale),
        **axis.get("title", {}),
    }
    return {
        "showgrid": True,
        "gridcolor": theme.hairline,
        "gridwidth": 1,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"size": size, "color": theme.muted},
        "ticklabelstandoff": round(5 * theme.scale),
        "automargin": True,
        **({"tickangle": 0} if upright else {}),
        **axis,
        "title": title,
    }


def top_margin(theme: Theme, breaks: int = 0, *, legend: int = 0) -> float:
    """Return the px above the plot: the title's lines, those of keys if any, and some air."""
    air = 24 + 22 * legend if legend else 30
    return round(theme.title_size * 1.3 * (breaks + 1) + air * theme.scale)


def nothing(
    fig: "go.Figure | None", theme: Theme, *, chart: str, title: str, sentence: str, columns: list[str]
) -> "go.Figure":
    """Return a small figure that says in one sentence why there is nothing to draw."""
    text = breakable(sentence, 54, 3)
    note = {
        "text": text,
        "x": 0,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "top",
        "align": "left",
        "showarrow": False,
        "font": {"size": theme.font_size, "color": theme.muted},
    }
    hidden = {"visible": False}
    return dress(
        fig,
        theme,
        [],
        {"annotations": [note], "xaxis": hidden, "yaxis": hidden},
        chart=chart,
        title=title,
        alt=sentence,
        caption="",
        table=pd.DataFrame(columns=columns),
        height=round(top_margin(theme) + (text.count("<br>") + 1) * theme.font_size * 1.4 + 24),
    )


def evidence(chart: str, alt: str, caption: str, drawn: pd.DataFrame) -> dict[str, Any]:
    """Return what `layout.meta` holds: plain JSON values, no NaN, text raw but free of control characters."""
    columns = [_plain(drawn[name]) for name in drawn.columns]
    return {
        "id": chart,
        "alt": clean_text(alt),
        "caption": clean_text(caption),
        "columns": [str(name) for name in drawn.columns],
        "rows": [list(row) for row in zip(*columns)],
    }


def _plain(column: pd.Series) -> list[Any]:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return [None if day is pd.NaT else day.date().isoformat() for day in column]
    if pd.api.types.is_float_dtype(column.dtype):
        return rounded(column, DIGITS)
    return [clean_text(value) if isinstance(value, str) else value for value in column.tolist()]


def rounded(values: Any, digits: int) -> list[float | None]:
    """Return numbers as a plain rounded list, None for none: less text than a typed array."""
    array = np.asarray(values, dtype="float64").round(digits) + 0.0  # + 0.0 makes -0.0 a plain zero
    return [value if math.isfinite(value) else None for value in array.tolist()]


def table(fig: "go.Figure") -> pd.DataFrame:
    """Return the numbers that a chart draws, so that table and drawing cannot drift apart.

    Parameters
    ----------
    fig
        A figure made by one of this room's charts.

    Returns
    -------
    pandas.DataFrame
        One row per mark, raw text, shares 0-1, dates as ISO text. The columns depend on the chart.

    Raises
    ------
    InputError
        The figure was not made by this room.
    """
    meta = fig.layout.meta
    if not isinstance(meta, Mapping) or not {"columns", "rows"} <= set(meta):
        raise InputError(
            "plot.table needs a figure made by trends.plot; this one carries no table of numbers."
        )
    return pd.DataFrame([list(row) for row in meta["rows"]], columns=list(meta["columns"]))
