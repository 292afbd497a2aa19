"""How numbers and periods are written, the same in findings, text and tables."""

import pandas as pd

from trends.core.display import factor
from trends.timeline import period_label

__all__ = ["count", "factor", "papers_word", "percent", "span"]


def percent(share: float) -> str:
    """Write a share with one decimal: 0.0213 as 2.1%."""
    return f"{100 * share + 0.0:.1f}%"


def count(number: float) -> str:
    """Write a whole number with thousands separated by commas."""
    return f"{int(number):,}"


def papers_word(number: float) -> str:
    """Write a number of papers with its noun."""
    return f"{count(number)} paper{'' if number == 1 else 's'}"


def span(first: pd.Timestamp, last: pd.Timestamp, every: str) -> str:
    """Name a stretch of periods, or the one period that it is."""
    start, end = period_label(first, every), period_label(last, every)
    return start if start == end else f"{start} to {end}"
