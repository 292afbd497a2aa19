"""Ridge regression in its dual form: the closed forms beside what they stand for."""

import numpy as np
import pytest

from trends.embeddings import _regression as room


@pytest.fixture
def blocks():
    """Forty papers: two blocks of features that a pupil sees, one of beginnings, and a teacher's vectors."""
    rng = np.random.default_rng(3)
    seen = [rng.normal(size=(40, 8)), rng.normal(size=(40, 5))]
    begun = rng.normal(size=(40, 6))
    mixed = np.hstack([*seen, begun]) @ rng.normal(size=(19, 4)) + 0.3 * rng.normal(size=(40, 4))
    return seen, begun, mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


def solved(products, targets, ridge):
    return np.linalg.solve(products + ridge * np.eye(len(products)), targets)


def test_unseen_is_what_all_other_papers_teach(blocks):
    seen, _, targets = blocks
    products = room.kernel(seen, seen)
    found = room.regression(products, targets)
    for k in range(len(targets)):
        rest = np.delete(np.arange(len(targets)), k)
        alone = products[k, rest] @ solved(products[np.ix_(rest, rest)], targets[rest], found.ridge)
        np.testing.assert_allclose(found.unseen[k], alone, atol=1e-9)


def test_the_ridge_is_the_one_that_predicts_best(blocks):
    seen, _, targets = blocks
    products = room.kernel(seen, seen)
    found = {ridge: room.regression(products, targets, (ridge,)).unseen for ridge in room.RIDGES}
    best = max(found, key=lambda ridge: room.mean_cosine(found[ridge], targets))
    assert room.regression(products, targets).ridge == best


def test_a_pupils_unseen_is_untouched_by_what_the_teacher_made_of_the_paper(blocks):
    seen, begun, targets = blocks
    n = 15
    student, found = room.passed_on(seen, begun, targets[:n])
    both, own = room.kernel([*seen, begun], [*seen, begun]), room.kernel(seen, seen)
    ridge = room.regression(both[:n, :n], targets[:n]).ridge
    assert student.ridge == ridge and len(student.weights) == n
    for k in range(len(targets)):
        taught = np.delete(np.arange(n), k) if k < n else np.arange(n)
        rest = np.delete(np.arange(len(targets)), k)
        told = both[rest][:, taught] @ solved(both[np.ix_(taught, taught)], targets[taught], ridge)
        alone = own[k, rest] @ solved(own[np.ix_(rest, rest)], told, found.ridge)
        np.testing.assert_allclose(found.unseen[k], alone, atol=1e-9)
