"""What came of a topic: its odds in the next periods against those in the last ones."""

import numpy as np
import pandas as pd

ROSE, Z90 = 1.25, 1.644854
"""A topic rose if its odds grew by a quarter and the lower bound of 90 % is above 1; it fell likewise."""


def truth(
    n_before: np.ndarray,
    total_before: np.ndarray,
    n_after: np.ndarray,
    total_after: np.ndarray,
    dispersion: np.ndarray,
) -> pd.DataFrame:
    """Return odds_ratio, low, high (90 % interval), rose and fell of each topic.

    Half a paper is added to each cell, so that a topic without papers on one side has an odds ratio; the
    variance of its logarithm is multiplied by the topic's dispersion (at least 1), as papers come in clumps.

    References
    ----------
    B. Woolf (1955), Annals of Human Genetics 19; J. B. S. Haldane (1956), Annals of Human Genetics 20.
    """
    cells = np.stack([n_after, total_after - n_after, n_before, total_before - n_before]) + 0.5
    log_ratio = np.log(cells[0] / cells[1]) - np.log(cells[2] / cells[3])
    reach = Z90 * np.sqrt((1 / cells).sum(axis=0) * np.fmax(1, dispersion))
    ratio, low, high = (np.exp(log_ratio + side * reach) for side in (0, -1, 1))
    return pd.DataFrame(
        {
            "odds_ratio": ratio,
            "low": low,
            "high": high,
            "rose": (ratio >= ROSE) & (low > 1),
            "fell": (ratio <= 1 / ROSE) & (high < 1),
        }
    )
