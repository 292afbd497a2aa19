"""Pictures for docs/side-by-side.md: what a window of 1280 by 800 shows, small enough to be kept."""

from pathlib import Path
from typing import Any

from benchmarks.charts.browser import photograph
from benchmarks.charts.tools import CHARTS
from benchmarks.environments import ROOT

PICTURES = ROOT / "docs" / "pictures"
WIDTH = 900
MOST = 150_000
CHART = "figure, .plot"

SHOWN = {
    "map-bertopic": ("bertopic/documents", None),
    "map-datamapplot": ("datamapplot/map_dates", None),
    "map-trends": ("trends/map", CHART),
    "time-bertopic": ("bertopic/over_time", None),
    "time-bertrend": ("bertrend/signals", None),
    "time-trends": ("trends/shares", CHART),
    "growth-trends": ("trends/growth", CHART),
    "words-bertopic": ("bertopic/barchart", None),
    "words-trends": ("trends/terms", CHART),
    "hierarchy-bertopic": ("bertopic/hierarchy", None),
    "hierarchy-trends": ("trends/hierarchy", CHART),
    "heatmap-bertopic": ("bertopic/heatmap", None),
    "similarity-trends": ("trends/similarity", CHART),
    "topics-bertopic": ("bertopic/topics", None),
    "report-trends": ("trends/report", "h1"),
}
"""Picture, page of the Daily Papers, where to scroll."""


def photograph_all(browser: Any, scripts: Path | None) -> None:
    """Save all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, (page, at) in SHOWN.items():
        path = CHARTS / "hf_daily" / f"{page}.html"
        if not path.exists():
            continue
        whole = CHARTS / f"{name}.png"
        photograph(browser, path, scripts if "datamapplot" in page else None, whole, at)
        shrink(whole, PICTURES / f"side-{name}.png")
    still = CHARTS / "hf_daily" / "datamapplot" / "map_png.png"
    if still.exists():
        shrink(still, PICTURES / "side-still-datamapplot.png")


def shrink(source: Path, picture: Path) -> None:
    """Write a picture at WIDTH, in all its colours if it stays below MOST bytes, else in as many as fit."""
    from PIL import Image

    with Image.open(source) as opened:
        image = opened.convert("RGB")
    image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    image.save(picture, optimize=True)
    colours = 256
    while picture.stat().st_size >= MOST and colours >= 16:
        # Without the means, wide pale areas get a tint; without MAXCOVERAGE, rare colours go.
        few = image.quantize(colours, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
        few.save(picture, optimize=True)
        colours //= 2
