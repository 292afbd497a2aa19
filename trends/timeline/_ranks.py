"""Mann-Kendall's rank test of a trend, for all topics at once, as a check that assumes no model."""

import numpy as np

EXACT_UP_TO = 33


def mann_kendall(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give tau-b and its two-sided p for each row; NaN where all shares are equal.

    Without ties and up to 33 periods p is exact, else the normal approximation with tie correction and no
    continuity correction, which is what `scipy.stats.kendalltau` gives.

    References
    ----------
    M. G. Kendall (1970), Rank Correlation Methods, 4th edition, chapters 3 and 5.
    """
    from scipy.special import ndtr

    n_topics, n = shares.shape
    if n < 2:
        return np.full(n_topics, np.nan), np.full(n_topics, np.nan)
    score = np.zeros(n_topics, np.int64)
    for lag in range(1, n):
        score += np.sign(shares[:, lag:] - shares[:, :-lag]).sum(axis=1).astype(np.int64)
    pairs = n * (n - 1) // 2
    tied, tied_variance = _ties(shares)
    with np.errstate(invalid="ignore", divide="ignore"):
        tau = score / np.sqrt(pairs * (pairs - tied).astype(float))
        variance = (n * (n - 1) * (2 * n + 5) - tied_variance) / 18
        p = 2 * ndtr(-np.abs(score) / np.sqrt(variance))
    if n <= EXACT_UP_TO:
        tail = _exact_tail(n)
        p = np.where(tied == 0, tail[(pairs - np.abs(score)) // 2], p)
    flat = tied == pairs
    return np.where(flat, np.nan, tau), np.where(flat, np.nan, p)


def _ties(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the number of tied pairs and the tie term of the variance for each row."""
    n_topics, n = shares.shape
    ordered = np.sort(shares, axis=1)
    new = np.concatenate([np.ones((n_topics, 1), bool), ordered[:, 1:] != ordered[:, :-1]], axis=1)
    group = np.cumsum(new.ravel()) - 1
    size = np.bincount(group)
    row = np.repeat(np.arange(n_topics), n)[new.ravel()]
    pairs = np.bincount(row, size * (size - 1) / 2, n_topics)
    variance = np.bincount(row, size * (size - 1) * (2 * size + 5), n_topics)
    return pairs.astype(np.int64), variance


def _exact_tail(n: int) -> np.ndarray:
    """Give the two-sided p by the smaller number of concordant or discordant pairs."""
    ways = np.ones(1)
    for size in range(2, n + 1):
        # The newcomer stands in one of `size` places and so adds 0 to size - 1 inversions.
        ways = np.convolve(ways, np.full(size, 1 / size))
    return np.minimum(1, 2 * np.cumsum(ways))
