"""Files cut into partitions of like size, along the order of their names."""

from dataclasses import dataclass

from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.papers._parts import STONE, Part, Reading, Survey

PAPERS = 50_000
"""Papers of a partition: some 0.5 GB while it is read, and a minute of work on one core."""

BYTES, UNPACKED = 1_500, 5
"""Bytes that a paper takes in a file that is not cut, and how far a packed one unpacks (assumed)."""

_PACKED = (".gz", ".bz2", ".xz", ".zip")


@dataclass(frozen=True)
class Partition:
    """Some parts of files that are read together, and the name under which what comes of them is kept."""

    name: str
    parts: tuple[Part, ...]


def partitions(found: list[Survey], reading: Reading, n_partitions: int | None) -> list[Partition]:
    """Cut files into partitions: as many as asked for, or of about `PAPERS` papers; empty ones are left out.

    Raises
    ------
    InputError
        `n_partitions` is no whole number of at least 1.
    """
    if n_partitions is not None and (
        isinstance(n_partitions, bool) or not isinstance(n_partitions, int) or n_partitions < 1
    ):
        raise InputError(f"n_partitions must be a whole number of at least 1, not {n_partitions!r}.")
    files = [file for file in found if not file.note]
    total = sum(map(_units, files))
    n = n_partitions or max(1, -(-total // PAPERS))
    parts: list[list[Part]] = [[] for _ in range(n)]
    before = 0
    for file in files:
        units = _units(file)
        if file.kind == "whole":
            parts[min(before * n // max(total, 1), n - 1)].append(_part(file, 0, 0))
        else:
            for k in range(before * n // max(total, 1), n):
                start, stop = (max(0, min(-(-total * i // n) - before, units)) for i in (k, k + 1))
                if start < stop:
                    parts[k].append(_part(file, start, stop))
                if stop == units:
                    break
        before += units
    return [Partition(_name(some, reading), tuple(some)) for some in parts if some]


def is_packed(name: str) -> bool:
    """Tell whether a file is packed, going by its name."""
    return name.lower().endswith(_PACKED)


def _units(file: Survey) -> int:
    """Return the lines or rows of a file, or of one that is not cut about how many papers it holds."""
    if file.kind != "whole":
        return file.n_units
    packed = UNPACKED if is_packed(file.address) else 1
    return max(1, file.size * packed // BYTES)


def _part(file: Survey, start: int, stop: int) -> Part:
    stone = start // STONE if file.stones else 0
    seek = file.stones[stone] if file.stones else 0
    return Part(
        file.address,
        file.name,
        file.mark,
        file.kind,
        file.form,
        start,
        stop,
        seek,
        stone * STONE,
        file.sha256,
    )


def _name(parts: list[Part], reading: Reading) -> str:
    return fingerprint("partition", [list(part.key) for part in parts], vars(reading))[:16]
