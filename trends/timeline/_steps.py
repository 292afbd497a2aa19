"""Steps: a topic too small for the growth test to call, before and after the moment that splits it best.

A slope needs twenty papers in three periods. A topic that was all but absent for years and then has a
seventh of the papers of one year shows something too, and says it in two shares with their intervals.
"""

import math

import numpy as np
import pandas as pd

from trends.core.records import Trends
from trends.core.wilson import wilson

SIDE_SHARE = 0.2
"""Part of the papers that each side of a step must hold: the first years of a corpus hold a handful."""

SMALL = 40
"""Papers, twice what the growth test asks for: from here on it has power, and clumps outweigh chance."""

ALPHA = 0.05

COLUMNS = (
    *("period", "n_before", "total_before", "low_before", "high_before"),
    *("n_after", "total_after", "low_after", "high_after", "p", "adjusted", "clear"),
)


def steps(trends: Trends) -> pd.DataFrame:
    """Give the best step of each topic of few papers that the growth test left uncalled, most certain first.

    Complete periods only. The moment is found by looking, so p, Fisher's exact two-sided probability of so
    uneven a split (R. A. Fisher 1935), is also multiplied by the number of topics and moments looked at.
    The probability takes papers as independent; papers that come in clumps make steps look rarer than they
    are, so a clear step is a description with its intervals and never a call.

    Returns
    -------
    DataFrame
        Index topic_id; period (the first after the step), n_before and n_after (papers of the topic),
        total_before and total_after (all papers), low_, high_before and low_, high_after (95 % Wilson
        intervals of the two shares), p, adjusted (p times the looks, at most 1), clear (adjusted below
        .05 and intervals that do not meet).
    """
    shares = trends.shares[trends.shares["complete"] & (trends.shares["n_total"] > 0)]
    calls = trends.calls
    uncalled = calls.index[(calls["status"] == "too few to say") & (calls["n_papers"] < SMALL)]
    rows, n_looks = [], 0
    for topic_id in uncalled:
        mine = shares[shares["topic_id"] == topic_id].sort_values("period")
        n_papers, n_total = mine["n_papers"].to_numpy(), mine["n_total"].to_numpy()
        n_before, total_before = n_papers.cumsum()[:-1], n_total.cumsum()[:-1]
        side = SIDE_SHARE * n_total.sum()
        looked = np.flatnonzero((total_before >= side) & (total_before <= n_total.sum() - side))
        n_looks += len(looked)
        found = [(_fisher(n_before[k], total_before[k], n_papers.sum(), n_total.sum()), k) for k in looked]
        if found:
            p, k = min(found)
            after = (n_papers.sum() - n_before[k], n_total.sum() - total_before[k])
            rows.append((topic_id, mine["period"].iloc[k + 1], n_before[k], total_before[k], *after, p))
    names = ["topic_id", "period", "n_before", "total_before", "n_after", "total_after", "p"]
    table = pd.DataFrame(rows, columns=names).set_index("topic_id")
    for side_name in ("before", "after"):
        bounds = wilson(
            table[f"n_{side_name}"].to_numpy(dtype=float), table[f"total_{side_name}"].to_numpy(dtype=float)
        )
        table[f"low_{side_name}"], table[f"high_{side_name}"] = bounds
    table["adjusted"] = (table["p"] * n_looks).clip(upper=1).astype(float)
    apart = (table["high_before"] < table["low_after"]) | (table["high_after"] < table["low_before"])
    table["clear"] = apart & (table["adjusted"] < ALPHA)
    return table[list(COLUMNS)].sort_values(["p", "topic_id"], kind="stable")


def _fisher(n_before: int, total_before: int, n: int, total: int) -> float:
    """Return twice the smaller hypergeometric tail, at most 1."""
    least, most = max(0, n - (total - total_before)), min(n, total_before)
    chances = [
        math.exp(
            _log_choose(total_before, i) + _log_choose(total - total_before, n - i) - _log_choose(total, n)
        )
        for i in range(int(least), int(most) + 1)
    ]
    at = int(n_before - least)
    return min(1.0, 2 * min(math.fsum(chances[: at + 1]), math.fsum(chances[at:])))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
