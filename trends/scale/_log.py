"""The reading log: a line per file again, out of the lines of its parts."""

from collections.abc import Iterable
from typing import Any

from trends.core.errors import InputError
from trends.papers._load import SHOWN_REJECTIONS, _line, _nothing
from trends.papers._parts import NO_ENTRIES, Survey

_SUMS = ("n_present", "n_read", "n_rejected", "n_passed")


def by_file(found: list[Survey], lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the reading log as `load` has it, sorted, with the files that were passed over.

    Raises
    ------
    InputError
        No file gave a paper.
    """
    log = [_line(file.name, note=file.note) for file in found if file.note]
    parts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in lines:
        parts.setdefault((line["address"], line["file"]), []).append(line)
    log += [_joined(some) for some in parts.values()]
    log.sort(key=lambda line: (line["file"], line["sha256"] or "", line["note"]))
    if not any(line["n_read"] for line in log):
        raise InputError(_nothing(log))
    return log


def _joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the line of a file out of those of its parts, in order."""
    line = {name: value for name, value in parts[0].items() if name != "address"}
    line |= {name: sum(part[name] for part in parts) for name in _SUMS}
    line["rejected"] = [refused for part in parts for refused in part["rejected"]][:SHOWN_REJECTIONS]
    # A part of blank lines is no fault of its file.
    notes = [part["note"] for part in parts if part["note"] not in ("", NO_ENTRIES)]
    line["note"] = (notes or ["" if line["n_present"] else NO_ENTRIES])[0]
    return line
