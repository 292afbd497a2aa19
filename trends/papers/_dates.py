"""Dates as far as they are known, a day, a month or a year, and the reason where they are not.

A date is stored as the first day of what is known, with its precision beside it and a note of what had to be
decided. `_date_texts` reads what a text says; here it is held against the calendar, completed by the year
beside it, and compared. Years outside 1600..2100 are unknown, and the clock is never read.
"""

import datetime
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from trends.papers import _date_texts
from trends.papers._date_texts import Parts

FIRST_YEAR, LAST_YEAR = 1600, 2100
_LONGEST = 200
_LARGEST = 10**9
_FINENESS = {"day": 0, "month": 1, "year": 2}
_MISSING = {"", "nan", "nat", "none", "null", "<na>", "na", "n/a", "-", "--"}
_ARXIV_NEW = re.compile(r"(\d\d)(\d\d)\.\d{4,5}")
_ARXIV_OLD = re.compile(r"[a-z-]+/(\d\d)(\d\d)\d{3}")


class Known(NamedTuple):
    """A date as the first day of the time known, how exactly it is known, who says so, what was decided."""

    date: datetime.date
    precision: str
    source: str
    note: str = ""


class Unreadable(NamedTuple):
    """Something was given for a date, and why no date was read from it."""

    reason: str


def parse(value: Any, source: str) -> Known | Unreadable | None:
    """Return the date that a value of a file stands for.

    Parameters
    ----------
    value
        A text, a year, eight digits, a date, a CSL date (`{"date-parts": [[2024, 5]]}`, or the list alone)
        or a mapping with year, month and day.
    source
        Who says so; kept as `Known.source`.

    Returns
    -------
    Known | Unreadable | None
        `None` where nothing was given: an empty text, `None`, NaN or a word for them ("NaN", "N/A").
    """
    return _parsed(value, source, 0)


def joined(date_value: Any, year_value: Any, source: str) -> Known | Unreadable | None:
    """Return the date that a date field and a year field of one record give together.

    The year completes a date without one ("SEP 15" and 2021), stands alone where the date cannot be read, and
    is noted where the date is of another year.
    """
    date, year = parse(date_value, source), parse(year_value, source)
    if date is None or year is None:
        return date or year
    if isinstance(year, Unreadable):
        return date
    if isinstance(date, Unreadable):
        completed = _parsed(date_value, source, year.date.year)
        if isinstance(completed, Known):
            return completed
        return _noted(year, f"{date.reason}: the year beside it is taken")
    if date.date.year != year.date.year:
        return _noted(date, f"the year beside it is {year.date.year}")
    return year if _FINENESS[year.precision] < _FINENESS[date.precision] else date


