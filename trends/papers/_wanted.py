"""Which entries a user asked for, by date and tag: of a snapshot of everything not all need be kept."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from trends.core.errors import InputError
from trends.papers import _clean, _dates
from trends.papers._merge import Entry


class Wanted(NamedTuple):
    """The first and last day and the tags asked for; None for no bound."""

    since: _dates.Known | None
    until: _dates.Known | None
    tagged: frozenset[str] | None

    @classmethod
    def of(cls, since: Any, until: Any, tagged: str | Iterable[str] | None) -> "Wanted":
        """Read what a user gave; raises InputError where it is no date or no tag."""
        first, last = _bound("since", since), _bound("until", until)
        if first and last and first.date > _dates._last_day(last):
            raise InputError(f"since={since!r} is later than until={until!r}; exchange them.")
        if tagged is None:
            return cls(first, last, None)
        tags = _clean.texts([tagged] if isinstance(tagged, str) else list(tagged))
        if not tags:
            raise InputError(f"tagged={tagged!r} names no tag; give one or leave it out.")
        return cls(first, last, frozenset(tag.lower() for tag in tags))

    def has(self, entry: Entry) -> bool:
        """Say whether an entry is asked for; one known by year is where any day of the year is."""
        if self.tagged is not None and self.tagged.isdisjoint(entry.tags):
            return False
        if self.since is None and self.until is None:
            return True
        if entry.date is None:
            return False
        return (self.since is None or _dates._last_day(entry.date) >= self.since.date) and (
            self.until is None or entry.date.date <= _dates._last_day(self.until)
        )


def _bound(name: str, value: Any) -> _dates.Known | None:
    if value is None:
        return None
    known = _dates.parse(value, name)
    if not isinstance(known, _dates.Known):
        raise InputError(f"{name}={value!r} is no date; write it as 2024, 2024-03 or 2024-03-15.")
    return known
