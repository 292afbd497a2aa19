"""One writer at a time: a lock beside a folder, held by a process, told to the next."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from trends.core.errors import InputError

STEP = 2.0
"""Seconds between two looks at who holds a lock."""


def lock_of(folder: Path) -> Path:
    """Return the name of a folder's lock: a hidden file beside it, there while it is held."""
    return folder.with_name(f".{folder.name}.lock")


@contextmanager
def held(folder: Path, wait: float, *, to_read: bool = False) -> Iterator[None]:
    """Hold the lock of a folder; the system lets go of it when the process ends, however it ends.

    Parameters
    ----------
    folder
        The folder, which need not exist yet.
    wait
        Seconds to wait while another process holds it.
    to_read
        Go on without a lock where none can be made, as on a disk that is read only.

    Raises
    ------
    InputError
        Another process still holds it; the sentence names the process.
    """
    from filelock import FileLock, Timeout

    if not wait >= 0:
        raise InputError(f"wait must be seconds, 0 or more, not {wait!r}.")
    path = lock_of(folder.resolve())
    lock = FileLock(path)
    try:
        if not to_read:
            path.parent.mkdir(parents=True, exist_ok=True)
        _acquire(lock, path, folder, wait)
    except Timeout as error:
        raise InputError(
            f"{folder} is in use by {_holder(path)}, still after {wait:g} s; wait for it to end, "
            "or give a longer wait."
        ) from error
    except OSError:
        if not to_read:
            raise
        yield
        return
    try:
        with suppress(OSError):
            _sign(path).write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        yield
    finally:
        _sign(path).unlink(missing_ok=True)
        if os.name != "nt":
            path.unlink(missing_ok=True)  # while held: who waits on the old file sees that it is gone
        lock.release()


def _acquire(lock: object, path: Path, folder: Path, wait: float) -> None:
    """Take a lock, showing whom it waits for where that takes longer than a step."""
    from filelock import FileLock, Timeout
    from tqdm.auto import tqdm

    assert isinstance(lock, FileLock)
    with suppress(Timeout):
        lock.acquire(timeout=min(wait, STEP))
        return
    if wait <= STEP:
        raise Timeout(str(path))
    told = f"Waiting for {_holder(path)} to leave {folder.name}"
    with tqdm(total=1, bar_format="{desc} ({elapsed})", desc=told, leave=False):
        lock.acquire(timeout=wait - STEP)


def _sign(path: Path) -> Path:
    """Return the file in which a holder says who it is; Windows lets no one read a file that is locked."""
    return path.with_suffix(".holder")


def _holder(path: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return _sign(path).read_text(encoding="utf-8").strip()[:200] or "another process"
    return "another process"
