"""A file in parts: each read by the reader of the whole, with the line or row numbers of the whole.

A corpus too large for one table is read part by part. What a file is, its first megabyte decides for all of
its parts; JSON Lines are cut between lines and Parquet between rows, anything else is one part. The entries
of all parts together are those that `load` finds in the files.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import numpy as np

from trends.core import files
from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.papers import _columns, _load, _merge, _sources, _wanted
from trends.papers._archives import said_of
from trends.papers._content import Content
from trends.papers._formats import FORMATS, _json_items, _tabular
from trends.papers._record import Format, Record, Rejected

STONE = 512
"""Lines between two places of a file that are remembered, from which a part counts its way."""

PACKED_APART = 128 * 1024**2
"""Bytes above which a packed file is counted through and cut as well; each part unpacks what is before it."""

NO_ENTRIES = _load.NO_ENTRIES

_CHUNK = 4 * 1024**2
_NUMBERED = re.compile(r"(line|row) (\d+)")
_NO_PAPERS = frozenset({"manifest"})


@dataclass(frozen=True)
class Survey:
    """What is known of a file before it is read.

    Attributes
    ----------
    address, name
        Where it is, and what the reading log calls it.
    mark
        A text that is another one once the file was written anew.
    kind
        "lines" or "rows", of which it can be cut, "packed" (lines in a packed file), or "whole".
    form
        The name of the format that reads its parts; "" of a whole file.
    n_units
        Lines or rows; of a whole file 0.
    size
        Bytes as stored.
    sha256
        Of the bytes as stored; "" where reading will tell.
    stones
        Byte offsets of every `STONE`th line.
    note
        Why it is passed over, or "".
    """

    address: str
    name: str
    mark: str
    kind: str = "whole"
    form: str = ""
    n_units: int = 0
    size: int = 0
    sha256: str = ""
    stones: tuple[int, ...] = field(default=(), repr=False)
    note: str = ""


@dataclass(frozen=True)
class Part:
    """Some lines or rows of a file, or a whole one: from `start` up to `stop`, counted from 0.

    `seek` is the byte offset of the line `at`, from which the lines before `start` are passed over.
    """

    address: str
    name: str
    mark: str
    kind: str
    form: str
    start: int
    stop: int
    seek: int = 0
    at: int = 0
    sha256: str = ""

    @property
    def key(self) -> tuple[str, str, str, int, int]:
        """What decides the entries of the part."""
        return self.address, self.mark, self.form, self.start, self.stop


@dataclass(frozen=True)
class Reading:
    """The options of reading, as `load` has them, in plain values that travel."""

    tags: Mapping[str, Any] | None = None
    since: Any = None
    until: Any = None
    tagged: Any = None


def listed(sources: Any) -> list[Survey]:
    """Return the files of sources, those passed over with a note, each once and in order.

    Raises
    ------
    InputError
        A source is no path, pattern, folder or address, or nothing is there.
    """
    given = list(sources) if isinstance(sources, list | tuple) else [sources]
    if not given:
        raise InputError("Name at least one file, folder, pattern or address.")
    for source in given:
        if not isinstance(source, str | Path):
            raise InputError(
                f"Papers are read part by part from files, not from {type(source).__name__}; "
                "write a table as Parquet first (trends.save)."
            )
    here = [source for source in given if not files.is_address(source)]
    found = {
        str(file.path): (file.path.name, file.passed_over) for file in (_sources.files(here) if here else ())
    }
    for source in given:
        if files.is_address(source):
            for address in files.found(str(source)):
                name = PurePosixPath(address).name
                found[address] = (name, _sources.passed_over(PurePosixPath(name)))
    return [_looked_up(address, *about) for address, about in sorted(found.items())]


def _looked_up(address: str, name: str, passed_over: str) -> Survey:
    # In a partitioned folder (updated_date=2024-01-01/part_000.gz) many files have one name.
    parent = PurePosixPath(address).parent.name
    shown = clean_text(f"{parent}/{name}" if "=" in parent else name)
    if not passed_over and (name in _NO_PAPERS or name.startswith("_")):
        passed_over = "a list or mark left by the program that wrote the folder"
    if passed_over:
        return Survey(address, shown, "", note=passed_over)
    return Survey(address, shown, files.mark(address), size=files.size(address))


def surveyed(file: Survey) -> Survey:
    """Look a file through: what it is, whether and where it can be cut."""
    if file.note:
        return file
    content = _content(file.address, file.name, "")
    with suppress(InputError, OSError):
        if content.head[:4] == b"PAR1":
            return replace(
                file,
                kind="rows",
                form=_tabular.PARQUET.name,
                n_units=_tabular.n_rows(content),
                sha256=_sha256(file.address),
            )
        packed = content.is_packed
        if packed and file.size <= PACKED_APART:
            return file
        reader = _reader(content) if content.is_json_lines and _json_items.is_lines(content) else None
        if reader is None or not content.is_bytewise:
            return file
        next(reader.read(content), None)  # a table without titles is refused as a whole
        sha256, n_lines, stones = _lines_of(content, file.address, packed)
        kind = "packed" if packed else "lines"
        return replace(file, kind=kind, form=reader.name, n_units=n_lines, sha256=sha256, stones=stones)
    return file


def entries_of(parts: tuple[Part, ...], reading: Reading) -> tuple[list[_merge.Entry], list[dict[str, Any]]]:
    """Return the cleaned entries of parts, and the lines of the reading log, each with its `address`."""
    wanted = _wanted.Wanted.of(reading.since, reading.until, reading.tagged)
    entries: list[_merge.Entry] = []
    log: list[dict[str, Any]] = []
    for part in parts:
        log += [line | {"address": part.address} for line in _entries_of(part, wanted, entries)]
    return entries, log


def _entries_of(part: Part, wanted: _wanted.Wanted, entries: list[_merge.Entry]) -> list[dict[str, Any]]:
    if part.kind == "whole" and not files.is_address(part.address):
        found = _load._from_file(_sources.Found(Path(part.address), ""), _columns.given({}), wanted, entries)
        return [
            line | {"file": part.name} if line["file"] == Path(part.name).name else line for line in found
        ]
    n_before = len(entries)
    try:
        content = _content(part.address, part.name, part.sha256)
        if part.kind == "whole":
            content = Content.opening(part.name, lambda: files.opened(part.address))
            return [_load._from_content(content, wanted, entries)]
        records = _shifted(_records(content, part), part)
        return [_load._accounted(part.name, part.sha256, part.form, records, wanted, entries)]
    except InputError as error:
        del entries[n_before:]
        return [_load._line(part.name, part.sha256 or None, note=said_of(part.name, error))]


def _records(content: Content, part: Part) -> Iterator[Record | Rejected]:
    if part.kind == "rows":
        return _load._until_broken(content, _tabular.read_rows(content, part.start, part.stop))
    reader = next(known for known in FORMATS if known.name == part.form)
    piece = _Piece(
        content.name, content.sha256, content.opened, whole=content, n_passed=part.start - part.at,
        n_lines=part.stop - part.start, seek=part.seek,
    )  # fmt: skip
    judged = reader is not _tabular.JSON_LINES
    return _load._until_broken(piece, reader.read(piece) if judged else _tabular.read_lines(piece))


def _shifted(records: Iterator[Record | Rejected], part: Part) -> Iterator[Record | Rejected]:
    """Yield records with the numbers that their lines or rows have in the whole file."""
    for record in records:
        where = _NUMBERED.sub(lambda found: f"{found[1]} {int(found[2]) + part.start}", record.where, count=1)
        yield replace(record, where=where)


@dataclass(frozen=True)
class _Piece(Content):
    """Some lines of a file, which is recognised and decoded as its whole is."""

    whole: Content | None = None
    n_passed: int = 0
    n_lines: int = 0
    seek: int = 0

    @cached_property
    def head(self) -> bytes:
        assert self.whole is not None
        return self.whole.head

    def lines(self) -> Iterator[str]:
        return islice(super().lines(), self.n_passed, self.n_passed + self.n_lines)

    def unpacked(self, start: int = 0) -> BinaryIO:
        return super().unpacked(self.seek)


def _content(address: str, name: str, sha256: str) -> Content:
    return Content(name, sha256, lambda: files.opened(address))


def _reader(content: Content) -> Format | None:
    return next((known for known in FORMATS if known.recognise(content)), None)


def _sha256(address: str) -> str:
    digest = hashlib.sha256()
    with files.opened(address) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _lines_of(content: Content, address: str, packed: bool) -> tuple[str, int, tuple[int, ...]]:
    """Return a text file's sha256, the number of its lines, and where every `STONE`th of them begins."""
    if packed:
        with content.unpacked() as stream:
            n_lines, _ = line_starts(stream.read)
        if content.damage:
            raise InputError(next(iter(content.damage)))
        return _sha256(address), n_lines, ()
    digest = hashlib.sha256()
    with content.opened() as stream:
        n_lines, stones = line_starts(stream.read, digest.update)
    return digest.hexdigest(), n_lines, stones


def line_starts(
    read: Callable[[int], bytes], told: Callable[[bytes], Any] | None = None, stone: int = STONE
) -> tuple[int, tuple[int, ...]]:
    """Return how many lines bytes have, and the byte offset of every `stone`th line, the first at 0.

    Lines end as Python's text files end them: by a line feed, a carriage return, or both; a last line without
    an end is one, too.
    """
    stones, n_ends, offset, last = [0], 0, 0, b""
    while chunk := read(_CHUNK):
        while chunk.endswith(b"\r") and (more := read(1)):
            chunk += more  # a pair must not be torn
        if told is not None:
            told(chunk)
        codes = np.frombuffer(chunk, dtype=np.uint8)
        after_return = np.append(codes[1:], 0) == 10
        ends = np.flatnonzero((codes == 10) | ((codes == 13) & ~after_return)) + 1
        numbers = np.arange(n_ends + 1, n_ends + 1 + len(ends))
        stones += (offset + ends[numbers % stone == 0]).tolist()
        n_ends, offset, last = n_ends + len(ends), offset + len(codes), chunk[-1:]
    n_lines = n_ends + (last not in (b"", b"\n", b"\r"))
    return n_lines, tuple(place for place in stones if place < offset or place == 0)
