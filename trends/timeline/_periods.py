"""Calendar periods as whole numbers, so that a hundred thousand dates fall into place at once."""

import numpy as np
import pandas as pd

from trends.core.periods import check_every, period_label
from trends.core.tables import EVERY, PRECISIONS

__all__ = ["COARSEST", "check_every", "every_of", "fine_enough", "numbers", "period_label", "starts_of"]

_MONTHS = {"month": 1, "quarter": 3, "year": 12}

COARSEST = {"week": "day", "month": "month", "quarter": "month", "year": "year"}
"""The coarsest date precision that still tells which period a paper belongs to."""


def numbers(dates: np.ndarray, every: str) -> np.ndarray:
    """Number the period of each date, counted from that of 1970-01-01; dates must be known."""
    if every == "week":
        # 1970-01-01 was a Thursday, so its week began three days earlier.
        return (dates.astype("datetime64[D]").astype(np.int64) + 3) // 7
    return dates.astype("datetime64[M]").astype(np.int64) // _MONTHS[every]


def starts_of(period_numbers: np.ndarray, every: str) -> pd.DatetimeIndex:
    """Give the first day of each numbered period."""
    whole = np.asarray(period_numbers, dtype=np.int64)
    if every == "week":
        days = (whole * 7 - 3).astype("datetime64[D]")
    else:
        days = (whole * _MONTHS[every]).astype("datetime64[M]").astype("datetime64[D]")
    return pd.DatetimeIndex(days.astype("datetime64[us]"), name="period")


def fine_enough(precision: np.ndarray, every: str) -> np.ndarray:
    """Tell which precisions, given as positions in PRECISIONS, can be counted by `every`."""
    return np.asarray(precision <= PRECISIONS.index(COARSEST[every]))


def every_of(starts: pd.DatetimeIndex) -> str | None:
    """Find the longest period whose first days these all are, or None."""
    for every in reversed(EVERY):
        if (starts_of(numbers(starts.to_numpy(), every), every) == starts).all():
            return every
    return None
