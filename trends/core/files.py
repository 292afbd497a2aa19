"""Files of this machine, and those behind an address that fsspec understands (s3://, gs://, abfs://, …).

A plain path needs no package; an address needs fsspec and the package of its protocol.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from trends.core.cache import whole_file, whole_folder
from trends.core.errors import DependencyError, InputError
from trends.core.hashing import text_hash
from trends.core.lock import held


def is_address(name: str | Path) -> bool:
    """Tell whether a name is an address and no path of this machine."""
    return "://" in str(name)


def opened(name: str | Path) -> BinaryIO:
    """Open a file for reading its bytes, at any place of it."""
    if not is_address(name):
        return Path(name).open("rb")
    system, path = _system(str(name))
    return cast(BinaryIO, system.open(path, "rb"))


def size(name: str | Path) -> int:
    """Return the bytes of a file."""
    if not is_address(name):
        return Path(name).stat().st_size
    system, path = _system(str(name))
    return int(system.size(path) or 0)


def mark(name: str | Path) -> str:
    """Return a short text that is another one once the file was written anew."""
    if not is_address(name):
        about = Path(name).stat()
        return f"{about.st_size}-{about.st_mtime_ns}"
    system, path = _system(str(name))
    return text_hash(str(system.ukey(path)))[:16]


def found(address: str) -> list[str]:
    """Return the files behind an address: one file, those of a pattern, or all below a folder, sorted."""
    system, path = _system(address)
    try:
        names = system.glob(path) if any(sign in path for sign in "*?[") else [path]
        files = [file for name in names for file in ([name] if system.isfile(name) else system.find(name))]
    except (OSError, ValueError) as error:
        raise InputError(f"{address} cannot be looked up: {error}.") from error
    if not files:
        raise InputError(f"{address} holds no files; check the spelling and that you may read it.")
    return sorted({system.unstrip_protocol(file) for file in files})


class Folder:
    """A folder into which files go whole or not at all, here or behind an address.

    Names are those of files in it, with "/" between folders.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = str(root) if is_address(root) else str(Path(root).expanduser())

    def __repr__(self) -> str:
        return f"<Folder {self.root}>"

    @property
    def here(self) -> bool:
        """Whether it is a folder of this machine."""
        return not is_address(self.root)

    def at(self, name: str) -> str:
        """Return the path or address of a file."""
        return f"{self.root.rstrip('/')}/{name}"

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""
        if self.here:
            return Path(self.at(name)).is_file()
        system, path = _system(self.at(name))
        return bool(system.isfile(path))

    def put(self, name: str, content: Any) -> None:
        """Write bytes as a file, whole or not at all."""
        if self.here:
            with whole_file(Path(self.at(name))) as temporary:
                temporary.write_bytes(content)
            return
        system, path = _system(self.at(name))
        system.pipe_file(path, bytes(content))

    def get(self, name: str) -> bytes:
        """Return the bytes of a file; raises OSError where it is absent."""
        with opened(self.at(name)) as stream:
            return stream.read()

    def names(self, below: str) -> list[str]:
        """Return the names of the files below a folder, sorted; half-written ones of this machine too."""
        if self.here:
            start = Path(self.root)
            files = [file for file in (start / below).rglob("*") if file.is_file()]
            return sorted(file.relative_to(start).as_posix() for file in files)
        system, path = _system(self.at(below))
        start = system._strip_protocol(self.root).rstrip("/") + "/"
        return sorted(str(file).removeprefix(start) for file in system.find(path))

    def remove(self, name: str) -> None:
        """Remove a file that may be absent."""
        if self.here:
            Path(self.at(name)).unlink(missing_ok=True)
            return
        system, path = _system(self.at(name))
        if system.exists(path):
            system.rm_file(path)

    @contextmanager
    def alone(self, wait: float = 5.0) -> Iterator[None]:
        """Let no other process of this machine work in the folder; behind an address nothing can see to that.

        Raises
        ------
        InputError
            Another process still works in it after `wait` seconds.
        """
        if not self.here:
            yield
            return
        with held(Path(self.root), wait):
            yield

    @contextmanager
    def new_folder(self, name: str) -> Iterator[Path]:
        """Give a local folder that stands here under a name when the block ends without an error."""
        if self.here:
            with whole_folder(Path(self.at(name))) as temporary:
                yield temporary
            return
        with tempfile.TemporaryDirectory() as temporary_name:
            yield Path(temporary_name)
            system, path = _system(self.at(name))
            system.put(temporary_name, path, recursive=True)

    def local(self, name: str) -> Path:
        """Return a folder of this machine with the files of a folder here, fetched once by each process."""
        return Path(self.at(name)) if self.here else _fetched(self.at(name))


@cache
def _fetched(address: str) -> Path:
    system, path = _system(address)
    folder = Path(tempfile.mkdtemp(prefix="trends-"))
    # The interpreter's end is the end of the copy.
    import atexit

    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for file in system.find(path):
        target = folder / str(file).removeprefix(str(system._strip_protocol(address)).rstrip("/") + "/")
        target.parent.mkdir(parents=True, exist_ok=True)
        system.get_file(file, str(target))
    return folder


def _system(address: str) -> tuple[Any, str]:
    """Return fsspec's file system of an address, and the path in it."""
    try:
        from fsspec.core import url_to_fs

        return url_to_fs(address)
    except ImportError as error:
        raise DependencyError(
            f"{address} needs a package that is not installed ({error}); install it, or copy the files here."
        ) from error
    except ValueError as error:
        raise InputError(f"{address} is no address that fsspec understands: {error}.") from error
