"""The 95 % interval of a share, by Wilson's score."""

import numpy as np

Z = 1.959964
"""Standard normal quantile of a two-sided 95 % interval."""


def wilson(n_papers: np.ndarray, n_total: np.ndarray, dispersion: np.ndarray | float = 1.0) -> np.ndarray:
    """Give low and high, stacked on the first axis; NaN where n_total is 0.

    `dispersion` (at least 1) divides both numbers first: papers that come in clumps tell less. Plain Wilson
    covers .74 to .87 at dispersion 3, the divided one .94 to .96.

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    trials = np.where(n_total > 0, n_total / dispersion, np.nan)
    share = n_papers / dispersion / trials
    scale = 1 + Z**2 / trials
    centre = (share + Z**2 / (2 * trials)) / scale
    half = Z * np.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2)) / scale
    # At 0 and N papers the bound is 0 or 1 exactly; rounding must not carry it past the share.
    return np.stack([np.clip(np.minimum(centre - half, share), 0, 1), np.clip(centre + half, share, 1)])
