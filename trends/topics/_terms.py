"""The words of topics: those that many of a topic's papers use and few others do."""

from typing import Any

import numpy as np

from trends.core.tables import UNASSIGNED
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import product_by_row

N_TERMS = 10

DAMPING = 0.65
"""The power of a word's share of the topic's papers. At 1 the words are each topic's part of the
Kullback-Leibler divergence; below, words of neighbouring topics give way to rarer ones of its own."""

SOFTNESS, OF_LEAD = 0.03, 0.6
"""A topic that is further from a paper than its own by this cosine has a third (e to the -1) of its part.
Where papers lead by little, since their encoder sets topics less apart, it is the second number x the median
lead (how much nearer a paper is to its own topic than to the next). Beside papers that count for one topic
alone (DAMPING .75) this brought BBC News NPMI .198 for .195 at diversity .905 for .912, and ten words of
6,000 abstracts' topics from .81 to .86 alike over seeds (DECISIONS.md)."""

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


def class_terms(words: Any, vocabulary: np.ndarray, member: Any) -> list[Terms]:
    """Return the best words of each topic with their weights, best first.

    A word that the share p of a topic's papers use, and the share q of all others, weighs p^.65 ln(p / q),
    q having one paper more so that it is never 0. Words that others use as often are left out.

    Parameters
    ----------
    words
        Sparse counts (papers x words).
    vocabulary
        The word of each column.
    member
        From `membership`.

    References
    ----------
    Kullback, S. and Leibler, R. A. (1951). On information and sufficiency. Annals of Mathematical
    Statistics 22, 79-86.
    """
    n_topics, n_papers = member.shape
    used = (words > 0).astype(np.float64)
    users = (member @ used).tocsr()
    all_users = np.asarray(used.sum(axis=0)).ravel()
    sizes = np.asarray(member.sum(axis=1)).ravel()
    found: list[Terms] = []
    for k in range(n_topics):
        mine = slice(users.indptr[k], users.indptr[k + 1])
        column, n_users = users.indices[mine], users.data[mine]
        share = n_users / max(LEAST, sizes[k])
        elsewhere = (all_users[column] - n_users) / max(1, n_papers - sizes[k]) + 1 / n_papers
        weights = share**DAMPING * np.log(share / elsewhere)
        # Equal weights go by the alphabet, which the columns follow.
        best = np.lexsort((column, -np.round(weights, 9)))[:N_TERMS]
        found.append([(str(vocabulary[column[i]]), float(weights[i])) for i in best if weights[i] > 0])
    return found
