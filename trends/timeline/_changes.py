"""Change points: from which period on a topic holds another share of the papers; an annotation, no call."""

from numbers import Real

import numpy as np
import pandas as pd

from trends.core.errors import DependencyError, InputError
from trends.core.records import Trends
from trends.core.tables import UNASSIGNED

LEAST_PERIODS = 12
SHORTEST = 3
"""Periods before and after a break, at least."""

N_PERMUTATIONS = 1_999


def change_points(trends: Trends, *, alpha: float = 0.05) -> pd.DataFrame:
    """Find the periods at which the share of a topic changes its level.

    Breaks are proposed by PELT on the log odds of the share over complete periods with papers, and kept when
    the two segments beside them, their periods in random order, seldom part as well at any place. The least
    sure break is dropped first and the others are asked again. A share that rises slowly is a stair of such
    breaks: they say where it moved, not that it jumped.

    Parameters
    ----------
    trends
        Measured shares; a table of fewer than 12 complete periods with papers has no change points.
    alpha
        A break is kept when its p is below this, for each break alone and not for all topics together.

    Returns
    -------
    DataFrame
        One row per break, index topic_id (-1 left out), ordered by topic as in `trends.calls` and by period:
        label, period (first day of the first period after the break), share_before and share_after (of all
        papers, from the break before or the beginning, and until the next or the end), p.

    Raises
    ------
    DependencyError
        ruptures is not installed.
    InputError
        `alpha` does not lie between 0 and 1.

    References
    ----------
    R. Killick, P. Fearnhead, I. A. Eckley (2012), Optimal detection of changepoints with a linear
    computational cost, JASA 107.
    """
    if not isinstance(alpha, Real) or not 0 < alpha < 1:
        raise InputError(f"alpha must lie between 0 and 1, not {alpha!r}.")
    try:
        from ruptures import Pelt
    except ImportError:
        raise DependencyError(
            "Change points need ruptures; install it with: pip install 'trends[changepoints]'"
        ) from None
    shares = trends.shares
    used = shares[shares["complete"] & (shares["n_total"] > 0) & (shares["topic_id"] != UNASSIGNED)]
    names = ("topic_id", "period", "share_before", "share_after", "p")
    found: dict[str, list] = {name: [] for name in names}
    by_topic = dict(iter(used.groupby("topic_id")))
    for topic_id in trends.calls.index.intersection(list(by_topic), sort=False):
        rows = by_topic[topic_id].sort_values("period")
        if len(rows) < LEAST_PERIODS:
            continue
        n_papers, n_total = rows["n_papers"].to_numpy(), rows["n_total"].to_numpy()
        z = np.log((n_papers + 0.5) / (n_total - n_papers + 0.5))
        penalty = 3 * np.log(len(z)) * _noise(z) ** 2
        if penalty == 0:
            continue
        breaks = Pelt(model="l2", min_size=SHORTEST, jump=1).fit(z).predict(pen=penalty)[:-1]
        kept, p = _sure(z, breaks, alpha)
        share = [
            part.sum() / total.sum() for part, total in zip(np.split(n_papers, kept), np.split(n_total, kept))
        ]
        found["topic_id"] += [topic_id] * len(kept)
        found["period"] += list(rows["period"].iloc[kept])
        found["share_before"] += share[:-1]
        found["share_after"] += share[1:]
        found["p"] += p
    index = pd.Index(found.pop("topic_id"), dtype="int32", name="topic_id")
    table = pd.DataFrame(found, index=index, dtype="float64" if index.empty else None)
    table.insert(0, "label", trends.calls["label"].reindex(index).astype(str))
    return table.astype({"period": "datetime64[us]"})


def _noise(z: np.ndarray) -> float:
    """Give the standard deviation of noise from neighbours' differences, which a few breaks hardly touch."""
    steps = np.diff(z)
    middling = 1.4826 * np.median(np.abs(steps - np.median(steps)))
    # More than half of the steps may be alike, as in a topic with few papers.
    return float((middling or steps.std()) / np.sqrt(2))


def _sure(z: np.ndarray, breaks: list[int], alpha: float) -> tuple[list[int], list[float]]:
    """Give the breaks that stay and their p, dropping the least sure one at a time."""
    breaks = list(breaks)
    while breaks:
        edges = [0, *breaks, len(z)]
        p = [_break_p(z[edges[i] : edges[i + 2]], edges[i + 1] - edges[i]) for i in range(len(breaks))]
        worst = int(np.argmax(p))
        if p[worst] < alpha:
            return breaks, p
        del breaks[worst]
    return [], []


def _break_p(z: np.ndarray, at: int) -> float:
    """Give how often z in random order parts as well at any place as it does at its break.

    Any place, because PELT chose the break for parting best; at a fixed place p would be far too small.
    """
    rng = np.random.default_rng(0)
    orders = rng.permuted(np.tile(z, (N_PERMUTATIONS, 1)), axis=1)
    best = _parting(orders)[:, SHORTEST - 1 : len(z) - SHORTEST].max(axis=1)
    least = _parting(z[None])[0, at - 1] * (1 - 1e-9)
    return (1 + int((best >= least).sum())) / (1 + N_PERMUTATIONS)


def _parting(series: np.ndarray) -> np.ndarray:
    """Give the sum of squares that a break after each value but the last explains (series x places)."""
    n = series.shape[1]
    place = np.arange(1, n)
    surplus = np.cumsum(series - series.mean(axis=1, keepdims=True), axis=1)[:, :-1]
    return surplus**2 * n / (place * (n - place))
