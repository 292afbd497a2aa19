"""How steady topics are: would another committee, of other papers and other seeds, have found them?

The layouts of the committee differ in seed and in papers. Halved, they are two committees that know nothing
of each other; each half finds its own topics. How far two halves agree tells which number of topics the
corpus supports, and how often a topic comes back in them tells how far to trust it. A half is a smaller
committee than the whole, so both figures are on the low side. What all halves find is what `settle_together`
makes topics of.
"""

from collections.abc import Sequence

import numpy as np

from trends.core.tables import UNASSIGNED
from trends.core.threads import side_by_side
from trends.topics._assign import nearest
from trends.topics._discover import Proposal, tree_of
from trends.topics._settle import FEWER_ROUNDS, Tree, settle

RESIDUES = (1, 3, 4, 5, 9)
"""The squares modulo 11: any two of their shifts share two numbers."""


def halves(proposals: Sequence[Proposal]) -> list[tuple[Tree, Tree]]:
    """Return the trees of both sides of eleven ways to halve a committee of twelve.

    Each layout is as often with any other as against it: balanced half-samples. Ways that leave a side
    without a proposal are left out.

    References
    ----------
    Plackett, R. L. and Burman, J. P. (1946). The design of optimum multifactorial experiments. Biometrika
    33, 305-325.
    McCarthy, P. J. (1969). Pseudo-replication: half samples. Review of the International Statistical
    Institute 37, 239-264.
    """
    pairs = []
    for shift in range(11):
        mine = [k == 11 or (k + shift) % 11 in RESIDUES for k in range(len(proposals))]
        first = [p for p, side in zip(proposals, mine) if side]
        second = [p for p, side in zip(proposals, mine) if not side]
        if first and second and all(any(len(p.centroids) for p in half) for half in (first, second)):
            pairs.append((tree_of(first), tree_of(second)))
    return pairs


def agreement(vectors: np.ndarray, pairs: Sequence[tuple[Tree, Tree]], n_topics: int) -> float:
    """Return how far two halves put papers together alike at a number of topics.

    Returns
    -------
    float
        The mean adjusted Rand index over the ways to halve; 1 the same, 0 chance, NaN without halves.

    References
    ----------
    Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification 2, 193-218.
    """
    from sklearn.metrics import adjusted_rand_score

    found = [adjusted_rand_score(*(_topics(vectors, half, n_topics) for half in pair)) for pair in pairs]
    return float(np.mean(found)) if found else np.nan


def steadiness(
    vectors: np.ndarray, topics: np.ndarray, n_topics: int, pairs: Sequence[tuple[Tree, Tree]]
) -> np.ndarray:
    """Return for each topic how well it comes back in the halves: 0 never, 1 always the same papers.

    The mean over halves of its largest Jaccard overlap with a topic of the half, over papers in a topic; NaN
    for a topic that has no paper among these rows.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics & Data
    Analysis 52, 258-271: the clusterwise Jaccard coefficient, here over seeds and subsets.
    """
    inside = topics != UNASSIGNED
    rows = vectors[inside]

    def overlap(half: Tree) -> np.ndarray:
        return best_overlaps(topics[inside], _topics(rows, half, n_topics), n_topics)

    overlaps = list(side_by_side(overlap, [half for pair in pairs for half in pair]))
    return np.mean(overlaps, axis=0) if overlaps else np.full(n_topics, np.nan)


def best_overlaps(topics: np.ndarray, others: np.ndarray, n_topics: int) -> np.ndarray:
    """Return each topic's largest Jaccard overlap with any of the others; NaN for one without papers."""
    n_others = int(others.max(initial=0)) + 1
    shared = np.bincount(topics * n_others + others, minlength=n_topics * n_others)
    shared = shared.reshape(n_topics, n_others)
    sizes, other_sizes = shared.sum(axis=1), shared.sum(axis=0)
    best = (shared / (sizes[:, None] + other_sizes - shared).clip(min=1)).max(axis=1)
    return np.where(sizes > 0, best, np.nan)


def _topics(vectors: np.ndarray, half: Tree, n_topics: int) -> np.ndarray:
    return nearest(vectors, settle(vectors, half, n_topics, FEWER_ROUNDS))[0]
