"""Ridge regression in its dual form, and what each taught paper would get if it had not been taught.

n taught papers make one n x n matrix (Saunders, Gammerman & Vovk 1998). The vector that a paper has by the
regression on all others is its target less its weights over its own entry in the inverse of the kernel
(leave-one-out; Rasmussen & Williams 2006, equation 5.12).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trends.core.vectors import unit_rows

RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0)

OF_PUPIL = 0.1
"""The ridge of a pupil. What a student says of a paper has no noise, so little hangs on it."""


@dataclass(frozen=True, eq=False)
class Regression:
    """What was learned of n taught papers and their target vectors.

    Attributes
    ----------
    weights
        What each taught paper weighs in each dimension (n x dimensions).
    unseen
        The vectors that the taught papers have by the regression on all others (n x dimensions).
    inverse
        The inverse of the kernel with the ridge on its diagonal (n x n).
    ridge
        The one of those tried that brings the unseen nearest to their targets.
    """

    weights: np.ndarray
    unseen: np.ndarray
    inverse: np.ndarray
    ridge: float


def kernel(rows: Sequence[Any], columns: Sequence[Any]) -> np.ndarray:
    """Return the sum over blocks of features of the inner products of two groups of papers (float64)."""
    total = np.zeros((rows[0].shape[0], columns[0].shape[0]))
    for block, other in zip(rows, columns, strict=True):
        products = block @ other.T
        total += products if isinstance(products, np.ndarray) else products.toarray()
    return total


def regression(products: np.ndarray, targets: np.ndarray, ridges: Sequence[float] = RIDGES) -> Regression:
    """Learn targets (n x dimensions) from the kernel of taught papers (n x n)."""
    from scipy.linalg import cho_factor, cho_solve

    def learned(ridge: float) -> tuple[float, Regression]:
        raised = products + ridge * np.eye(len(products))
        inverse = cho_solve(cho_factor(raised, overwrite_a=True), np.eye(len(products)))
        weights = inverse @ targets
        unseen = targets - weights / np.diag(inverse)[:, None]
        return mean_cosine(unseen, targets), Regression(weights, unseen, inverse, ridge)

    # One at a time: an inverse of thousands of papers is large.
    best = learned(ridges[0])
    for ridge in ridges[1:]:
        best = max(best, learned(ridge), key=lambda tried: tried[0])
    return best[1]


def passed_on(sample: Sequence[Any], begun: np.ndarray, teacher: np.ndarray) -> tuple[Regression, Regression]:
    """Teach a student, and a pupil what the student makes of papers.

    Parameters
    ----------
    sample
        Blocks of features of m papers that pupil and student look at; the first n were read by the teacher.
    begun
        The block that the student alone looks at (m rows).
    teacher
        Its vectors of the first n (n x dimensions).

    Returns
    -------
    student, pupil
        The pupil's vectors of the first n are as if the student had not been taught them either: it gives
        all m papers vectors by weights that lack this paper's, so what the pupil then makes of the paper is
        less by its weights times one number.
    """
    n = len(teacher)
    seen = [*sample, begun]
    products = kernel(seen, [block[:n] for block in seen])
    student = regression(products[:n], teacher.astype(np.float64))
    pupil = regression(kernel(sample, sample), products @ student.weights, (OF_PUPIL,))
    # How much a taught paper's own weights move the vector that the student gives each paper.
    moved = products @ student.inverse / np.diag(student.inverse)
    pulled = np.einsum("ij,ji->i", pupil.inverse[:n], moved) / np.diag(pupil.inverse)[:n]
    unseen = pupil.unseen.copy()
    unseen[:n] -= (np.diag(moved) - pulled)[:, None] * student.weights
    return student, Regression(pupil.weights, unseen, pupil.inverse, pupil.ridge)


def mean_cosine(vectors: np.ndarray, others: np.ndarray) -> float:
    """Return the mean cosine of rows to those beside them."""
    return float(np.mean(np.sum(unit_rows(vectors) * unit_rows(others), axis=1)))
