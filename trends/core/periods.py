"""How a calendar period is named."""

import pandas as pd

from trends.core.errors import InputError
from trends.core.tables import EVERY


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
