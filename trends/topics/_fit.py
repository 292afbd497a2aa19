"""The fit: a committee proposes, a tree and the papers settle on topics, a calibrated rule assigns all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from trends.core.hashing import permanent_numbers
from trends.core.tables import UNASSIGNED
from trends.core.threads import one_thread_per_sum, side_by_side
from trends.core.vectors import mean_directions, unit_rows
from trends.core.words import latent_semantics
from trends.topics._assign import assigned, calibrated, nearest
from trends.topics._detail import at_detail, supported
from trends.topics._discover import N_ORDERS, Proposal, committee, tree_of
from trends.topics._layout import draw_map, several_at_once
from trends.topics._settle import settle_together
from trends.topics._stability import agreement, halves, steadiness

SETTLED_MOST = 6_000
"""Topics are found among at most so many papers; the others meet the rule like new ones."""

COMPARED_WAYS, COMPARED_MOST = 3, 3_000
"""Of the ways to halve the committee so many are compared, on at most so many papers."""

FEWEST = 3
"""A topic has at least so many papers."""

WORDS_DIMENSIONS, WORDS_WEIGHT = 100, 0.5
"""Beside the encoder's vectors stand the words' own, at half their length: over four seeds that brought
the best topic for each of six known themes from F1 .68 to .71 on the sample and from .75 to .78 on the
five pages (DECISIONS.md). Centroids live in the encoder's space alone."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Topics as arrays, the largest first: what `cluster` makes tables of.

    Attributes
    ----------
    centroids, cutoffs, stability
        One row or value per topic.
    topics, similarity
        Each paper's topic (-1 in none) and its cosine to the nearest centroid.
    drawn
        Each paper's place on the map (papers x 2).
    about
        What was measured: agreement at each number of topics looked at, what the cut-offs keep and refuse.
    """

    centroids: np.ndarray
    cutoffs: np.ndarray
    stability: np.ndarray
    topics: np.ndarray
    similarity: np.ndarray
    drawn: np.ndarray
    about: dict[str, Any]


def fit(
    vectors: np.ndarray,
    words: Any,
    ids: Sequence[str],
    *,
    detail: float | None,
    n_topics: int | None,
    seed: int,
) -> Fit:
    """Find topics in unit rows (papers sorted by id) and the counts of their words (papers x words)."""
    with one_thread_per_sum():
        numbers = permanent_numbers(ids, 1 + N_ORDERS)
        rows = np.sort(numbers[:, 0].argsort(kind="stable")[:SETTLED_MOST])
        orders = list(numbers[rows, 1:].T.argsort(axis=1, kind="stable"))

        def jobs() -> Iterator[Callable[[], Any]]:
            # The map is the longest job of all, so it goes first.
            yield partial(draw_map, vectors, seed)
            yield from committee(vectors[rows], _with_words(vectors[rows], words[rows], seed), orders, seed)

        with several_at_once():
            drawn, *proposals = side_by_side(lambda job: job(), jobs())
        centroids, pairs, about = _found(vectors[rows], proposals, len(vectors), detail, n_topics)
        centroids = _kept_by_papers(vectors, centroids)
        if not len(centroids):
            empty = np.empty(0, dtype=np.float32)
            nowhere = np.full(len(vectors), UNASSIGNED)
            none = np.zeros(len(vectors), dtype=np.float32)
            return Fit(centroids, empty, empty.astype(float), nowhere, none, drawn, about)
        best, _ = nearest(vectors, centroids)
        core = np.zeros(len(vectors), dtype=bool)
        core[rows] = _in_clusters(len(rows), proposals)
        cutoffs, rates = calibrated(vectors, best, centroids, core)
        topics, _ = assigned(vectors, centroids, cutoffs)
        largest_first = np.argsort(-np.bincount(topics[topics >= 0], minlength=len(centroids)), kind="stable")
        centroids, cutoffs = centroids[largest_first], cutoffs[largest_first]
        topics, similarity = assigned(vectors, centroids, cutoffs)
        stability = steadiness(vectors[rows], topics[rows], len(centroids), pairs)
        return Fit(centroids, cutoffs, stability.round(4), topics, similarity, drawn, about | rates)


def _found(
    vectors: np.ndarray,
    proposals: list[Proposal],
    n_papers: int,
    detail: float | None,
    n_topics: int | None,
) -> tuple[np.ndarray, list[Any], dict[str, Any]]:
    """Return centroids settled among these papers, the halves to compare, and what was measured."""
    n_leaves = max(len(proposal.centroids) for proposal in proposals)
    if n_leaves == 0:
        return np.empty((0, vectors.shape[1]), np.float32), [], {"agreement": {}}
    pairs = halves(proposals)
    looked_at = pairs[:COMPARED_WAYS]
    # Together the layouts see finer than one, but not without end.
    most = 2 * n_leaves if n_leaves > 1 else 1
    measured: dict[int, float] = {}
    compared = vectors[_spaced(len(vectors), COMPARED_MOST)]
    if n_topics is not None:
        wanted = n_topics
    elif detail is not None:
        wanted = at_detail(n_papers, detail)
    else:
        wanted, measured = supported(n_papers, most, lambda n: agreement(compared, looked_at, n))
    wanted = min(wanted, most)
    if wanted not in measured:
        measured[wanted] = agreement(compared, looked_at, wanted)
    about = {"agreement": {str(n): round(measured[n], 4) for n in sorted(measured)}}
    trees = [tree_of(proposals), *(half for pair in pairs for half in pair)]
    return settle_together(vectors, trees, wanted), looked_at, about


def _kept_by_papers(vectors: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """Return the centroids as all papers have them, without those that too few are nearest to."""
    while len(centroids):
        best, _ = nearest(vectors, centroids)
        sizes = np.bincount(best, minlength=len(centroids))
        if (sizes >= FEWEST).all():
            return mean_directions(vectors, best)
        centroids = centroids[sizes >= FEWEST]
    return centroids


def _in_clusters(n_papers: int, proposals: list[Proposal]) -> np.ndarray:
    """Tell which papers most of the layouts that saw them put into a leaf."""
    seen, held = np.zeros(n_papers), np.zeros(n_papers)
    for proposal in proposals:
        seen[proposal.rows] += 1
        held[proposal.rows] += proposal.leaves != UNASSIGNED
    return held > seen / 2


def _spaced(n_papers: int, most: int) -> np.ndarray:
    """Return evenly spaced rows of a table sorted by id: a fair sample, and the same every time."""
    return np.arange(0, n_papers, max(1, -(-n_papers // most)))


def _with_words(vectors: np.ndarray, words: Any, seed: int) -> np.ndarray:
    """Return the vectors beside those of the papers' own words: what is laid out."""
    latent = latent_semantics(words, WORDS_DIMENSIONS, seed)
    joined = np.hstack([vectors, WORDS_WEIGHT * unit_rows(latent)])
    return np.ascontiguousarray(unit_rows(joined), dtype=np.float32)
