"""The words of topics: class-based TF-IDF of the counts of words, over all topics at once."""

from typing import Any

import numpy as np

from trends.core.tables import UNASSIGNED

N_TERMS = 10

Terms = list[tuple[str, float]]


def class_terms(words: Any, vocabulary: np.ndarray, topics: np.ndarray, n_topics: int) -> list[Terms]:
    """Return the best words of topics 0 to n_topics - 1 with their weights, best first.

    Parameters
    ----------
    words
        Sparse counts (papers x words).
    vocabulary
        The word of each column.
    topics
        The topic of each paper; -1 in none. These papers are a class of their own that has no words.
    n_topics
        How many topics there are.

    References
    ----------
    Grootendorst, M. (2022). BERTopic: neural topic modeling with a class-based TF-IDF procedure.
    arXiv:2203.05794, section 3.3.
    """
    from scipy.sparse import csr_array

    row = np.where(topics == UNASSIGNED, n_topics, topics)
    member = csr_array(
        (np.ones(len(topics)), (row, np.arange(len(topics)))), shape=(n_topics + 1, len(topics))
    )
    counts = (member @ words.astype(np.float64)).tocsr()
    totals = np.asarray(counts.sum(axis=0)).ravel()
    average = totals.sum() / max(1, n_topics + 1)
    found: list[Terms] = []
    for k in range(n_topics):
        used = counts.indices[counts.indptr[k] : counts.indptr[k + 1]]
        n_uses = counts.data[counts.indptr[k] : counts.indptr[k + 1]]
        weights = n_uses / max(1.0, n_uses.sum()) * np.log1p(average / totals[used])
        # Equal weights go by the alphabet, which the columns follow.
        best = np.lexsort((used, -np.round(weights, 9)))[:N_TERMS]
        found.append([(str(vocabulary[used[i]]), float(weights[i])) for i in best])
    return found
