"""Whether files fit into memory, or must be read by partitions."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from trends.core import files
from trends.papers._parts import Survey, listed
from trends.scale._partitions import UNPACKED, is_packed

MOST = 1 / 3
"""Of the memory to be had, the part that files may have: read, they take some three times their size."""


def fits(sources: Iterable[str | Path]) -> bool:
    """Tell whether files are few enough to be held as one table; what is at an address never is.

    Raises
    ------
    InputError
        A source is absent.
    """
    given = list(sources)
    if any(files.is_address(source) for source in given):
        return False
    if "-" in given:
        return True
    return sum(map(_size, listed(given))) <= MOST * available()


def _size(file: Survey) -> int:
    return file.size * (UNPACKED if is_packed(file.address) else 1)


def available() -> int:
    """Return the bytes of memory that this process may still take, as far as the system says."""
    found = []
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        found.append(1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")))
    with suppress(OSError, ValueError):
        limit, used = (
            Path(f"/sys/fs/cgroup/memory.{name}").read_text("utf-8") for name in ("max", "current")
        )
        found.append(int(limit) - int(used))
    if not found:
        with suppress(OSError, ValueError, AttributeError):
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return max(0, min(found, default=2**33))
