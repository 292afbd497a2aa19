"""What passes from a format's reader to the rest of the room: raw records, and refused entries."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from trends.papers._content import Content


@dataclass(slots=True)
class Record:
    """One entry of a file as its format gives it, before cleaning; anything may be missing or odd.

    `where` names the place in the file ("line 12"). `identifier` is an id of unknown kind, kept only if it
    proves to be an arXiv id or a DOI. `tag_sources`, `sources`, `found_at`, `date_note` and `completed` are
    told only by tables that `save` wrote; `tag_sources` is None elsewhere.
    """

    where: str
    title: Any = ""
    abstract: Any = ""
    date: Any = None
    year: Any = None
    date_precision: Any = None
    date_source: Any = ""
    tags: Any = ()
    tag_sources: Any = None
    authors: Any = ()
    n_authors: Any = None
    venue: Any = ""
    upvotes: Any = None
    url: Any = ""
    arxiv_id: Any = ""
    doi: Any = ""
    identifier: Any = ""
    language: Any = ""
    sources: Any = ()
    found_at: Any = ()
    date_note: Any = ""
    completed: Any = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that is present in a file and cannot be a paper."""

    where: str
    reason: str


@dataclass(frozen=True)
class Format:
    """One source format: its name for the reading log, a test of the content, and a reader.

    `read` yields every entry present, as a Record or as Rejected, and raises InputError where the file as a
    whole is of this format and cannot be used.
    """

    name: str
    recognise: Callable[[Content], bool] = field(repr=False)
    read: Callable[[Content], Iterator[Record | Rejected]] = field(repr=False)
