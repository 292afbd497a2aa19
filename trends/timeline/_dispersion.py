"""How much noisier papers are than chance: they come in clumps, and a good month is followed by another.

One topic alone estimates its dispersion badly from a dozen periods, so topics lend each other theirs.
"""

import numpy as np


def dispersion_of(
    own: np.ndarray, free: np.ndarray, lent: np.ndarray, share_from: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give each topic's dispersion, at least 1 and at least its own, and the degrees of freedom behind it.

    Parameters
    ----------
    own, free
        Pearson's dispersion of each topic and its degrees of freedom.
    lent
        Topics that enter the common prior.
    share_from
        Number of such topics from which there is one.

    References
    ----------
    G. K. Smyth (2004), Linear models and empirical Bayes methods, section 6 (moments of log variances).
    """
    lent = lent & np.isfinite(own)
    if lent.sum() < share_from:
        return np.fmax(1, own), free.astype(float)
    usual, weight = _prior(own[lent], free[lent])
    if np.isinf(weight):
        blended = np.full(len(own), usual)
    else:
        blended = (weight * usual + free * own) / (weight + free)
    # A topic noisier than its neighbours keeps its own noise, or it would alarm falsely.
    dispersion = np.fmax(np.fmax(1, own), np.where(np.isfinite(own), blended, usual))
    return dispersion, np.fmin(free + weight, float(free[lent].sum()))


def serial_correlation(residuals: np.ndarray, adjacent: np.ndarray, brought: np.ndarray) -> float:
    """Average the correlation of neighbouring residuals over topics, less what the fit itself brings in.

    Residuals of a fit lean against each other even where the noise does not: `brought`, by topic, is about
    -2/n for a line. `adjacent` tells for each period but the last whether the next follows without a gap.
    """
    power = (residuals**2).sum(axis=1)
    known = power > 0
    if not known.any():
        return 0.0
    lagged = (residuals[:, 1:] * residuals[:, :-1] * adjacent).sum(axis=1)
    return float(np.clip((lagged[known] / power[known] - brought[known]).mean(), 0, 0.9))


def correlation_brought(design: np.ndarray, adjacent: np.ndarray) -> np.ndarray:
    """Give what a least-squares fit (periods x columns, or topics of them) brings into that correlation."""
    left = np.eye(design.shape[-2]) - design @ np.linalg.pinv(design)
    neighbours = (np.diagonal(left, 1, -2, -1) * adjacent).sum(axis=-1)
    return np.asarray(neighbours / np.trace(left, axis1=-2, axis2=-1))


def _prior(own: np.ndarray, free: np.ndarray) -> tuple[float, float]:
    """Give the usual dispersion and the degrees of freedom it is worth, from the spread of its logarithm."""
    from scipy.special import digamma, polygamma

    kept = np.fmax(own, 1e-5 * np.median(own))
    logs = np.log(np.fmax(kept, np.finfo(float).tiny)) - digamma(free / 2) + np.log(free / 2)
    excess = logs.var(ddof=1) - float(polygamma(1, free / 2).mean())
    if excess <= 0:
        return float(np.exp(logs.mean())), np.inf
    half = _trigamma_inverse(excess)
    return float(np.exp(logs.mean() + digamma(half) - np.log(half))), 2 * half


def _trigamma_inverse(value: float) -> float:
    """Solve trigamma(a) = value by Newton's method on 1 / trigamma, which is nearly straight."""
    from scipy.special import polygamma

    a = 0.5 + 1 / value
    for _ in range(50):
        now = float(polygamma(1, a))
        step = now * (1 - now / value) / float(polygamma(2, a))
        a += step
        if abs(step) < 1e-10 * a:
            break
    return a
