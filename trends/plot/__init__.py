"""Charts: records and tables in, always a plotly Figure out.

Nothing is shown, saved or changed, and no global theme is set. Every figure carries its alternative
text, its caption and the numbers drawn in `fig.layout.meta`; `table(fig)` gives the numbers back.
"""

from trends.plot._bump import bump
from trends.plot._bursts import bursts
from trends.plot._coverage import coverage
from trends.plot._dress import table
from trends.plot._evolution import evolution
from trends.plot._forecast import forecast
from trends.plot._growth import growth
from trends.plot._heatmap import heatmap
from trends.plot._hierarchy import hierarchy
from trends.plot._map import map
from trends.plot._shares import shares
from trends.plot._similarity import similarity
from trends.plot._stream import stream
from trends.plot._terms import terms
from trends.plot._theme import THEMES, Theme, colour_swap, topic_colours

__all__ = [
    "THEMES",
    "Theme",
    "bump",
    "bursts",
    "colour_swap",
    "coverage",
    "evolution",
    "forecast",
    "growth",
    "heatmap",
    "hierarchy",
    "map",
    "shares",
    "similarity",
    "stream",
    "table",
    "terms",
    "topic_colours",
]
