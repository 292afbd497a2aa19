"""A folder of finished work, found again by content hash; never half a file, never a pickle.

The folder is $TRENDS_CACHE, else the user's cache folder. Deleting it costs time and nothing else.
"""

import json
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from trends.core.escape import slug
from trends.core.hashing import text_hash

ASIDE, GONE = ".old", ".gone"


def folder() -> Path:
    """Return the cache folder, which need not exist yet."""
    given = os.environ.get("TRENDS_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "trends"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path` and move it there when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes private files; a report or table gets the user's ordinary rights.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside `path` that takes its place when the block ends without an error.

    A durable one is on the disk before it takes its place, so that a power cut cannot leave it half there.
    Where a kill falls between the two renames, `restore` puts the old folder back.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{_short(path.name)}."))
    try:
        yield temporary
        temporary.chmod(0o755)
        if durable:
            for written in (*temporary.rglob("*"), temporary):
                # A second name of a file of before: that file is on the disk.
                if written.is_dir() or written.stat().st_nlink == 1:
                    _to_disk(written)
        if path.exists():
            # The old folder steps aside under a name of its own, so that a kill loses neither.
            aside = temporary.with_name(temporary.name + ASIDE)
            path.rename(aside)
            temporary.rename(path)
            # Under another name first: what is half removed must never be put back.
            gone = aside.with_name(temporary.name + GONE)
            aside.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
        else:
            temporary.rename(path)
        if durable:
            _to_disk(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def restore(path: Path) -> bool:
    """Put a folder back that a kill left aside while another was to take its place; tell whether it did."""
    if path.exists():
        return False
    aside = [left for left in _leftovers(path) if left.name.endswith(ASIDE)]
    if not aside:
        return False
    max(aside, key=lambda left: left.stat().st_mtime_ns).rename(path)
    return True


def was_left(path: Path) -> bool:
    """Tell whether `restore` has something to put back."""
    return not path.exists() and any(left.name.endswith(ASIDE) for left in _leftovers(path))


def tidy(path: Path) -> None:
    """Remove what killed writers of a folder left beside it; only for who holds its lock."""
    for left in _leftovers(path):
        shutil.rmtree(left, ignore_errors=True)


def _leftovers(path: Path) -> list[Path]:
    """Return the folders beside `path` that `whole_folder` made for it and no one took away."""
    ends = f"({re.escape(ASIDE)}|{re.escape(GONE)})?"
    name = re.compile(rf"\.{re.escape(_short(path.name))}\.[a-z0-9_]{{8}}{ends}")
    if not path.parent.is_dir():
        return []
    return [left for left in path.parent.iterdir() if name.fullmatch(left.name) and left.is_dir()]


def _short(name: str) -> str:
    """Return a name, or of a long one a short one that no other name has."""
    return name if len(name) <= 40 else f"{name[:31]}-{text_hash(name)[:8]}"


def _to_disk(path: Path) -> None:
    """Have the system write a file or a folder's list of names to the disk now."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folder, and writes its names with the files
    handle = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def arrays(kind: str, key: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return the arrays kept under (kind, key), making and keeping them when absent or unreadable."""
    path = folder() / kind / f"{key}.npz"
    found = _read_arrays(path)
    if found is None:
        found = make()
        try:
            with whole_file(path) as temporary, temporary.open("wb") as out:
                np.savez(out, **found)  # type: ignore[arg-type]
        except OSError:
            pass  # a full or read-only disk costs the next run time, not this run its result
    return found


def _read_arrays(path: Path) -> dict[str, np.ndarray] | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files}
    except Exception:
        return None


def plain(kind: str, key: str, make: Callable[[], Any]) -> Any:
    """Return the JSON value kept under (kind, key), making and keeping it when absent or unreadable.

    What comes back has been through JSON either way: tuples are lists, keys are text.
    """
    path = folder() / kind / f"{key}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = json.loads(json.dumps(make()))
    with suppress(OSError):
        write_json(path, found)
    return found


class Vectors:
    """Vectors by text hash, in one SQLite file per encoder: a new week costs only its new papers.

    SQLite because a batch is then kept whole or not at all, and two processes can share the file.
    """

    def __init__(self, encoder: str) -> None:
        self.path = folder() / "vectors" / f"{slug(encoder, 'encoder')}-{text_hash(encoder)[:8]}.sqlite"

    def read(self, keys: set[str]) -> dict[str, np.ndarray]:
        """Return the vectors that are kept for these hashes; {} when the file is absent or damaged."""
        if not self.path.exists():
            return {}
        try:
            with closing(sqlite3.connect(self.path, timeout=60)) as base:
                found = {}
                wanted = sorted(keys)
                for start in range(0, len(wanted), 500):
                    some = wanted[start : start + 500]
                    marks = ",".join("?" * len(some))
                    rows = base.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some)
                    found.update({key: np.frombuffer(blob, dtype="<f4") for key, blob in rows})
                return found
        except sqlite3.DatabaseError:
            self.path.unlink(missing_ok=True)
            return {}

    def keep(self, vectors: dict[str, np.ndarray]) -> None:
        """Keep vectors by hash; a disk that refuses costs the next run time, not this run its result."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=60)) as base, base:
                base.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB)")
                rows = [(key, np.asarray(v, dtype="<f4").tobytes()) for key, v in vectors.items()]
                base.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except (sqlite3.Error, OSError):
            pass


def write_json(path: Path, value: Any) -> None:
    """Write plain values as JSON with sorted keys, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(
            json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
