"""Vectors of papers: rows of length one, whose product is their cosine."""

from typing import Any

import numpy as np

from trends.core.threads import one_thread_per_sum

AT_A_TIME = 4096
"""Words whose mean vectors are held at once."""


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Scale rows to length one; a row of zeros (a paper without words) stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def product_by_row(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return rows @ matrix (float32), each row the same to the last bit whatever rows are beside it.

    A product of matrices sums in an order that hangs on the shape of the whole and, on some processors
    (Haswell, Zen), on the place of a row. So each row is multiplied alone, from the same place in memory.
    """
    found = np.empty((len(rows), matrix.shape[1]), dtype=np.float32)
    by_column = np.ascontiguousarray(matrix.T, dtype=np.float32)
    alone = np.empty(matrix.shape[0], dtype=np.float32)
    for k, row in enumerate(rows):
        alone[:] = row
        found[k] = by_column @ alone
    return found


def mean_directions(vectors: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the direction of each group's mean in order of its number, float32; -1 is no group."""
    from scipy.sparse import csr_array

    inside = np.flatnonzero(groups >= 0)
    names, group = np.unique(groups[inside], return_inverse=True)
    ones = np.ones(len(inside), dtype=vectors.dtype)
    member = csr_array((ones, (group, inside)), shape=(len(names), len(vectors)))
    return unit_rows(member @ vectors).astype(np.float32)


def nearness(
    used: Any, vectors: np.ndarray, centroids: np.ndarray, sizes: np.ndarray | None = None
) -> np.ndarray:
    """Return the cosine (topics x words) of each topic and the mean of what uses a word.

    Both are seen from the mean of all, so that a word used everywhere is near to no topic.

    Parameters
    ----------
    used
        Sparse, papers x words: how often each word counts for a paper.
    vectors
        A row per paper. Topics may stand for their papers, their centroids for the papers' vectors.
    centroids
        A row per topic.
    sizes
        How many papers each row of `vectors` stands for; one each by default.
    """
    if not len(centroids) or (sizes is not None and not sizes.any()):
        return np.zeros((len(centroids), used.shape[1]))
    with one_thread_per_sum():
        exact = vectors.astype(np.float64)
        middle = np.average(exact, axis=0, weights=sizes)
        towards, by_word = unit_rows(centroids - middle), used.T.tocsr()
        found = np.empty((len(centroids), used.shape[1]))
        for first in range(0, used.shape[1], AT_A_TIME):
            some = by_word[first : first + AT_A_TIME]
            of_words = some @ exact - np.outer(some.sum(axis=1), middle)
            found[:, first : first + AT_A_TIME] = towards @ unit_rows(of_words).T
        return np.round(found, 6)
