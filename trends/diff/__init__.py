"""What changed between two studies of one corpus: papers, topics, calls, shares, counts and settings.

Topics are matched by the papers that they share. A call that changed is traced step by step, by measuring
again what lies between the two studies: the same papers under the other topics, then the papers added since,
then the periods completed since. So a change made by a refit is told apart from one made by papers. What a
topic gained is compared within the later study alone, one rule on both sides, so that a refit cannot look
like a trend.
"""

from trends.diff._compare import compare
from trends.diff._page import side_of_page
from trends.diff._side import Side, settings_of

__all__ = ["Side", "compare", "settings_of", "side_of_page"]
