"""Whether files fit into memory, or must be read by partitions."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from trends.core import files
from trends.papers._parts import Survey, listed
from trends.scale._partitions import BYTES, PAPERS, UNPACKED, is_packed

FIXED, PER_PAPER, ROOM = 2 * 2**30, 15_000, 0.75
"""Bytes that a study takes in one table, whatever its size and for each paper, and of the memory to be had
the part that it may take. 199,608 papers took 4.6 GiB, 997,976 in one partition 13.1."""

DENSE = (".parquet", ".feather", ".arrow")
"""Ends of the names of tables that are packed within."""

PROC, GROUPS = Path("/proc"), Path("/sys/fs/cgroup")


def fits(sources: Iterable[str | Path]) -> bool:
    """Tell whether files are few enough to be held as one table; what is at an address never is.

    What is no more than one partition always is: to cut it would save nothing.

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
    n_papers = sum(map(_papers, listed(given)))
    return n_papers <= PAPERS or FIXED + PER_PAPER * n_papers <= ROOM * available()


def _papers(file: Survey) -> int:
    """Return about how many papers a file holds, by its size."""
    packed = is_packed(file.address) or file.address.lower().endswith(DENSE)
    return file.size * (UNPACKED if packed else 1) // BYTES


def available() -> int:
    """Return the bytes of memory that this process may still take, as far as the system says.

    The limits of its control groups count, which containers and batch systems such as SLURM set.
    """
    found = []
    with suppress(OSError, ValueError, StopIteration):
        lines = (PROC / "meminfo").read_text(encoding="utf-8").splitlines()
        found.append(1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")))
    found += list(_group_rooms())
    if not found:
        with suppress(OSError, ValueError, AttributeError):
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return max(0, min(found, default=2**33))


def _group_rooms() -> Iterator[int]:
    """Yield what each control group that holds this process, or holds its group, has left under its limit.

    What a group keeps of files that nobody reads now is given up on demand, and so is room. Both versions of
    control groups are asked, where they are mounted by custom.
    """
    try:
        lines = (PROC / "self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, kinds, path = line.split(":", 2)
        if kinds == "":
            root, limit, used, kept = GROUPS, "memory.max", "memory.current", "inactive_file"
        elif "memory" in kinds.split(","):
            names = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
            root, (limit, used, kept) = GROUPS / "memory", names
        else:
            continue
        group = root / path.lstrip("/")
        for folder in (group, *group.parents):
            with suppress(OSError, ValueError):  # no limit: "max", or no such file at the root
                room = int((folder / limit).read_text("utf-8")) - int((folder / used).read_text("utf-8"))
                stated = dict(map(str.split, (folder / "memory.stat").read_text("utf-8").splitlines()))
                yield room + int(stated.get(kept, 0))
            if folder == root:
                break
