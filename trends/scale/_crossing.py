"""Which entries must meet: those that share an id or a title, directly or through others, in one partition.

Every entry sends three hashes, 24 bytes; the entries linked by repeated hashes are the connected parts of a
graph of entries and hashes. A part that lies in several partitions moves to the first of them.
"""

import numpy as np


def crossing(keys: list[np.ndarray]) -> list[dict[int, np.ndarray]]:
    """Return for each partition the places of the entries that leave it, by the partition they go to.

    Parameters
    ----------
    keys
        By partition: hashes (entries x kinds of key, uint64), 0 for none.
    """
    leaving: list[dict[int, np.ndarray]] = [{} for _ in keys]
    if len(keys) < 2:
        return leaving
    sizes = [len(part) for part in keys]
    rows = np.repeat(np.arange(len(keys)), sizes)
    place = np.concatenate([np.arange(size) for size in sizes])
    linked, groups = _linked(np.concatenate(keys))
    if not len(linked):
        return leaving
    order = np.lexsort((rows[linked], groups))
    linked, groups = linked[order], groups[order]
    first = np.concatenate([[True], groups[1:] != groups[:-1]])
    home = rows[linked[np.maximum.accumulate(np.where(first, np.arange(len(linked)), 0))]]
    moves = home != rows[linked]
    for partition in np.unique(rows[linked[moves]]):
        mine = moves & (rows[linked] == partition)
        leaving[partition] = {
            int(to): np.sort(place[linked[mine & (home == to)]]) for to in np.unique(home[mine])
        }
    return leaving


def _linked(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the entries that share a key with another, and the group that each is in."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    entries, values, n_values = [], [], 0
    for column in keys.T:
        given = np.flatnonzero(column)
        _, value, times = np.unique(column[given], return_inverse=True, return_counts=True)
        repeated = times[value] > 1
        entries.append(given[repeated])
        values.append(value[repeated] + n_values)
        n_values += len(times)
    entry, value = np.concatenate(entries), np.concatenate(values)
    linked, left = np.unique(entry, return_inverse=True)
    used, right = np.unique(value, return_inverse=True)
    ends = (np.ones(len(entry), dtype=bool), (left, right + len(linked)))
    n = len(linked) + len(used)
    _, groups = connected_components(coo_array(ends, shape=(n, n)), directed=False)
    return linked, groups[: len(linked)]
