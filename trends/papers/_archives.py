"""What a path holds: one file's content, or that of each file in a zip archive; nothing is ever extracted."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple, cast

from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.papers._content import HARMLESS, MOST_UNPACKED, Content, Damaged
from trends.papers._sources import passed_over

_OFFICE = frozenset({"[Content_Types].xml", "mimetype"})
_ENCRYPTED = 0x1
_MOST_MEMBERS = 100_000


class Unread(NamedTuple):
    """A file that is not read, and why."""

    name: str
    reason: str


def contents(path: Path, columns: Mapping[str, Any] | None = None) -> Iterator[Content | Unread]:
    """Yield the content of a file, or of every file of a zip archive, in the order of their names."""
    name = clean_text(path.name)
    try:
        with path.open("rb") as stream:
            mark = stream.read(4)
        if not mark:
            yield Unread(name, "it is empty")
        elif mark == b"PK\x03\x04":
            yield from _members(name, path, columns)
        else:
            yield Content.opening(name, lambda: path.open("rb"), columns)
    except OSError as error:
        yield Unread(name, f"it cannot be opened: {error.strerror or error}")
    except InputError as error:
        yield Unread(name, said_of(name, error))


def said_of(name: str, error: InputError) -> str:
    """Return an error's sentence as part of another one that names the file already."""
    return str(error).replace(f"{name} ", "it ", 1).rstrip(".")


def _members(name: str, path: Path, columns: Mapping[str, Any] | None) -> Iterator[Content | Unread]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        yield Unread(name, f"a damaged zip archive ({error}); fetch or pack it again")
        return
    with archive:
        # Not `is_dir`, which fails at a name without letters.
        members = [info for info in archive.infolist() if not info.filename.endswith("/")]
        if _OFFICE.intersection(info.filename for info in members):
            # Office documents are zip archives that formats read as one file.
            yield Content.opening(name, lambda: path.open("rb"), columns)
            return
        unpacked = sum(info.file_size for info in members)
        if len(members) > _MOST_MEMBERS or unpacked > max(HARMLESS, MOST_UNPACKED * path.stat().st_size):
            yield Unread(
                name,
                f"an archive of {len(members)} files that unpacks to {unpacked // 1024**2} MiB, more than "
                f"{MOST_UNPACKED} times its size; unpack it yourself if you trust it",
            )
            return
        if not members:
            yield Unread(name, "an archive without files")
        for info in sorted(members, key=lambda info: info.filename):
            yield _member(name, archive, info, columns)


def _member(
    name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, columns: Mapping[str, Any] | None
) -> Content | Unread:
    # The path inside is shown by its last part only: it names no place on this machine.
    inner = PurePosixPath(info.filename.replace("\\", "/"))
    shown = f"{name}/{clean_text(inner.name)}"
    reason = passed_over(inner)
    if not reason and any(part.startswith((".", "__MACOSX")) for part in inner.parts if part != ".."):
        reason = "a hidden file"
    if not reason and info.flag_bits & _ENCRYPTED:
        reason = "it is locked with a password; unpack it first"
    if not reason and not info.file_size:
        reason = "it is empty"
    if reason:
        return Unread(shown, reason)
    try:
        made = Content.opening(shown, lambda: _opened(archive, info), columns)
        if made.head[:4] == b"PK\x03\x04" and not shown.lower().endswith((".xlsx", ".xlsm")):
            return Unread(shown, "an archive inside an archive; unpack it first")
    except InputError as error:
        return Unread(shown, said_of(shown, error))
    return made


def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Member(archive, info), 1024**2))


class _Member(io.RawIOBase):
    """A file of an archive as a stream; errors of the archive become Damaged."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        try:
            self._stream = archive.open(info)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as error:
            raise self._damaged(error) from error

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise self._damaged(error) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()

    def _damaged(self, error: Exception) -> Damaged:
        return Damaged(f"in its archive: {error}")
