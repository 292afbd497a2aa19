"""Peak memory and processor seconds of a process and of all that it starts, read from /proc as they run."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.25
"""Seconds between two looks; the system keeps the peak, so only what comes after the last is missed."""

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Process:
    """What was seen of one process last: its most memory in bytes, and its processor seconds."""

    pid: int
    command: str
    peak: int = 0
    seconds: float = 0.0

    @property
    def is_worker(self) -> bool:
        """Tell whether it is one that Dask's nanny started."""
        return "spawn_main" in self.command


@contextmanager
def watched(root: int) -> Iterator[dict[int, Process]]:
    """Give the processes under `root`, itself included, by pid; filled while the block runs."""
    seen: dict[int, Process] = {}
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(EVERY):
            observe(root, seen)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        stop.set()
        watcher.join()


def observe(root: int, seen: dict[int, Process]) -> None:
    """Look once at all processes under `root`; those that are gone keep what was seen last."""
    for pid in _tree(root):
        try:
            folder = Path("/proc") / str(pid)
            status = (folder / "status").read_text(encoding="utf-8")
            # The name in brackets may hold spaces; what follows it is fixed.
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            # Anew each time: just after its start a process still has its parent's command.
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        peaks = [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")]
        known = seen.setdefault(pid, Process(pid, command))
        known.command = command or known.command  # one that has ended, and was not asked after, has none
        known.peak = max([known.peak, *peaks])
        known.seconds = (int(fields[11]) + int(fields[12])) / _TICKS


def _tree(root: int) -> list[int]:
    """Give a process and all below it."""
    found, below = [], [root]
    while below:
        pid = below.pop()
        found.append(pid)
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                below += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found
