"""Places for texts that must not lie on each other."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Move centres apart along a line as little as possible, keeping their order.

    The moved places minimise the sum of squared shifts (isotonic regression by pooling neighbours), then
    the whole is held between `low` and `high` as far as it fits.

    Parameters
    ----------
    wanted
        Where each centre would like to be; equal wishes keep the order given.
    sizes
        The room that each takes.
    low, high
        Ends of the line.
    """
    if not wanted:
        return []
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    room = [sizes[i] for i in order]
    steps = [0.0] + [(a + b) / 2 for a, b in pairwise(room)]
    offsets = np.cumsum(steps)
    pools: list[list[float]] = []  # [sum, number] of neighbours that have met
    for place, offset in zip((wanted[i] for i in order), offsets):
        pools.append([place - offset, 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            total, number = pools.pop()
            pools[-1] = [pools[-1][0] + total, pools[-1][1] + number]
    bases = np.repeat([total / number for total, number in pools], [int(number) for _, number in pools])
    first = low + room[0] / 2
    last = max(first, high - room[-1] / 2 - float(offsets[-1]))
    places = np.clip(bases, first, last) + offsets
    result = [0.0] * len(order)
    for i, place in zip(order, places.tolist()):
        result[i] = place
    return result
