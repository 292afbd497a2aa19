"""Mann-Kendall's rank test of a trend, for all topics at once, as a check that assumes no model."""

import numpy as np

EXACT_UP_TO = 33


def mann_kendall(shares: np.ndarray, place: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Give tau-b and its two-sided p for each row; NaN where all shares are equal.

    Without ties and up to 33 periods p is exact, else the normal approximation with tie correction and no
    continuity correction, which is what `scipy.stats.kendalltau` gives. With `place`, the season of each
    period, only periods of one season are compared, and scores and variances add up over the seasons.

    References
    ----------
    M. G. Kendall (1970), Rank Correlation Methods, 4th edition, chapters 3 and 5.
    R. M. Hirsch, J. R. Slack, R. A. Smith (1982), Water Resources Research 18 (the seasonal test).
    """
    from scipy.special import ndtr

    n = shares.shape[1]
    seasons = [slice(None)] if place is None else [place == k for k in np.unique(place)]
    parts = [_score(shares[:, chosen]) for chosen in seasons]
    score, most, variance = (sum(part[k] for part in parts) for k in range(3))
    with np.errstate(invalid="ignore", divide="ignore"):
        tau = score / most
        p = 2 * ndtr(-np.abs(score) / np.sqrt(variance))
    if len(seasons) == 1 and 2 <= n <= EXACT_UP_TO:
        pairs = n * (n - 1) // 2
        p = np.where(most == pairs, _exact_tail(n)[(pairs - np.abs(score)) // 2], p)
    return np.where(most > 0, tau, np.nan), np.where(most > 0, p, np.nan)


def _score(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give pairs that rise less pairs that fall, the most that they could be, and the score's variance."""
    n_topics, n = shares.shape
    score = np.zeros(n_topics, np.int64)
    if n < 2:
        return score, np.zeros(n_topics), np.zeros(n_topics)
    places = _places(shares)
    for lag in range(1, n):
        score += np.sign(places[:, lag:] - places[:, :-lag]).sum(axis=1, dtype=np.int64)
    pairs = n * (n - 1) // 2
    tied, tied_variance = _ties(shares)
    variance = (n * (n - 1) * (2 * n + 5) - tied_variance) / 18
    return score, np.sqrt(pairs * (pairs - tied).astype(float)), variance


def _places(shares: np.ndarray) -> np.ndarray:
    """Give each share's place among those of its row, equal ones sharing it: small numbers compare faster."""
    order = np.argsort(shares, axis=1, kind="stable")
    ordered = np.take_along_axis(shares, order, axis=1)
    rises = np.concatenate([np.zeros((len(shares), 1), bool), ordered[:, 1:] > ordered[:, :-1]], axis=1)
    kind = np.int16 if shares.shape[1] < np.iinfo(np.int16).max else np.int32
    places = np.empty(shares.shape, kind)
    np.put_along_axis(places, order, np.cumsum(rises, axis=1, dtype=kind), axis=1)
    return places


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
