"""Where topics may be: a committee of small layouts, each of its own part of the papers, proposes.

One UMAP of a whole corpus costs more with every paper and moves with its seed: of two runs on 6,000
abstracts only .5 to .6 (adjusted Rand index) was the same. Layouts of at most 3,000 papers each cost the
same for any corpus, and what most of them propose comes back (DECISIONS.md). Which papers a layout sees hangs
on their ids, not on the seed, so that another seed or a few papers more change little. HDBSCAN's leaves are
taken, not its default selection, which collapses without warning.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from trends.core.tables import UNASSIGNED
from trends.core.vectors import mean_directions
from trends.topics._assign import nearest
from trends.topics._layout import layout
from trends.topics._settle import Tree, grown

N_ORDERS = 6
"""In so many orders of the papers two layouts each propose: twelve, whose halves can be set against each
other."""

PART_MOST, PART_SHARE = 3_000, 0.7
"""A layout sees at most so many papers, and of a small corpus this share."""

SMALLEST_LEAF, LEAF_PER_ROOT = 3, 0.13
"""The smallest leaf = the second x the square root of the part: 3 of 280 papers, 7 of 3,000."""

ALIKE = 0.8
"""Papers whose mean cosine to their centre is this are copies of one text, and one topic."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """What one layout proposes.

    Attributes
    ----------
    rows
        The papers it saw, ascending.
    leaves
        The leaf of each of them, -1 in none.
    centroids
        The centre of each leaf and of the papers nearest to it, unit rows in the space of the vectors.
    sizes
        How many papers are nearest to each centre.
    """

    rows: np.ndarray
    leaves: np.ndarray
    centroids: np.ndarray
    sizes: np.ndarray


def committee(
    vectors: np.ndarray, space: np.ndarray, orders: Sequence[np.ndarray], seed: int
) -> list[Callable[[], Proposal]]:
    """Return the layouts of the committee, each of which proposes leaves when called.

    They are called inside `several_at_once`, in any order, side by side.

    Parameters
    ----------
    vectors
        The papers' unit rows: the space in which topics will have their centroids.
    space
        The papers' unit rows to lay out, which may know more than the vectors.
    orders
        `N_ORDERS` ways to order the papers. Two layouts see the beginning and the end of each, so that all
        papers are seen about as often.
    seed
        Seeds the layouts.
    """
    n_papers = len(vectors)
    n_seen = min(PART_MOST, max(math.ceil(PART_SHARE * n_papers), min(n_papers, 2 * SMALLEST_LEAF)))

    def proposal(number: int, seen: np.ndarray) -> Proposal:
        random = np.random.default_rng([seed, number])
        leaves = _leaves(layout(space[seen], 5, seed=int(random.integers(2**31))))
        leaves = _or_one_theme(leaves, vectors[seen])
        centres = mean_directions(vectors[seen], leaves)
        closest = nearest(vectors[seen], centres)[0]
        if len(centres) > 1:
            centres = mean_directions(vectors[seen], closest)
        return Proposal(seen, leaves, centres, np.unique(closest[closest >= 0], return_counts=True)[1])

    parts = [np.sort(part) for order in orders for part in (order[:n_seen], order[-n_seen:])]
    return [partial(proposal, number, part) for number, part in enumerate(parts)]


def _leaves(points: np.ndarray) -> np.ndarray:
    """Return the leaf of HDBSCAN's tree that each point is in, -1 in none."""
    from hdbscan import HDBSCAN

    smallest = max(SMALLEST_LEAF, round(LEAF_PER_ROOT * math.sqrt(len(points))))
    if len(points) < 2 * smallest:
        return np.full(len(points), UNASSIGNED)
    found = HDBSCAN(
        min_cluster_size=smallest,
        min_samples=(smallest + 1) // 2,
        cluster_selection_method="leaf",
        core_dist_n_jobs=1,
    ).fit(points.astype(np.float64))
    return np.asarray(found.labels_)


def _or_one_theme(leaves: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the leaves, or where there are none one, if the papers are as alike as copies of a text."""
    if (leaves != UNASSIGNED).any() or len(vectors) < 2 * SMALLEST_LEAF:
        return leaves
    centre = vectors.mean(axis=0)
    alike = np.mean(vectors @ centre / max(float(np.linalg.norm(centre)), 1e-12)) >= ALIKE
    return np.zeros(len(vectors), dtype=int) if alike else leaves


def tree_of(proposals: Sequence[Proposal]) -> Tree:
    """Return the tree over all centres that these layouts propose."""
    return grown([p.centroids for p in proposals], [p.sizes for p in proposals])
