"""A file's bytes, and the same as text or as JSON where they are that; each worked out once, on demand."""

import codecs
import gzip
import hashlib
import io
import json
import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from trends.core.errors import InputError

LARGEST = 2 * 1024**3
"""Bytes that a compressed file may unpack to."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ODD = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\ufffd]")


@dataclass(frozen=True)
class Content:
    """One file: its name without directories, the sha256 of its bytes as stored, and its bytes unpacked."""

    name: str
    sha256: str
    data: bytes

    @classmethod
    def of(cls, name: str, stored: bytes) -> "Content":
        """Take a file's stored bytes, unpacking gzip; raises InputError where it is broken."""
        sha256 = hashlib.sha256(stored).hexdigest()
        return cls(name, sha256, _unpacked(name, stored) if stored[:2] == b"\x1f\x8b" else stored)

    @cached_property
    def text(self) -> str | None:
        """The content as text with plain line ends, or None where it is not text."""
        decoded = _decoded(self.data)
        if decoded is None:
            return None
        start = decoded[:65536]
        if len(_ODD.findall(start)) > len(start) // 50:
            return None
        return decoded.replace("\r\n", "\n").replace("\r", "\n")

    @cached_property
    def json(self) -> Any:
        """The content as JSON values, or None where it is not JSON."""
        if self.text is None or self.text.lstrip()[:1] not in ("[", "{"):
            return None
        return parsed_json(self.text)


def parsed_json(text: str) -> Any:
    """Return the JSON value of a text, or None: not JSON, nested too deeply, or a number beyond reason."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _unpacked(name: str, stored: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(stored)) as packed:
            data = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{name} is a damaged gzip file ({error}); fetch or compress it again.") from error
    if len(data) > LARGEST:
        raise InputError(
            f"{name} unpacks to more than {LARGEST // 1024**3} GiB; split it into smaller files."
        )
    return data


def _decoded(data: bytes) -> str | None:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    start = data[:4096]
    if len(start) >= 4 and start.count(0) >= len(start) * 2 // 5:
        # Western text in UTF-16 without a mark has a zero in every other byte.
        odd = start[1::2].count(0) > start[0::2].count(0)
        return data.decode("utf-16-le" if odd else "utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        replaced = data.decode("utf-8", "replace")
    # A few bad bytes among good UTF-8 are damage; no good ones at all mean another encoding.
    if replaced.count("\ufffd") > len(_BEYOND_ASCII.findall(replaced)):
        return data.decode("cp1252", "replace")
    return replaced
