"""How numbers and periods are written, the same in findings, text and tables."""

import pandas as pd

from trends.timeline import period_label


def percent(share: float) -> str:
    """Write a share with one decimal: 0.0213 as 2.1%."""
    return f"{100 * share + 0.0:.1f}%"


def factor(value: float) -> str:
    """Write a factor per year; of a large one two digits mean something: 137.4 as 140."""
    if value >= 1e4:
        return "over 10,000"
    return f"{value:.2f}" if value < 100 else f"{float(f'{value:.2g}'):,.0f}"


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
