"""A plotly figure as the plain JSON that a page may carry: safe text, rounded numbers, no template.

plotly shows a small set of HTML tags in every text of a figure, links and styles with addresses among
them. Here every tag but line breaks, bold and italics becomes text, whoever made the figure.
"""

import base64
import html
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError

DRAWABLE = frozenset(
    {
        "bar",
        "barpolar",
        "box",
        "candlestick",
        "contour",
        "funnel",
        "funnelarea",
        "heatmap",
        "histogram",
        "histogram2d",
        "histogram2dcontour",
        "icicle",
        "indicator",
        "ohlc",
        "pie",
        "sankey",
        "scatter",
        "scatterpolar",
        "scattersmith",
        "scatterternary",
        "sunburst",
        "table",
        "treemap",
        "violin",
        "waterfall",
    }
)
"""Traces drawn as SVG from the figure alone. WebGL traces call eval, maps ask for tiles: both are refused."""

_TAGS = re.compile(r"(<br>|</?[bi]>|<extra></extra>)|<")
"""What may stay markup (the group), or else a bare `<`, which becomes text."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def checked(fig: Any) -> Any:
    """Return the figure, or refuse it when the page could not draw it without asking the outside.

    Raises
    ------
    InputError
        It is no plotly figure, needs WebGL or map tiles, or shows a picture from an address.
    """
    if not hasattr(fig, "to_dict") or not hasattr(fig, "layout"):
        raise InputError(f"A chart must be a plotly.graph_objects.Figure, not {type(fig).__name__}.")
    for trace in fig.data:
        if trace.type not in DRAWABLE:
            raise InputError(
                f"A report cannot show the trace {trace.type!r}, which needs WebGL or outside data; "
                f"use one of {', '.join(sorted(DRAWABLE))}, such as scatter instead of scattergl."
            )
    for picture in fig.layout.images or ():
        if not str(picture.source or "").startswith("data:image/"):
            raise InputError(
                "A report makes no outside request: give the picture in layout.images as a data: address."
            )
    return fig


def meta(fig: Any) -> dict[str, Any]:
    """Return what a chart says of itself: id, alt, caption, columns and rows; empty where it says nothing."""
    given = fig.layout.meta
    return dict(given) if isinstance(given, Mapping) else {}


def plain(fig: Any) -> dict[str, Any]:
    """Return the data, layout and heading of a checked figure as plain JSON values.

    The title, or heading, goes into the page as text, where it wraps on a narrow screen; `layout.meta` is
    raw text and never enters a figure; the template would be repeated in each.
    """
    raw = checked(fig).to_dict()
    layout = {k: v for k, v in raw.get("layout", {}).items() if k not in ("title", "meta", "template")}
    data = [{k: v for k, v in trace.items() if not k.endswith("src")} for trace in raw.get("data", [])]
    heading = raw.get("layout", {}).get("title", {})
    return {"data": _value(data), "layout": _value(layout), "heading": _value(heading)}


def title(fig: Any) -> str:
    """Return the title of a figure as text without markup."""
    text = fig.layout.title.text or ""
    return html.unescape(re.sub(r"</?[bi]>", "", re.sub(r"<br>", " ", str(text))))


def number(value: float) -> float | int | None:
    """Round to eight digits, so that platforms agree; infinite and missing values become None."""
    if not math.isfinite(value):
        return None
    rounded = float(f"{value:.8g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        if "bdata" in value and "dtype" in value:
            return _value(_unpacked(value))
        return {str(key): _value(item) for key, item in value.items()}
    if isinstance(value, str):
        return _TAGS.sub(
            lambda found: found.group(1) or "&lt;", _CONTROLS.sub("", re.sub(r"[\t\n\r]+", " ", value))
        )
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    if isinstance(value, np.ndarray):
        return _value(value.tolist() if value.dtype.kind != "M" else [_day(v) for v in value])
    if isinstance(value, list | tuple | pd.Series | pd.Index):
        return [_value(item) for item in value]
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return number(float(value))
    if hasattr(value, "isoformat") or isinstance(value, np.datetime64):
        return _day(value)
    return _value(str(value))


def _day(value: Any) -> str | None:
    stamp = pd.Timestamp(value)
    if stamp is pd.NaT:
        return None
    return stamp.strftime("%Y-%m-%d") if stamp == stamp.normalize() else stamp.isoformat()


def _unpacked(packed: Mapping[str, Any]) -> list[Any]:
    """Turn plotly's base64 arrays back into lists, which are smaller when rounded and can be compared."""
    raw = packed["bdata"]
    array = np.frombuffer(base64.b64decode(raw) if isinstance(raw, str) else raw, dtype=packed["dtype"])
    shape = packed.get("shape")
    if shape:
        array = array.reshape([int(n) for n in str(shape).split(",")])
    return array.tolist()
