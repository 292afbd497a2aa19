"""Seasons: whether a table is long enough to tell a month's habit from a trend, and the terms for it.

Shares cancel the season of all papers together, not that of one topic, which peaks with its conference.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trends.timeline._joint import adjusted

PER_YEAR = {"week": 52, "month": 12, "quarter": 4, "year": 1}
"""Periods of a year; a year has no season inside it."""

FROM_PERIODS = {"week": 104, "month": 24, "quarter": 12}
"""Complete periods from which a season can be told from a trend."""

WHOLE_MONTHS_FROM = {"week": 156, "month": 36}
"""Complete periods from which every month has an effect of its own; below, two waves a year."""

SURE = 0.05


@dataclass(frozen=True)
class Season:
    """What could be a season in each period.

    Attributes
    ----------
    terms
        Periods by terms, centred; no column where no season can be told.
    place
        The month (or quarter) of each period, 0 from January on, for the seasonal rank test.
    separable
        Whether there are enough periods; True by year, which has none.
    """

    terms: np.ndarray
    place: np.ndarray
    separable: bool


def season_of(starts: pd.DatetimeIndex, ends: pd.DatetimeIndex, every: str) -> Season:
    """Give the season's terms of the periods that count as evidence."""
    middle = starts + (ends - starts) / 2
    n = len(starts)
    place = np.asarray(middle.quarter if every == "quarter" else middle.month) - 1
    if every == "year":
        return Season(np.empty((n, 0)), np.zeros(n, int), True)
    if n < FROM_PERIODS[every]:
        return Season(np.empty((n, 0)), place, False)
    if n >= WHOLE_MONTHS_FROM.get(every, 0):
        terms = (place[:, None] == np.unique(place)[1:]).astype(float)
    else:
        angle = 2 * np.pi * (np.asarray(middle.day_of_year) - 0.5) / 365.25
        terms = np.column_stack([wave(k * angle) for k in (1, 2) for wave in (np.cos, np.sin)])
    return Season(terms - terms.mean(axis=0), place, True)


def season_found(gain: np.ndarray, dispersion: np.ndarray, n_terms: int, free: int) -> bool:
    """Tell whether the topics together, or any of them, have a season: one answer for the whole table.

    An F test of the deviance that the season's terms take away, pooled and topic by topic (Benjamini and
    Hochberg). Where there is no season its terms would only cost power: .02 of it at twelve quarters.

    Parameters
    ----------
    gain
        Deviance that the terms take away, by topic.
    dispersion
        Pearson's dispersion of each topic with the terms in the model.
    n_terms, free
        Number of terms, and degrees of freedom left with them.
    """
    from scipy.special import fdtrc

    known = np.isfinite(gain) & np.isfinite(dispersion)
    gain, dispersion = gain[known], dispersion[known]
    if not len(gain):
        return False
    together = gain.mean() / n_terms / np.fmax(dispersion.mean(), 1)
    alone = fdtrc(n_terms, free, gain / n_terms / np.fmax(dispersion, 1))
    pooled = fdtrc(n_terms * len(gain), free * len(gain), together)
    return bool(pooled <= SURE or (adjusted(alone) <= SURE).any())
