"""UMAP on exact neighbours: five dimensions to cluster in, two to look at; the same every time.

A seeded UMAP runs on one thread, so neither the number of threads nor the order of papers (which the
caller sorts) changes the result.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import numpy as np

from trends.core.garbage import no_search_for_cycles
from trends.topics._neighbours import neighbours

N_NEIGHBOURS, MAP_NEIGHBOURS = 10, 15
"""Papers that each is drawn near to. UMAP's own 15 takes a seventh longer for topics that are as steady and
agree with the classes as well (DECISIONS.md); the map keeps it."""

EPOCHS = 50
"""A tenth of UMAP's own for small corpora: the topics agree with the classes, and with those of other draws
of papers, as well as after 100 (DECISIONS.md)."""

MAP_MOST, MAP_EPOCHS = 4_000, 200
"""The map is drawn of at most so many papers; the others are placed among them."""

DESCENT = "_nb_optimize_layout_euclidean_single_epoch"
"""UMAP's name for one round of its descent; a private one, so its absence is no fault."""

COMPILED_ANEW = ("smooth_knn_dist", "compute_membership_strengths")
"""What else UMAP compiles in every process, 3 s of it; private names too."""

SMALLEST = 8
"""UMAP's spectral start needs a few papers more than it has dimensions; below, PCA draws the map."""


def layout(
    vectors: np.ndarray,
    dimensions: int,
    *,
    seed: int,
    epochs: int = EPOCHS,
    n_neighbours: int = N_NEIGHBOURS,
    min_dist: float = 0.0,
) -> np.ndarray:
    """Return (papers x dimensions) float32: UMAP, or two principal axes where papers are too few."""
    if len(vectors) < SMALLEST or _distinct(vectors) < SMALLEST:
        return _principal_axes(vectors)
    n_neighbours = min(n_neighbours, len(vectors) - 1)
    from umap import UMAP

    found = UMAP(
        n_components=dimensions,
        n_neighbors=n_neighbours,
        min_dist=min_dist,
        metric="cosine",
        precomputed_knn=neighbours(vectors, n_neighbours),
        random_state=seed,
        n_epochs=epochs,
        n_jobs=1,
    ).fit_transform(vectors)
    return np.nan_to_num(np.asarray(found, dtype=np.float32))


@contextmanager
def several_at_once() -> Iterator[None]:
    """Let layouts run side by side in threads, and without UMAP's warnings.

    UMAP compiles its descent anew in every process (6 s) and holds the interpreter while it runs. Inside the
    block it uses the same function, compiled once per machine and free of the interpreter: the same numbers,
    and on two cores two layouts at once.
    """
    with warnings.catch_warnings():
        # UMAP warns that a given graph cannot place new papers (the centroid rule does that here), and at
        # its import that an optional part is absent.
        warnings.simplefilter("ignore")
        with no_search_for_cycles():
            from umap import layouts

            _load_libraries()
            _keep_compiled()
        before = getattr(layouts, DESCENT, None)
        if before is not None:
            setattr(layouts, DESCENT, _freed(before.py_func))
        try:
            yield
        finally:
            if before is not None:
                setattr(layouts, DESCENT, before)


def _load_libraries() -> None:
    """Load what layouts and their leaves load, before there are threads.

    threadpoolctl looks through the loaded libraries holding the system's lock on them, and asks for the
    interpreter; a thread that loads one holds the interpreter and asks for that lock. So two layouts that
    began at once could wait for each other for ever.
    """
    import hdbscan  # noqa: F401
    import numba
    import sklearn.decomposition  # noqa: F401  (of latent semantics, which are made beside the map)

    numba.get_num_threads()  # loads the library of numba's threads


@cache
def _keep_compiled() -> None:
    """Let the machine code of UMAP's graph be kept on disk, where a folder may be written to."""
    from umap import umap_

    for name in COMPILED_ANEW:
        keep = getattr(getattr(umap_, name, None), "enable_caching", None)
        if keep is not None:
            with suppress(RuntimeError):
                keep()


def _freed(descent: Any) -> Any:
    """Return the descent as UMAP compiles it, but free of the interpreter and kept on disk if it can be."""
    from numba import njit

    try:
        return njit(descent, fastmath=True, nogil=True, cache=True)
    except RuntimeError:  # no folder here may be written to
        return njit(descent, fastmath=True, nogil=True)


def draw_map(space: np.ndarray, seed: int) -> np.ndarray:
    """Return where each paper stands on the map (papers x 2, float32); called inside `several_at_once`."""
    step = max(1, -(-len(space) // MAP_MOST))
    shown = np.ascontiguousarray(space[::step])
    drawn = layout(shown, 2, seed=seed, epochs=MAP_EPOCHS, n_neighbours=MAP_NEIGHBOURS, min_dist=0.1)
    if step == 1:
        return drawn
    placed = place(space, shown, drawn)
    placed[::step] = drawn
    return placed


def place(new: np.ndarray, old: np.ndarray, drawn: np.ndarray, n_neighbours: int = 5) -> np.ndarray:
    """Return where papers go on a map that others made: the mean place of their nearest papers there."""
    indices, _ = neighbours(old, min(n_neighbours, len(old)), new)
    return drawn[indices].mean(axis=1)


def _distinct(vectors: np.ndarray) -> int:
    """Return how many rows differ, or `SMALLEST` as soon as so many do."""
    found: set[bytes] = set()
    for row in np.round(vectors, 5) + 0.0:  # -0 is 0
        found.add(row.tobytes())
        if len(found) == SMALLEST:
            break
    return len(found)


def _principal_axes(vectors: np.ndarray) -> np.ndarray:
    """Return the papers on their two main axes; signs fixed so that they cannot flip."""
    centred = vectors - vectors.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    axes = np.zeros((len(vectors), 2), dtype=np.float32)
    found = (left * values)[:, :2]
    signs = np.sign(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])])
    axes[:, : found.shape[1]] = found * np.where(signs == 0, 1, signs)
    return axes