def coarsened(known: Known | None, precision: Any) -> Known | None:
    """Return a date at a coarser precision, where a file says that it is known no better."""
    if known is None or precision == "unknown":
        return None
    if precision not in _FINENESS or _FINENESS[precision] <= _FINENESS[known.precision]:
        return known
    first = known.date.replace(day=1) if precision == "month" else known.date.replace(month=1, day=1)
    return known._replace(date=first, precision=precision)


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
    coarser one only where they can be the same. Notes do not count; of equal dates the one without is taken.
    """
    ordered = sorted(found, key=lambda one: (one.date, _FINENESS[one.precision], one.source, one.note))
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
    return known.date.replace(month=month, day=_date_texts.last_day(known.date.year, month))


def _parsed(value: Any, source: str, year: int) -> Known | Unreadable | None:
    """Read a value; `year` is the year beside it, 0 for none, and completes a value without one."""
    if isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], list | tuple | str):
        value = value[0]
    if isinstance(value, str):
        found = _of_text(value, year)
    elif isinstance(value, Mapping):
        found = _of_mapping(value, year)
    elif isinstance(value, list | tuple):
        found = _of_list(value, year)
    else:
        found = _of_scalar(value, year)
    return found._replace(source=source) if isinstance(found, Known) else found


def _of_text(text: str, year: int) -> Known | Unreadable | None:
    if len(text) > _LONGEST:
        text = text.strip()
        if len(text) > _LONGEST:
            return Unreadable(f"a text of {len(text):,} characters is no date")
    return _of_short_text(text, year)


@lru_cache(maxsize=65536)
def _of_short_text(text: str, year: int) -> Known | Unreadable | None:
    text = " ".join(text.split())
    return None if text.strip('{}" ').lower() in _MISSING else _dated(_date_texts.read(text, year))


def _of_scalar(value: Any, year: int) -> Known | Unreadable | None:
    if pd.isna(value) is True:
        return None
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[D]").item()
    if isinstance(value, datetime.date):
        return _dated(Parts(value.year, value.month, value.day))
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return Unreadable(f"a value of the type {type(value).__name__} is no date")
    if not -_LARGEST < value < _LARGEST:
        return Unreadable("a number this large is no date (seconds since 1970 are not guessed)")
    whole = int(value)
    return _of_text(str(whole), year) if whole == value else Unreadable(f"{value} is no date")


def _of_mapping(value: Mapping[Any, Any], year: int) -> Known | Unreadable | None:
    """Read a CSL date, or year, month and day under their names."""
    given = {key.lower(): item for key, item in value.items() if isinstance(key, str) and _is_given(item)}
    if isinstance(parts := given.get("date-parts"), list | tuple):
        found = _parsed(parts, "", year)
        if isinstance(found, Known) and found.precision == "year" and "season" in given:
            found = _noted(found, "a season: known by year")
        if isinstance(found, Known) and given.get("circa"):
            found = _noted(found, "the date is approximate")
        return found
    for name in ("raw", "literal", "medlinedate"):
        if isinstance(text := given.get(name), str):
            return _of_text(text, year)
    parts = [given[name] for name in ("year", "month", "season") if name in given]
    if "month" in given and "day" in given:
        parts.append(given["day"])
    if parts:
        return _of_list(parts, year)
    return Unreadable("an object without a year is no date") if given else None


def _of_list(value: list[Any] | tuple[Any, ...], year: int) -> Known | Unreadable | None:
    """Read year, month and day, or the two such lists of a CSL range."""
    if len(value) != 2 or not all(isinstance(item, list | tuple) for item in value):
        return _of_parts(value, year)
    start, end = _of_parts(value[0], year), _of_parts(value[1], year)
    if not isinstance(start, Known):
        return start
    if not isinstance(end, Known):  # written as [0]
        return _dated(_date_texts.unending(start.date.year, f"{_iso(start)} to …"))
    return _dated(_date_texts.span(_parts(start), _parts(end), f"{_iso(start)} to {_iso(end)}"))


def _of_parts(parts: list[Any] | tuple[Any, ...], year: int) -> Known | Unreadable | None:
    given = list(takewhile(_is_given, parts))  # a day without its month is not the month
    small = all(
        isinstance(item, str) or (isinstance(item, int | float) and abs(item) < 10**4) for item in given
    )
    if len(given) > 3 or not small:
        return Unreadable("a list that is not year, month, day is no date")
    return _of_text(" ".join(item if isinstance(item, str) else f"{item:g}" for item in given), year)


def _is_given(item: Any) -> bool:
    return item is not None and item is not False and not (isinstance(item, str | list | tuple) and not item)


def _dated(found: Parts | str) -> Known | Unreadable:
    """Return a date from parts that the calendar has, or the reason why there is none."""
    if isinstance(found, str):
        return Unreadable(found)
    year, month, day, note = found
    if year < FIRST_YEAR:
        return Unreadable(f"the year {year} is before {FIRST_YEAR}")
    if year > LAST_YEAR:
        return Unreadable(f"the year {year} is beyond {LAST_YEAR}")
    precision = "day" if month and day else "month" if month else "year"
    return Known(datetime.date(year, month or 1, (day or 1) if month else 1), precision, "", note)


def _parts(known: Known) -> Parts:
    fineness = _FINENESS[known.precision]
    return Parts(
        known.date.year, known.date.month if fineness < 2 else 0, known.date.day if fineness < 1 else 0
    )


def _iso(known: Known) -> str:
    return known.date.isoformat()[: {"day": 10, "month": 7, "year": 4}[known.precision]]


def _noted(known: Known, note: str) -> Known:
    return known._replace(note=_date_texts.both(known.note, note))
