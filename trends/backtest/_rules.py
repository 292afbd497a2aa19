"""What each rule expects of each topic from the counts known at a date: the calls' rivals, all naive.

Every rule gives one score per topic; the higher, the sooner it expects the topic to rise.
"""

import numpy as np

RIVALS = ("last change", "share", "slope", "bertrend", "random")
"""The rules that the calls are held against; `random` is known by its expectation and needs no score."""

DECAY = 0.01
NOISE_BELOW, STRONG_ABOVE = 10, 75
WINDOW = 7
"""Periods that BERTrend's slope looks at, which are days in the original (14 of them, in pairs)."""

NOTHING = 1e-5


def last_change(shares: np.ndarray) -> np.ndarray:
    """Return the change of each topic's share (topics x periods) in the last period."""
    return shares[:, -1] - shares[:, -2] if shares.shape[1] > 1 else np.zeros(len(shares))


def share(shares: np.ndarray) -> np.ndarray:
    """Return each topic's share in the last period."""
    return shares[:, -1]


def slope(values: np.ndarray) -> np.ndarray:
    """Return the least-squares slope of each row per period; 0 for a single period."""
    time = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    return values @ time / max(float(time @ time), 1.0)


def popularity(n_papers: np.ndarray) -> np.ndarray:
    """Return BERTrend's popularity of each topic after each period (topics x periods).

    It is the running sum of papers. A period without any multiplies it by exp(-.01 d²), d being the periods
    since the topic's last paper.
    """
    found = np.zeros(n_papers.shape)
    now, absent = np.zeros(len(n_papers)), np.zeros(len(n_papers))
    for period in range(n_papers.shape[1]):
        seen = n_papers[:, period] > 0
        absent = np.where(seen, 0, absent + 1)
        now = np.where(seen, now + n_papers[:, period], now * np.exp(-DECAY * absent**2))
        found[:, period] = now
    return found


def bertrend(n_papers: np.ndarray) -> np.ndarray:
    """Return the slope of each topic's popularity over the last periods, as in BERTrend; -inf for its noise.

    Noise is a topic whose popularity is below the 10th percentile of all of the window, or between that and
    the 75th without a rising slope; the rest are its weak and strong signals.

    References
    ----------
    A. Boutaleb, J. Picault, G. Grosjean (2024), BERTrend: Neural Topic Modeling for Emerging Trends
    Detection.
    """
    window = popularity(n_papers)[:, -WINDOW:]
    if not (window > NOTHING).any():
        return np.full(len(window), -np.inf)
    low, high = np.percentile(window[window > NOTHING], [NOISE_BELOW, STRONG_ABOVE])
    rising, now = slope(window), window[:, -1]
    signal = (now > high) | ((now >= low) & (rising > 0))
    return np.where(signal, rising, -np.inf)


def scores(n_papers: np.ndarray, n_total: np.ndarray) -> dict[str, np.ndarray]:
    """Return the score of each topic by each naive rule; papers are topics x complete periods."""
    shares = n_papers / n_total
    return {
        "last change": last_change(shares),
        "share": share(shares),
        "slope": slope(shares),
        "bertrend": bertrend(n_papers),
    }


def order(score: np.ndarray, size: np.ndarray, topic_ids: np.ndarray) -> np.ndarray:
    """Return the places of the topics, the highest score first, then the larger, then the lower id."""
    return np.lexsort((topic_ids, -size, -score))
