"""Dates as far as they are known: a day, a month, a year, or nothing.

A date known by month or year is stored as that period's first day with its precision beside it. Where a text
leaves open which number is the day, only the year is taken; an impossible date is no date.
"""

import datetime
import re
from functools import lru_cache
from typing import Any, NamedTuple

FIRST_YEAR, LAST_YEAR = 1600, 2100
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_FINENESS = {"day": 0, "month": 1, "year": 2}
_YEAR = r"(?P<year>\d{4})"
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"{_YEAR}[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?:[T\s].*)?",
        rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)(?:T.*)?",
        rf"{_YEAR}[-/.](?P<month>\d{{1,2}})",
        rf"{_YEAR}(?:\.0)?",
        rf"(?:[a-z]{{3,9}},?\s+)?{_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"(?:[a-z]{{3,9}},?\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_NAME},?[\s-]+{_YEAR}(?:\s+[\d:]+.*)?",
        rf"{_YEAR}[\s-]+{_NAME}[\s-]+(?P<day>\d{{1,2}})",
        rf"{_NAME},?[\s-]*{_YEAR}",
        rf"{_YEAR}[\s-]+{_NAME}",
    )
)
_DAY_OR_MONTH = re.compile(rf"(?P<one>\d{{1,2}})(?P<sep>[-/.])(?P<two>\d{{1,2}})(?P=sep){_YEAR}(?:\s.*)?")
_ANY_YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20)\d\d(?!\d)")
_ARXIV_NEW = re.compile(r"(\d\d)(\d\d)\.\d{4,5}")
_ARXIV_OLD = re.compile(r"[a-z-]+/(\d\d)(\d\d)\d{3}")


class Known(NamedTuple):
    """A date as the first day of the time known, how exactly it is known, and who says so."""

    date: datetime.date
    precision: str
    source: str


def parse(value: Any, source: str) -> Known | None:
    """Return the date that a value of a file stands for, or None."""
    if value is None or isinstance(value, bool) or value != value:
        return None
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return Known(value, "day", source) if FIRST_YEAR <= value.year <= LAST_YEAR else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        value = str(value) if FIRST_YEAR <= value <= LAST_YEAR or 10**7 <= value < 10**8 else ""
    if not isinstance(value, str) or len(value) > 200:
        return None
    found = _parsed(value)
    return Known(*found, source) if found else None


def coarsened(known: Known | None, precision: Any) -> Known | None:
    """Return a date at a coarser precision, where a file says that it is known no better."""
    if known is None or precision == "unknown":
        return None
    if precision not in _FINENESS or _FINENESS[precision] <= _FINENESS[known.precision]:
        return known
    first = known.date.replace(day=1) if precision == "month" else known.date.replace(month=1, day=1)
    return Known(first, precision, known.source)


def of_arxiv(arxiv_id: str) -> Known | None:
    """Return the month of first submission, which an arXiv id begins with."""
    match = _ARXIV_NEW.fullmatch(arxiv_id) or _ARXIV_OLD.fullmatch(arxiv_id)
    if not match:
        return None
    year, month = int(match[1]), int(match[2])
    year += 1900 if year > 90 else 2000
    return Known(datetime.date(year, month, 1), "month", "arXiv id") if 1 <= month <= 12 else None


def earliest(found: set[Known]) -> Known | None:
    """Return the earliest of several dates, or the finer one that it contains.

    From "2024" and "2024-03-05" comes the day, from "2023" and "2024-03-05" the year: a finer date replaces a
    coarser one only where they can be the same.
    """
    ordered = sorted(found, key=lambda known: (known.date, _FINENESS[known.precision], known.source))
    if not ordered:
        return None
    best = ordered[0]
    for known in ordered[1:]:
        finer = _FINENESS[known.precision] < _FINENESS[best.precision]
        if finer and known.date <= _last_day(best):
            best = known
    return best


def _last_day(known: Known) -> datetime.date:
    if known.precision == "day":
        return known.date
    month = known.date.month if known.precision == "month" else 12
    return (known.date.replace(month=month, day=28) + datetime.timedelta(days=4)).replace(
        day=1
    ) - datetime.timedelta(1)


@lru_cache(maxsize=65536)
def _parsed(text: str) -> tuple[datetime.date, str] | None:
    text = text.strip()
    for shape in _SHAPES:
        match = shape.fullmatch(text)
        if match:
            parts = match.groupdict()
            month = (
                _MONTHS.index(parts["name"].lower()) + 1
                if parts.get("name")
                else int(parts.get("month") or 0)
            )
            return _made(int(parts["year"]), month, int(parts.get("day") or 0))
    match = _DAY_OR_MONTH.fullmatch(text)
    if match:
        one, two = int(match["one"]), int(match["two"])
        if match["sep"] == "." or one > 12 or one == two:
            return _made(int(match["year"]), two, one)
        return _made(int(match["year"]), one, two) if two > 12 else _made(int(match["year"]), 0, 0)
    years = set(_ANY_YEAR.findall(text))
    return _made(int(years.pop()), 0, 0) if len(years) == 1 and len(text) <= 40 else None


def _made(year: int, month: int, day: int) -> tuple[datetime.date, str] | None:
    """Return a date of which month and day may be 0 for unknown; None where there is no such date."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    precision = "day" if month and day else "month" if month else "year"
    try:
        return datetime.date(year, month or 1, (day or 1) if month else 1), precision
    except ValueError:
        return None
