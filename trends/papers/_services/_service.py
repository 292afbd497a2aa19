"""What a service of papers says of itself: how it is asked, how its answers are read, how pages follow.

Each service is one private module with a `Service`, and a line in `_fetch.SERVICES`. A cursor is whatever the
service needs to be asked for a page, written as text: an offset, a token, a page number.
"""

import datetime
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from trends.core.errors import InputError
from trends.papers._content import parsed_json


class Again(Exception):
    """An answer that is no use now and may be better when asked for again."""

    def __init__(self, reason: str, wait: float = 0.0, keyless: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.keyless = keyless


class ServiceError(InputError):
    """A service refuses a request or does not answer; `keyless` where a key may change that."""

    def __init__(self, sentence: str, keyless: bool = False) -> None:
        super().__init__(sentence)
        self.keyless = keyless


@dataclass(frozen=True)
class Ask:
    """What is asked of a service: its own query language, first and last day."""

    query: str
    since: datetime.date | None
    until: datetime.date | None


class Page(NamedTuple):
    """What an answer says: how many entries it has, the next page's cursor, how many there are in all."""

    n_entries: int
    cursor: str | None
    total: int | None = None


@dataclass(frozen=True)
class Service:
    """One service of papers.

    `read` raises Again where the answer is damaged. `first` gives the same answer with only its first
    entries. `interval` is the least time in seconds between two requests. `most` is how many entries of one
    search the service gives at all. A service with a `first_day` has no search but a list per day since
    then. `advice` says how callers with a key fare better.
    """

    name: str
    title: str
    address: str
    interval: float
    parameters: Callable[[Ask, str, int], Mapping[str, str]] = field(repr=False)
    read: Callable[[bytes, str], Page] = field(repr=False)
    first: Callable[[bytes, int], bytes] = field(repr=False)
    headers: Callable[[], Mapping[str, str]] = field(repr=False, default=dict)
    start: str = ""
    most: int | None = None
    first_day: datetime.date | None = None
    advice: str = ""

    @property
    def variable(self) -> str:
        """The environment variable that names another address of the same service."""
        return f"TRENDS_{self.name.upper()}_URL"


def from_environment(variable: str) -> str:
    """Return a value that goes into a request's header; raises InputError where it cannot stand there."""
    value = os.environ.get(variable, "").strip()
    if not (value.isascii() and value.isprintable()):
        # The value may be a key, so it is not shown.
        raise InputError(f"${variable} holds characters that cannot be sent; set it again as plain text.")
    return value


def json_value(data: bytes) -> Any:
    """Return an answer's JSON value; raises Again where it is damaged."""
    value = parsed_json(data.decode("utf-8-sig", "replace"))
    if not isinstance(value, dict | list):
        raise Again("the answer is not whole JSON")
    return value


def json_list(value: Any, *names: str) -> list[Any]:
    """Return the list that an answer is, or holds under one of the names; raises Again without one."""
    if isinstance(value, dict):
        value = next((value[name] for name in names if isinstance(value.get(name), list)), None)
    if not isinstance(value, list):
        raise Again("the answer is JSON without a list of papers")
    return value


def json_first(*names: str) -> Callable[[bytes, int], bytes]:
    """Return a function that shortens the list of an answer in JSON."""

    def first(data: bytes, n_entries: int) -> bytes:
        value = json_value(data)
        del json_list(value, *names)[n_entries:]
        return json.dumps(value, ensure_ascii=True).encode("ascii")

    return first


def whole(value: Any) -> int | None:
    """Return a count that an answer gives, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12 else None
