"""The words of topics: those that many of a topic's papers use and few others do."""

from typing import Any

import numpy as np

from trends.core.tables import UNASSIGNED

N_TERMS = 10

DAMPING = 0.75
"""The power of a word's share of the topic's papers. At 1 the words are each topic's part of the
Kullback-Leibler divergence; below, words of neighbouring topics give way to rarer ones of its own. On BBC
News 1 gives NPMI .209 and diversity .880, .75 gives .207 and .912; class-based TF-IDF .173 and .807."""

Terms = list[tuple[str, float]]


def class_terms(words: Any, vocabulary: np.ndarray, topics: np.ndarray, n_topics: int) -> list[Terms]:
    """Return the best words of topics 0 to n_topics - 1 with their weights, best first.

    A word that the share p of a topic's papers use, and the share q of all others, weighs p^.75 ln(p / q),
    q having one paper more so that it is never 0. Words that others use as often are left out.

    Parameters
    ----------
    words
        Sparse counts (papers x words).
    vocabulary
        The word of each column.
    topics
        The topic of each paper; -1 in none.
    n_topics
        How many topics there are.

    References
    ----------
    Kullback, S. and Leibler, R. A. (1951). On information and sufficiency. Annals of Mathematical
    Statistics 22, 79-86.
    """
    from scipy.sparse import csr_array

    n_papers = len(topics)
    inside = np.flatnonzero(topics != UNASSIGNED)
    member = csr_array((np.ones(len(inside)), (topics[inside], inside)), shape=(n_topics, n_papers))
    used = (words > 0).astype(np.float64)
    users = (member @ used).tocsr()
    all_users = np.asarray(used.sum(axis=0)).ravel()
    sizes = np.bincount(topics[inside], minlength=n_topics)
    found: list[Terms] = []
    for k in range(n_topics):
        mine = slice(users.indptr[k], users.indptr[k + 1])
        column, n_users = users.indices[mine], users.data[mine]
        share = n_users / max(1, sizes[k])
        elsewhere = (all_users[column] - n_users) / max(1, n_papers - sizes[k]) + 1 / n_papers
        weights = share**DAMPING * np.log(share / elsewhere)
        # Equal weights go by the alphabet, which the columns follow.
        best = np.lexsort((column, -np.round(weights, 9)))[:N_TERMS]
        found.append([(str(vocabulary[column[i]]), float(weights[i])) for i in best if weights[i] > 0])
    return found
