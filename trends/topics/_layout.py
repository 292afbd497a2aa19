"""UMAP on the one neighbour graph: five dimensions to cluster in, two to look at; the same every time.

A seeded UMAP runs on one thread, so neither the number of threads nor the order of papers (which the
caller sorts) changes the result.
"""

import warnings

import numpy as np

from trends.topics._neighbours import Graph, narrowed, neighbours, thinned

N_NEIGHBOURS = 15
SPARE_NEIGHBOURS = 5
"""The graph is this much wider than a layout needs, so that it still serves when a tenth of the papers go:
a paper loses more than five of its 19 neighbours once in a hundred times."""

SMALLEST = 8
"""UMAP's spectral start needs a few papers more than it has dimensions; below, PCA draws the map."""


def neighbour_graph(vectors: np.ndarray) -> Graph | None:
    """Return the one graph that every layout of these papers is made from; None where they are too few."""
    if len(vectors) < SMALLEST or _distinct(vectors) < SMALLEST:
        return None
    return neighbours(vectors, min(N_NEIGHBOURS + SPARE_NEIGHBOURS, len(vectors) - 1))


def layouts(vectors: np.ndarray, graph: Graph | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (papers x 5) to cluster in and (papers x 2) to draw, float32."""
    if graph is None:
        flat = _principal_axes(vectors)
        return flat, flat
    graph = narrowed(graph, N_NEIGHBOURS)
    return _umap(vectors, graph, 5, 0.0, seed), _umap(vectors, graph, 2, 0.1, seed)


def layout_again(
    vectors: np.ndarray, graph: Graph | None, kept: np.ndarray, seed: int, epochs: int
) -> np.ndarray:
    """Return another layout to cluster in, of the kept rows (ascending): another seed, fewer epochs."""
    part = vectors[kept]
    if graph is None or len(kept) < SMALLEST or _distinct(part) < SMALLEST:
        return _principal_axes(part)
    n_neighbours = min(N_NEIGHBOURS, len(kept) - 1)
    whole = len(kept) == len(vectors)
    graph = narrowed(graph, n_neighbours) if whole else thinned(graph, vectors, kept, n_neighbours)
    return _umap(part, graph, 5, 0.0, seed, epochs)


def place(new: np.ndarray, old: np.ndarray, layout: np.ndarray, n_neighbours: int = 5) -> np.ndarray:
    """Return where papers go on a map that others made: the mean place of their nearest papers there."""
    placed = np.empty((len(new), layout.shape[1]), dtype=np.float32)
    for start in range(0, len(new), 1_024):
        likeness = np.round(new[start : start + 1_024] @ old.T, 6)
        nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :n_neighbours]
        placed[start : start + 1_024] = layout[nearest].mean(axis=1)
    return placed


def _umap(
    vectors: np.ndarray,
    graph: Graph,
    dimensions: int,
    min_dist: float,
    seed: int,
    epochs: int | None = None,
) -> np.ndarray:
    with warnings.catch_warnings():
        # UMAP warns that a given graph cannot place new papers (the centroid rule does that here), and at
        # its import that an optional part is absent.
        warnings.simplefilter("ignore")
        from umap import UMAP

        layout = UMAP(
            n_components=dimensions,
            n_neighbors=graph[0].shape[1],
            min_dist=min_dist,
            metric="cosine",
            precomputed_knn=graph,
            random_state=seed,
            n_epochs=epochs,
            n_jobs=1,
        ).fit_transform(vectors)
    return np.nan_to_num(np.asarray(layout, dtype=np.float32))


def _distinct(vectors: np.ndarray) -> int:
    return len(np.unique(np.round(vectors, 5), axis=0))


def _principal_axes(vectors: np.ndarray) -> np.ndarray:
    """Return the papers on their two main axes; signs fixed so that they cannot flip."""
    centred = vectors - vectors.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    axes = np.zeros((len(vectors), 2), dtype=np.float32)
    found = (left * values)[:, :2]
    signs = np.sign(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])])
    axes[:, : found.shape[1]] = found * np.where(signs == 0, 1, signs)
    return axes
