"""One file's content: its first megabyte as text, its lines one by one, or the whole as bytes, text or JSON.

Each view is worked out once, on demand. A format that may reach gigabytes reads `lines`, which holds one line
at a time; the whole of a file is handed out up to `LARGEST` bytes, so that what a reader can allocate is
bounded. Packed content (gzip, bzip2, xz) is unpacked on the way, under a watch for bombs.
"""

import bz2
import codecs
import contextlib
import gzip
import hashlib
import io
import json
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO, cast

from trends.core.errors import InputError

LARGEST = 512 * 1024**2
"""Bytes of an unpacked file that are held in memory as a whole; beyond that it can only be read by lines."""

LONGEST_LINE = 64 * 1024**2
"""Characters of one line."""

START = 1024**2
"""Bytes at the front by which a format is recognised."""

# Packed text shrinks to a tenth or a twentieth; what unpacks to more than a hundredfold is a bomb.
MOST_UNPACKED, HARMLESS = 100, 64 * 1024**2
_CHUNK = 1024**2
_PACKED: tuple[tuple[bytes, Callable[[Any], Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ODD = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\ufffd]")


class Damaged(InputError):
    """A packed file or an archive breaks off or does not fit its checksum."""


class Bomb(InputError):
    """A packed file unpacks to far more than papers do."""


@dataclass(frozen=True)
class Content:
    """One file: its name without directories, the sha256 of its bytes as stored, and how to open them.

    `opened` gives a new stream of the stored bytes at every call. `columns` are the user's own names of a
    table's columns, for the formats that read tables. Where the packing is damaged, the content ends there,
    and `damage` says so once it was read that far.
    """

    name: str
    sha256: str
    opened: Callable[[], BinaryIO] = field(repr=False)
    columns: Mapping[str, Any] = field(default_factory=dict)
    damage: dict[str, None] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, name: str, stored: bytes, columns: Mapping[str, Any] | None = None) -> "Content":
        """Take bytes in memory as a file's content."""
        return cls.opening(name, lambda: io.BytesIO(stored), columns)

    @classmethod
    def opening(
        cls, name: str, opened: Callable[[], BinaryIO], columns: Mapping[str, Any] | None = None
    ) -> "Content":
        """Take what a function opens as a file's content, and read it through once for its sha256."""
        digest = hashlib.sha256()
        with opened() as stream, contextlib.suppress(Damaged):
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        return cls(name, digest.hexdigest(), opened, columns or {})

    @cached_property
    def head(self) -> bytes:
        """The first megabyte of the unpacked bytes."""
        with self.unpacked() as stream:
            return stream.read(START)

    @cached_property
    def start(self) -> str:
        """The first megabyte as text with plain line ends, or "" where the file is not text."""
        encoding = _encoding(self.head)
        # An odd byte count or a cut character at the end of the piece is no damage.
        decoder = codecs.getincrementaldecoder(encoding[0])(encoding[1])
        start = decoder.decode(self.head).removeprefix("\ufeff")
        if len(_ODD.findall(start[:65536])) > len(start[:65536]) // 50:
            return ""
        return start.replace("\r\n", "\n").replace("\r", "\n")

    @cached_property
    def data(self) -> bytes:
        """The whole of the unpacked bytes; raises InputError beyond `LARGEST`."""
        with self.unpacked() as stream:
            data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise InputError(f"{self.name} {too_large()}.")
        return data

    @cached_property
    def small(self) -> bool:
        """Whether the file can be held as a whole."""
        if len(self.head) < START:
            return True
        with self.opened() as stored:
            if _opener(stored) is None:
                return stored.seek(0, io.SEEK_END) <= LARGEST
        left = LARGEST
        with self.unpacked() as stream:
            while left > 0 and (chunk := stream.read(_CHUNK)):
                left -= len(chunk)
            return not stream.read(1)

    @cached_property
    def text(self) -> str | None:
        """The whole content as text with plain line ends, or None where it is not text or too large."""
        if not self.start or not self.small:
            return None
        encoding, errors = _encoding(self.data)
        text = self.data.decode(encoding, errors).removeprefix("\ufeff")
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

    @cached_property
    def json(self) -> Any:
        """The whole content as JSON values, or None where it is not JSON or too large."""
        if self.start.lstrip()[:1] not in ("[", "{") or self.is_json_lines or self.text is None:
            return None
        return parsed_json(self.text)

    @cached_property
    def is_json_lines(self) -> bool:
        """Whether the file begins with two or more lines that are a JSON object each."""
        lines = [line for line in self.start.lstrip().split("\n", 50)[:50] if line.strip()]
        return len(lines) > 1 and all(isinstance(parsed_json(line), dict) for line in lines[:2])

    def lines(self) -> Iterator[str]:
        """Yield the lines of a text without their ends, one at a time.

        Raises
        ------
        InputError
            A line is longer than `LONGEST_LINE`, or the file is a bomb.
        """
        encoding, errors = _encoding(self.head)
        with (
            self.unpacked() as stream,
            io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline=None) as text,
        ):
            while line := text.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise InputError(
                        f"{self.name} has a line of more than {LONGEST_LINE // 1024**2} million characters, "
                        "which is no record; export it again."
                    )
                yield line.removesuffix("\n").removeprefix("\ufeff")

    @property
    def is_packed(self) -> bool:
        """Whether the bytes as stored are packed."""
        with self.opened() as stored:
            return _opener(stored) is not None

    @property
    def is_bytewise(self) -> bool:
        """Whether the end of a line is the same byte wherever it stands, so that lines need no decoding."""
        return not _encoding(self.head)[0].startswith(("utf-16", "utf-32"))

    def unpacked(self, start: int = 0) -> BinaryIO:
        """Open the bytes, unpacked where they are packed; reading raises Bomb where it is one.

        `start` is the place of the first byte that is wanted, in a file that is not packed.
        """
        stored = self.opened()
        opener = _opener(stored)
        if start and opener is None:
            stored.seek(start)
        return cast(BinaryIO, io.BufferedReader(_Unpacking(self, stored, opener), _CHUNK))


