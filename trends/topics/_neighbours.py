"""The one neighbour graph: exact cosine neighbours by blocked matrix products.

Exact costs 9 s for 20,000 papers on two cores, needs no compilation (NN-descent spends 30 s on that in
every process) and does not depend on the order of rows.
"""

import numpy as np

BLOCK = 1_024


def neighbours(vectors: np.ndarray, n_neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's nearest rows, itself first: indices (int32) and cosine distances (float32).

    Equal distances go to the lower row, so that ties cannot depend on how the sort works.
    """
    n_rows = len(vectors)
    indices = np.empty((n_rows, n_neighbours), dtype=np.int32)
    distances = np.empty((n_rows, n_neighbours), dtype=np.float32)
    for start in range(0, n_rows, BLOCK):
        stop = min(start + BLOCK, n_rows)
        # Rounding makes rows that are equal but for the last bit of a sum tie.
        distance = np.round(1 - vectors[start:stop] @ vectors.T, 6).clip(min=0)
        distance[np.arange(stop - start), np.arange(start, stop)] = -1
        nearest = np.argpartition(distance, min(n_neighbours, n_rows) - 1, axis=1)[:, :n_neighbours]
        reach = np.take_along_axis(distance, nearest, axis=1).max(axis=1)
        for row in range(stop - start):
            within = np.flatnonzero(distance[row] <= reach[row])
            best = within[np.lexsort((within, distance[row, within]))][:n_neighbours]
            indices[start + row] = best
            distances[start + row] = distance[row, best]
    return indices, distances.clip(min=0)
