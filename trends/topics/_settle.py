"""From many proposed centres to a given number of topics, and back to the papers.

Ward's tree joins the leaves of all layouts, each as heavy as its papers; its cut gives any number of topics
without a cliff. A few rounds of k-means from there let the papers decide: on 6,000 arXiv abstracts this beats
HDBSCAN's own cuts at every number of topics and k-means from random starts at most (DECISIONS.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trends.core.tables import UNASSIGNED
from trends.core.threads import side_by_side
from trends.core.vectors import mean_directions
from trends.topics._assign import nearest

ROUNDS, FEWER_ROUNDS = 10, 5
"""Rounds of k-means; fewer where only many results together count."""


@dataclass(frozen=True, eq=False)
class Tree:
    """Centres (unit rows), the weight of each, and Ward's tree over them, as scipy writes it."""

    centres: np.ndarray
    weights: np.ndarray
    joins: np.ndarray

    def cut(self, n: int) -> np.ndarray:
        """Return the mean directions of about so many branches; there may be fewer."""
        from scipy.cluster.hierarchy import fcluster

        if not len(self.joins):
            return self.centres
        heavy = (self.centres * self.weights[:, None]).astype(np.float32)
        return mean_directions(heavy, fcluster(self.joins, n, "maxclust"))


def grown(centres: Sequence[np.ndarray], weights: Sequence[np.ndarray] | None = None) -> Tree:
    """Return the tree over the centres of several sources, each as heavy as said or all alike."""
    pooled = np.concatenate(centres)
    weight = np.ones(len(pooled)) if weights is None else np.concatenate(weights).astype(np.float64)
    return Tree(pooled, weight, ward(pooled, weight))


def ward(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return Ward's tree over points with weights, in the form of scipy's `linkage`, heights squared.

    scipy's own has no weights. With equal ones the trees are the same.

    References
    ----------
    Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. JASA 58, 236-244.
    Murtagh, F. (1983). A survey of recent advances in hierarchical clustering algorithms. The Computer
    Journal 26, 354-359: the chains of nearest neighbours, n^2 steps in all.
    """
    n, heavy = len(points), weights.astype(np.float64)
    rows = points.astype(np.float64)
    product = rows @ rows.T
    squares = np.diag(product)
    # What joining two costs: by how much the sum of squares within grows.
    cost = np.maximum(squares[:, None] + squares - 2 * product, 0)
    cost *= heavy[:, None] * heavy / (heavy[:, None] + heavy)
    np.fill_diagonal(cost, np.inf)
    found: list[tuple[float, int, int]] = []
    chain: list[int] = []
    alive = np.ones(n, dtype=bool)
    while len(found) < n - 1:
        if not chain:
            chain = [int(alive.argmax())]
        while True:
            last, nearby = chain[-1], int(cost[chain[-1]].argmin())
            if len(chain) > 1 and cost[last, chain[-2]] <= cost[last, nearby]:
                break
            chain.append(nearby)
        one, other = sorted(chain[-2:])
        del chain[-2:]
        height = cost[one, other]
        found.append((height, one, other))
        total = heavy[one] + heavy[other]
        joined = (heavy[one] + heavy) * cost[one] + (heavy[other] + heavy) * cost[other] - heavy * height
        joined /= total + heavy
        joined[one] = np.inf
        heavy[one], alive[other] = total, False
        cost[other] = cost[:, other] = np.inf
        cost[one] = cost[:, one] = np.where(alive, joined, np.inf)
    return _as_linkage(found, n)


def _as_linkage(found: Sequence[tuple[float, int, int]], n: int) -> np.ndarray:
    """Write joins, in whatever order they were found, as scipy does: the lowest first, branches numbered."""
    joins = np.empty((max(0, n - 1), 4))
    branch, size = list(range(n)), [1] * n
    for row, (height, one, other) in enumerate(sorted(found, key=lambda join: join[0])):
        size[one] += size[other]
        joins[row] = (*sorted((branch[one], branch[other])), height, size[one])
        branch[one] = n + row
    return joins


def settle(vectors: np.ndarray, tree: Tree, n_topics: int, rounds: int = ROUNDS) -> np.ndarray:
    """Return centroids of about so many topics: the tree's cut, settled among the papers by k-means.

    A centre that no paper is nearest to is left out, so that there may be fewer.

    References
    ----------
    Lloyd, S. (1982). Least squares quantization in PCM. IEEE Trans. Inf. Theory 28, 129-137.
    """
    centres = tree.cut(n_topics)
    before = np.full(len(vectors), UNASSIGNED)
    for _ in range(rounds if len(centres) > 1 else 0):
        topics, _ = nearest(vectors, centres)
        if (topics == before).all():
            break
        centres, before = mean_directions(vectors, topics), topics
    return centres


def settle_together(vectors: np.ndarray, trees: Sequence[Tree], n_topics: int) -> np.ndarray:
    """Return centroids on which several trees agree: each settles by itself, then a tree over all they found.

    k-means ends where it began; what most beginnings lead to comes back under another seed (DECISIONS.md).
    """
    if len(trees) == 1:
        return settle(vectors, trees[0], n_topics)
    found = list(side_by_side(lambda tree: settle(vectors, tree, n_topics, FEWER_ROUNDS), trees))
    return settle(vectors, grown(found), n_topics)