def _opener(stored: BinaryIO) -> Callable[[Any], Any] | None:
    """Return what unpacks a stream, going by its first bytes, or None; the stream stands at its beginning."""
    with contextlib.suppress(Damaged):
        mark = stored.read(6)
        stored.seek(0)
        return next((opener for magic, opener in _PACKED if mark.startswith(magic)), None)
    return None


class _Unpacking(io.RawIOBase):
    """A stored stream as its unpacked bytes, which end where the packing is damaged; a bomb is refused."""

    def __init__(self, content: Content, stored: BinaryIO, opener: Callable[[Any], Any] | None) -> None:
        self._content, self._stored = content, stored
        self._stream: Any = opener(stored) if opener else stored
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            # What can be had at once: a larger read would lose what comes before the damage.
            data = self._stream.read1(min(len(buffer), _CHUNK))
        except (Damaged, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
            self._content.damage[f"{self._content.name} is damaged ({error}); fetch or pack it again."] = None
            return 0
        self._given += len(data)
        if self._given > HARMLESS and self._given > MOST_UNPACKED * self._stored.tell():
            raise Bomb(
                f"{self._content.name} unpacks to more than {MOST_UNPACKED} times its size, which papers do "
                "not; unpack it yourself if you trust it."
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stored.close()
        super().close()


def parsed_json(text: str) -> Any:
    """Return the JSON value of a text, or None: not JSON, nested too deeply, or a number beyond reason."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def too_large() -> str:
    """Say of a file what stands in the way of holding it as a whole."""
    return (
        f"is larger than {LARGEST // 1024**2} MiB, and a file of that size is read only as JSON Lines, CSV, "
        "RIS or Parquet; export it as one of these or split it"
    )


def _encoding(data: bytes) -> tuple[str, str]:
    """Return the encoding that bytes seem to have, and what to do with those that break it."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding, "replace"
    start = data[:4096]
    if len(start) >= 4 and start.count(0) >= len(start) * 2 // 5:
        # Western text in UTF-16 without a mark has a zero in every other byte.
        odd = start[1::2].count(0) > start[0::2].count(0)
        return ("utf-16-le" if odd else "utf-16-be"), "replace"
    if data.isascii():
        return "utf-8", _WESTERN
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        replaced = data.decode("utf-8", "replace")
    else:
        return "utf-8", "replace"
    # A few bad bytes among good UTF-8 are damage; no good ones at all mean another encoding.
    if replaced.count("\ufffd") > len(_BEYOND_ASCII.findall(replaced)):
        return "cp1252", "replace"
    return "utf-8", "replace"


def _western(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as Windows' western alphabet, in a text that was plain ASCII before."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_WESTERN = "trends-western"
codecs.register_error(_WESTERN, _western)
