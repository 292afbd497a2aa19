"""The words of topics: those that many of a topic's papers use, few others do, and that are used near it."""

from typing import Any

import numpy as np

from trends.core.tables import UNASSIGNED
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import nearness, product_by_row
from trends.core.words import WordCounts

N_TERMS = 10

N_CANDIDATES = 50
"""The words of a topic whose users' place is asked for."""

DAMPING, NEARNESS = 0.8, 2.0
"""The power of a word's share of the topic's papers, and how much it counts where a word is used.

With 1 and 0 the words are each topic's part of the Kullback-Leibler divergence. A lower power makes words of
neighbouring topics give way to rarer ones, which hang on few papers. Nearness does so by all papers that use
a word, so that words are as distinct and steadier (DECISIONS.md)."""

SOFTNESS, OF_LEAD = 0.04, 0.8
"""A topic that is further from a paper than its own by this cosine has a third (e to the -1) of its part.
Where papers lead by little, since their encoder sets topics less apart, it is the second number x the median
lead (how much nearer a paper is to its own topic than to the next)."""

LEAST = 0.01
"""Smaller parts of a paper are left out."""

Terms = list[tuple[str, float]]


def membership(vectors: np.ndarray, topics: np.ndarray, centroids: np.ndarray) -> Any:
    """Return how much each paper tells of each topic (topics x papers, sparse): in all 1, or 0 in no topic.

    A paper between two topics tells of both, so that their words do not hang on which of them it is in. One
    that the user placed in a topic that is not the nearest tells of that one alone.

    Parameters
    ----------
    vectors
        The papers' unit rows.
    topics
        The topic of each paper; -1 in none.
    centroids
        Of topics 0 and up.
    """
    from scipy.sparse import csr_array

    inside = np.flatnonzero(topics != UNASSIGNED)
    rows, own = np.arange(len(inside)), topics[inside]
    with one_thread_per_sum():
        likeness = np.round(product_by_row(vectors[inside], centroids.T), 6).astype(np.float64)
    by_rule = likeness[rows, own] >= likeness.max(axis=1, initial=-1)
    softness = SOFTNESS
    if by_rule.any() and len(centroids) > 1:
        second, first = np.partition(likeness[by_rule], -2, axis=1)[:, -2:].T
        softness = min(SOFTNESS, max(OF_LEAD * float(np.median(first - second)), 1e-6))
    parts = np.exp((likeness - likeness.max(axis=1, keepdims=True, initial=-1)) / softness)
    parts[~by_rule] = 0
    parts[rows[~by_rule], own[~by_rule]] = 1
    for _ in range(2):
        parts /= parts.sum(axis=1, keepdims=True)
        parts[parts < LEAST] = 0
    row, topic = np.nonzero(parts)
    return csr_array((parts[row, topic], (topic, inside[row])), shape=(len(centroids), len(vectors)))


def class_terms(
    counts: WordCounts, vectors: np.ndarray, topics: np.ndarray, centroids: np.ndarray
) -> list[Terms]:
    """Return the best words of each topic with their weights, best first.

    A word that the share p of a topic's papers use, and the share q of all others, weighs
    p^.8 ln(p / q) e^(2c), q having one paper more so that it is never 0; c is its `nearness` to the topic.
    Words that others use as often are left out.

    Parameters
    ----------
    counts
        The words of the papers.
    vectors, topics, centroids
        As `membership` takes them.

    References
    ----------
    Kullback, S. and Leibler, R. A. (1951). On information and sufficiency. Annals of Mathematical
    Statistics 22, 79-86.
    """
    member = membership(vectors, topics, centroids)
    n_topics, n_papers = member.shape
    used = (counts.words > 0).astype(np.float64)
    users = (member @ used).tocsr()
    all_users = np.asarray(used.sum(axis=0)).ravel()
    sizes = np.asarray(member.sum(axis=1)).ravel()
    told: list[tuple[np.ndarray, np.ndarray]] = []
    for k in range(n_topics):
        mine = slice(users.indptr[k], users.indptr[k + 1])
        column, n_users = users.indices[mine], users.data[mine]
        share = n_users / max(LEAST, sizes[k])
        elsewhere = (all_users[column] - n_users) / max(1, n_papers - sizes[k]) + 1 / n_papers
        weights = share**DAMPING * np.log(share / elsewhere)
        best = _best(column, weights, N_CANDIDATES)
        told.append((column[best], weights[best]))
    columns = np.unique(np.concatenate([column for column, _ in told] or [np.zeros(0, dtype=int)]))
    near = nearness(used[:, columns], vectors, centroids)
    found: list[Terms] = []
    for k, (column, weights) in enumerate(told):
        nearer = weights * np.exp(NEARNESS * near[k, np.searchsorted(columns, column)])
        best = _best(column, nearer, N_TERMS)
        found.append([(str(counts.vocabulary[column[i]]), float(nearer[i])) for i in best])
    return found


def _best(column: np.ndarray, weights: np.ndarray, n: int) -> np.ndarray:
    """Return the places of the n highest weights above 0; of equal ones, those first in the alphabet."""
    # Columns follow the alphabet.
    best = np.lexsort((column, -np.round(weights, 9)))[:n]
    return best[weights[best] > 0]
