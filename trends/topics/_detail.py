"""How many topics: a number that moves smoothly with `detail`, by default what the corpus supports."""

from collections.abc import Callable

import numpy as np

from trends.core.errors import InputError
from trends.core.threads import side_by_side

PER_ROOT = 5.7
"""Topics a reader can use = this x the fourth root of the number of papers: 24 of 311, 57 of 10,000, 99 of
92,000. Twice the papers bring a fifth more topics, so that a study that grows keeps its shape."""

RANGE = 4
"""Detail 0 has so many times fewer topics than detail .5, detail 1 so many times more."""

COMES_BACK = 0.995
"""Fewer topics than a reader can use are taken only where the halves agree on them like this: all the same.
Papers reach less than .98 from three topics on (6 of 2,000 conference papers: .89 to .97), and a gain short
of this hung on the seed."""

PER_HALVING = 0.125
"""Half as many topics must moreover agree better by this much. The coarsest cuts alone would win any contest
of agreement: two halves of a field are always found again."""

STEPS = 2**0.5


def readable(n_papers: int) -> int:
    """Return how many topics of so many papers a reader can use."""
    return max(2, round(PER_ROOT * n_papers**0.25))


def at_detail(n_papers: int, detail: float) -> int:
    """Return the number of topics at a detail from 0 to 1."""
    if not 0 <= detail <= 1:
        raise InputError(f"detail must lie between 0 (coarse) and 1 (fine), not {detail}.")
    return max(2, round(PER_ROOT * n_papers**0.25 * RANGE ** (2 * detail - 1)))


def supported(n_papers: int, most: int, agreement: Callable[[int], float]) -> tuple[int, dict[int, float]]:
    """Return the number of topics that the corpus supports, and the agreement at each number looked at.

    Parameters
    ----------
    n_papers
        The size of the corpus.
    most
        No more topics can be had.
    agreement
        The halves' agreement at a number of topics.
    """
    finest = min(readable(n_papers), most)
    steps = [finest]
    while steps[-1] > 2:
        steps.append(min(steps[-1] - 1, max(2, round(steps[-1] / STEPS))))
    measured = dict(zip(steps, side_by_side(agreement, steps)))
    if not np.isfinite(list(measured.values())).all():
        return finest, {}

    def worth(n: int) -> float:
        return measured[n] - PER_HALVING * np.log2(finest / n)

    whole = [n for n in steps if n == finest or measured[n] >= COMES_BACK]
    return max(whole, key=lambda n: (worth(n), n)), measured
