"""How many papers each theme has per calendar period, and which themes rise and fall.

`count` turns papers and topics into one small table of counts, the only thing that statistics and charts
need. `measure` turns counts into shares with intervals, growth per year, and a call with its reason. Shares
of all papers are tested, never counts: in a corpus that grows by 5 % a period, a rank test on raw counts
calls 42 % of unchanged topics growing after 12 periods. `steps` describes what the test is too weak for.
`change_points` dates its changes of level. `count_themes` counts the themes that a person follows, which
overlap. `slices` counts the same topics apart for each venue, tag or source, `explain` tells which papers a
change rests on, `year_on_year` compares the same months of two years, `attention` the upvotes and `arrivals`
the first papers of topics.
"""

from trends.core.periods import period_label
from trends.timeline._arrivals import Arrivals, arrivals
from trends.timeline._attention import Attention, attention
from trends.timeline._changes import change_points
from trends.timeline._count import count, count_cells
from trends.timeline._explain import Explanation, explain
from trends.timeline._measure import measure
from trends.timeline._slices import Slices, slices
from trends.timeline._steps import steps
from trends.timeline._themes import compared, count_themes
from trends.timeline._year import year_on_year

__all__ = [
    "Arrivals",
    "Attention",
    "Explanation",
    "Slices",
    "arrivals",
    "attention",
    "change_points",
    "compared",
    "count",
    "count_cells",
    "count_themes",
    "explain",
    "measure",
    "period_label",
    "slices",
    "steps",
    "year_on_year",
]
