"""Vectors of papers: rows of length one, whose product is their cosine."""

import numpy as np


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Scale rows to length one; a row of zeros (a paper without words) stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def mean_directions(vectors: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the direction of each group's mean in order of its number, float32; -1 is no group."""
    from scipy.sparse import csr_array

    inside = np.flatnonzero(groups >= 0)
    names, group = np.unique(groups[inside], return_inverse=True)
    ones = np.ones(len(inside), dtype=vectors.dtype)
    member = csr_array((ones, (group, inside)), shape=(len(names), len(vectors)))
    return unit_rows(member @ vectors).astype(np.float32)
