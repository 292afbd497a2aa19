"""Records of fields that are named in words on lines of their own, as Ovid and Embase write plain text.

Ovid begins a record with its number ("<12>") and indents values below the names of their fields; Embase
begins it with "RECORD 12", and a name is a line in capitals, each with its value in the line below. What a
field means is told by its name as in tables.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from trends.papers import _cells, _columns
from trends.papers._content import Content
from trends.papers._formats import _tagged
from trends.papers._record import Format, Record, Rejected

_OPENING = re.compile(
    r"^<\d{1,9}\.? {0,2}>\s*\n[A-Z][A-Za-z /()-]{2,50}\n[ \t]+\S"
    r"|^RECORD \d{1,9}\s*\n\s*[A-Z][A-Z /()-]{2,50}\n",
    re.MULTILINE,
)
_START = re.compile(r"(?:<\d{1,9}\.? {0,2}>|RECORD \d{1,9})\s*$")
_NAME = re.compile(r"[A-Z][A-Za-z /()&-]{2,60}\s*$")
_KIND_OF_TITLE = re.compile(r"\.?\s*\[(?:[A-Z][A-Za-z-]*[\s,;:]*){1,6}\]\s*$")
_GAP_OF_NAMES = re.compile(r"\s*;\s*|(?<=\.)\s{2,}")
_DEGREE = re.compile(
    r"(?:[A-Z]{2,}(?:-[A-Z]{1,2})?|Ph\.?D|M\.?D|MSc|BSc|Dr\w*)\.?(?:\s+\d[\d,\s]*)?|\d[\d,\s]*", re.IGNORECASE
)
_BEHIND_NAME = re.compile(r"(?:\s+(?:RN|PhD|MD|MPH|MSc|BSc|DrPH))*(?:\s+\d[\d,\s]*)?$")
# "Kites.   28(2):103-106, April 2015." and "Kites. 28(2):103-106, 2015 Apr."
_SOURCE = re.compile(r"(?P<venue>[^.]{2,200})\.\s.*?,\s(?P<date>[A-Za-z0-9 /-]{4,30})\.?$")


def _recognise(content: Content) -> bool:
    return _tagged.begins(content, _OPENING)


def _read(content: Content) -> Iterator[Record | Rejected]:
    for line, fields in _fields(content.lines()):
        _columns.look(fields, content.columns)
        known = _columns.fields(fields, content.columns)
        yield _cells.record(f"line {line}", fields, known)


def _fields(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line and the fields of every record."""
    began, fields, name, capitals = 0, dict[str, list[str]](), "", False
    for number, line in enumerate(lines, start=1):
        if _START.match(line):
            if began:
                yield began, _unwrapped(fields)
            began, fields, name, capitals = number, {}, "", not line.startswith("<")
        elif began and _NAME.match(line) and (not capitals or (line.isupper() and fields.get(name, True))):
            name = line.strip()
            fields.setdefault(name, [])
        elif name and line.strip():
            fields[name].append(line.strip())
    if began:
        yield began, _unwrapped(fields)


def _unwrapped(fields: dict[str, list[str]]) -> dict[str, Any]:
    """Return the fields as texts, without what Ovid adds to titles and names."""
    row: dict[str, Any] = {name: " ".join(values) for name, values in fields.items()}
    for name in fields:
        kinds = _columns.fields([name])
        if "title" in kinds:
            row[name] = _KIND_OF_TITLE.sub("", row[name])
        elif "authors" in kinds:
            row[name] = _names(row[name])
        elif "tags" in kinds:
            row[name] = row[name].rstrip(".")
        elif "abstract" in kinds:
            row[name] = row[name].removeprefix(":").strip()
        elif "source" in kinds and (match := _SOURCE.fullmatch(row[name])):
            row["journal"], row["date"] = match["venue"], match["date"]
    return row


def _names(text: str) -> list[str]:
    """Return the names of authors without degrees and the numbers of their institutions."""
    parts = [part.strip() for part in _GAP_OF_NAMES.split(text)]
    parts = [part for part in parts if part and not _DEGREE.fullmatch(part)]
    return [_BEHIND_NAME.sub("", part).rstrip(",") for part in parts]


FORMAT = Format("Ovid or Embase text", _recognise, _read)
