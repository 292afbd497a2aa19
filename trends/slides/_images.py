"""Figures as PNG, SVG and PDF, through one headless browser per run; without one, a sentence that says so."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trends.core.errors import DependencyError
from trends.core.escape import plot_text
from trends.plot._theme import THEMES

if TYPE_CHECKING:
    import plotly.graph_objects as go

SECONDS = 60
"""Time limit of one image."""

SCALE = 2
SOURCE_ROOM = {"map": 84}
USUAL_ROOM = 132
"""Px under the plot that hold ticks, axis title and source line; a map has no ticks."""

SECOND_LINE = 60
"""Px by which the title of a slide may be higher than that of a figure."""

SOURCE_SIZE = 16
NO_BROWSER = (
    "No images were made, since no Chrome or Chromium was found: install it (Debian and Ubuntu: apt install "
    "chromium), or name it in the environment variable BROWSER_PATH."
)


@dataclass(frozen=True, eq=False)
class Wanted:
    """One image to make: its key, the figure as plain values, its format and size in px."""

    key: str
    figure: Mapping[str, Any]
    format: str
    width: int
    height: int


def plain(fig: "go.Figure") -> dict[str, Any]:
    """Return a figure as plain values without `meta`, which is raw text, and with fixed ids of its traces."""
    raw = fig.to_dict()
    layout = {name: value for name, value in raw["layout"].items() if name != "meta"}
    data = [{**trace, "uid": f"{at:06d}"} for at, trace in enumerate(raw["data"])]
    return {"data": data, "layout": layout}


def with_source(name: str, figure: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return a plain figure with a source line at the foot of the picture."""
    layout = figure["layout"]
    room = SOURCE_ROOM.get(name, USUAL_ROOM)
    line = {
        "text": plot_text(source, 200), "x": 0, "y": 0, "xref": "paper", "yref": "paper", "xanchor": "left",
        "yanchor": "bottom", "yshift": 6 - room, "showarrow": False,
        "font": {"size": SOURCE_SIZE, "color": THEMES["slide"].muted},
    }  # fmt: skip
    margin = {**layout["margin"], "b": room}
    notes = [*layout.get("annotations", []), line]
    return {**figure, "layout": {**layout, "annotations": notes, "margin": margin}}


def for_deck(name: str, figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plain figure with room for a title of two lines and a source line that stand on the slide."""
    layout = {key: value for key, value in figure["layout"].items() if key != "title"}
    if name == "map":
        # The names of topics keep apart at one size of plot only; the title of a map has one line.
        return {**figure, "layout": {**layout, "xaxis": {**layout["xaxis"], "title": {"text": ""}}}}
    margin = {**layout["margin"], "t": layout["margin"]["t"] + SECOND_LINE, "b": USUAL_ROOM}
    return {**figure, "layout": {**layout, "margin": margin}}


def images(wanted: Iterable[Wanted], day: datetime) -> tuple[dict[str, bytes], str]:
    """Make images, the same bytes each time.

    Parameters
    ----------
    wanted
        What to make.
    day
        The date that a PDF carries.

    Returns
    -------
    dict
        Content by key, of those that could be made.
    str
        Why some or all are missing; "" when none is.

    Raises
    ------
    DependencyError
        kaleido is not installed.
    """
    try:
        import kaleido  # noqa: F401
    except ImportError as error:
        raise DependencyError("Images need kaleido: pip install 'trends[slides]'.") from error
    # A loop of its own, since a notebook already runs one in this thread.
    with ThreadPoolExecutor(1) as pool:
        made, note = pool.submit(asyncio.run, _make(list(wanted))).result()
    return {key: _fixed(content, day) for key, content in made.items()}, note


async def _make(wanted: list[Wanted]) -> tuple[dict[str, bytes], str]:
    import kaleido
    from tqdm.auto import tqdm

    made: dict[str, bytes] = {}
    failed: list[str] = []
    try:
        browser = kaleido.Kaleido(n=1, timeout=SECONDS, mathjax=False)
    except RuntimeError:
        return {}, NO_BROWSER
    try:
        await asyncio.wait_for(browser.open(), SECONDS)
    except Exception as error:
        return {}, f"No images were made, since the browser did not start ({type(error).__name__})."
    try:
        for one in tqdm(wanted, desc="Drawing images", leave=False):
            size = {"format": one.format, "width": one.width, "height": one.height}
            scale = SCALE if one.format == "png" else 1
            try:
                drawing = browser.calc_fig(one.figure, opts={**size, "scale": scale})
                made[one.key] = await asyncio.wait_for(drawing, 2 * SECONDS)
            except Exception as error:
                failed.append(f"{one.key} ({type(error).__name__})")
    finally:
        await browser.close()
    return made, f"Images that could not be made: {', '.join(failed)}." if failed else ""


def _fixed(content: bytes, day: datetime) -> bytes:
    """Take out what differs between two runs: random ids of an SVG, the clock in a PDF."""
    if content.startswith(b"%PDF"):
        moment = day.strftime("D:%Y%m%d%H%M%S+00'00'").encode()
        content = re.sub(rb"(/(?:Creation|Mod)Date \()D:\d{14}[+-]\d\d'\d\d'", rb"\g<1>" + moment, content)
        return content.replace(b"/Title (Kaleido-fier)", b"/Title (trends chart)")
    found = re.search(rb'id="defs-([0-9a-f]{6})"', content) if b"<svg" in content[:1000] else None
    if found is None:
        return content
    # As in id="clip47cbbdxy", url(#clip47cbbdxy) and url('#p47cbbd-000000-16').
    return re.sub(rb'((?:id="|#)[a-z-]+)' + found.group(1), rb"\g<1>000000", content)
