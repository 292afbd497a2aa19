"""How steady each topic is: does it come back when the corpus is clustered again, a little otherwise?

The topics are set beside those of refits with other seeds, every second of them without a tenth of the
papers. Papers are left out and not drawn with replacement: copies of a paper are each other's nearest
neighbours, and a neighbour graph of a bootstrap sample would be one of pairs.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from trends.core.tables import UNASSIGNED
from trends.topics._assign import assigned, freeze

KEPT = 0.9
"""The share of the papers in a refit that leaves some out."""


def draws(n_papers: int, seed: int, refits: int) -> list[tuple[np.ndarray, int]]:
    """Return the rows (ascending) and the seed of each refit: nine tenths of the papers, all, and so on."""
    drawn = []
    for number in range(refits):
        random = np.random.default_rng([seed, number])
        rows = np.arange(n_papers)
        if number % 2 == 0:
            rows = np.sort(random.choice(n_papers, round(KEPT * n_papers), replace=False))
        drawn.append((rows, int(random.integers(2**31))))
    return drawn


def stability(
    vectors: np.ndarray,
    topics: np.ndarray,
    n_topics: int,
    propose: Callable[[np.ndarray, int], np.ndarray],
    *,
    seed: int,
    refits: int,
) -> tuple[np.ndarray, dict[str, Any]]:
    """Measure how well topics come back in refits.

    Parameters
    ----------
    vectors
        The papers' unit rows, sorted by paper.
    topics
        Their topics, 0 to n_topics - 1 and -1.
    n_topics
        How many topics there are.
    propose
        Clusters the given rows (ascending) under the given seed: a number per row, -1 in none. The frozen
        rule then assigns the rows, as it does in the fit.
    seed
        The seed of the fit, from which those of the refits follow.
    refits
        How many; the first and every second leave a tenth of the papers out.

    Returns
    -------
    tuple
        Per topic the mean over refits of its largest Jaccard overlap with a topic of the refit, over the
        papers of the refit: 0 to 1, NaN without refits. And of the whole, as plain values: refits; ari, the
        mean adjusted Rand index between the fit's assignment and the refit's, unassigned papers being one
        group of it; median of the topics' values. None where there is nothing to measure.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics & Data
    Analysis 52, 258-271: the clusterwise Jaccard coefficient, here over subsets and seeds.
    Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification 2, 193-218.
    """
    about: dict[str, Any] = {"refits": refits, "ari": None, "median": None}
    if not refits or not n_topics:
        return np.full(n_topics, np.nan), about
    from sklearn.metrics import adjusted_rand_score

    overlaps, agreements = [], []
    for rows, own_seed in draws(len(vectors), seed, refits):
        part = vectors[rows]
        again, _ = assigned(part, *freeze(part, propose(rows, own_seed)))
        overlaps.append(best_overlaps(topics[rows], again, n_topics))
        agreements.append(adjusted_rand_score(topics[rows], again))
    found = np.array(overlaps)
    measured = ~np.isnan(found)
    totals = np.where(measured, found, 0).sum(axis=0)
    mean = np.where(measured.any(axis=0), totals / measured.sum(axis=0).clip(min=1), np.nan)
    about["ari"] = round(float(np.mean(agreements)), 4)
    about["median"] = round(float(np.nanmedian(mean)), 4) if measured.any() else None
    return mean.round(4), about


def best_overlaps(topics: np.ndarray, others: np.ndarray, n_topics: int) -> np.ndarray:
    """Return each topic's largest Jaccard overlap with any of the others; NaN for one without papers."""
    n_others = int(others.max(initial=UNASSIGNED)) + 1
    # Row and column 0 are the unassigned, whom a topic may contain but not match.
    cells = (topics + 1) * (n_others + 1) + others + 1
    shared = np.bincount(cells, minlength=(n_topics + 1) * (n_others + 1)).reshape(n_topics + 1, n_others + 1)
    sizes, other_sizes = shared.sum(axis=1)[1:], shared.sum(axis=0)[1:]
    both = shared[1:, 1:]
    together = sizes[:, None] + other_sizes - both
    best = (both / together.clip(min=1)).max(axis=1, initial=0)
    return np.where(sizes > 0, best, np.nan)
