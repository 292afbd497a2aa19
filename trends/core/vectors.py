"""Vectors of papers: rows of length one, whose product is their cosine."""

import numpy as np


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
