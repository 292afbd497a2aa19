"""One false discovery rate over all tests that are read together."""

import numpy as np


def adjusted(p: np.ndarray) -> np.ndarray:
    """Give Benjamini and Hochberg's q (1995, JRSS B 57) of the known p values; NaN stays NaN."""
    from scipy.stats import false_discovery_control

    q, tested = np.full(len(p), np.nan), ~np.isnan(p)
    if tested.any():
        q[tested] = false_discovery_control(p[tested])
    return q
