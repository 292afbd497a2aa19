"""Calendar periods: their names, and their numbers, by which many dates fall into place at once."""

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.tables import EVERY, PRECISIONS

_MONTHS = {"month": 1, "quarter": 3, "year": 12}

COARSEST = {"week": "day", "month": "month", "quarter": "month", "year": "year"}
"""The coarsest date precision that still tells which period a paper belongs to."""

PERIOD_STARTS = {"week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}
"""pandas' names of the calendar periods by their first day."""


def period_label(period: pd.Timestamp | str, every: str) -> str:
    """Write a period as people read it.

    Parameters
    ----------
    period
        Any day of the period, usually its first.
    every
        "week", "month", "quarter" or "year".

    Returns
    -------
    str
        "2024-W05" (ISO week), "2024-03", "2024 Q1" or "2024".

    Raises
    ------
    InputError
        `every` is none of the four.

    Examples
    --------
    >>> period_label("2024-01-01", "quarter")
    '2024 Q1'
    """
    check_every(every)
    day = pd.Timestamp(period)
    if every == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    if every == "month":
        return f"{day.year}-{day.month:02d}"
    if every == "quarter":
        return f"{day.year} Q{day.quarter}"
    return str(day.year)


def check_every(every: str, also: tuple[str, ...] = ()) -> None:
    """Refuse a word that names no period."""
    allowed = (*also, *EVERY)
    if every not in allowed:
        raise InputError(f"every must be one of {', '.join(allowed)}, not {every!r}.")


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


def period_ends(starts: pd.DatetimeIndex, every: str) -> pd.DatetimeIndex:
    """Return the last day of each period that begins on `starts`."""
    step = {
        "week": pd.DateOffset(weeks=1),
        "month": pd.DateOffset(months=1),
        "quarter": pd.DateOffset(months=3),
        "year": pd.DateOffset(years=1),
    }[every]
    return pd.DatetimeIndex(starts + step - pd.Timedelta(days=1)).as_unit("us")


def complete_periods(
    starts: pd.DatetimeIndex,
    ends: pd.DatetimeIndex,
    observed_from: pd.Timestamp | None,
    observed_until: pd.Timestamp | None,
) -> np.ndarray:
    """Tell which periods were observed as a whole.

    A period must end by `observed_until`. It may begin before `observed_from` by a tenth of its length,
    because a full month often opens with a holiday or a week-end and so without a paper.
    """
    if observed_from is None or observed_until is None:
        return np.zeros(len(starts), bool)
    tolerance = (ends - starts + pd.Timedelta(days=1)) / 10
    return np.asarray((starts + tolerance >= observed_from) & (ends <= observed_until))
