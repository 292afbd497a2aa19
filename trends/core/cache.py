"""A folder of finished work, found again by content hash; never half a file, never a pickle.

The folder is $TRENDS_CACHE, else the user's cache folder. Deleting it costs time and nothing else.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np


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
    except Exception:  # noqa: BLE001 a damaged file of any kind is made anew
        return None


def write_json(path: Path, value: Any) -> None:
    """Write plain values as JSON with sorted keys, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(
            json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
