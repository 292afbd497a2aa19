"""How planted papers are drawn: a corpus that grows unevenly, and papers that come in clumps."""

import numpy as np


def growing_totals(rng: np.random.Generator, n_periods: int, first: int, growth: float) -> np.ndarray:
    """Draw the papers of each period: `first`, growing by `growth` a period, each within 15 % of that."""
    drift = first * (1 + growth) ** np.arange(n_periods)
    return np.round(drift * rng.uniform(0.85, 1.15, n_periods)).astype(int)


def clumped_shares(rng: np.random.Generator, shares: np.ndarray, total: int, dispersion: float) -> np.ndarray:
    """Draw the shares of one period, so that papers drawn by them vary `dispersion` times as binomial ones.

    Papers are then Dirichlet-multinomial; the shares must add up to 1.
    """
    if dispersion <= 1:
        return shares
    return rng.dirichlet(shares * (total - dispersion) / (dispersion - 1))
