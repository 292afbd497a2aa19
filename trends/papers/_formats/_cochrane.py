"""The plain text of the Cochrane Library: "Record #1 of 20" above lines of a tag, a colon and a value."""

import re
from collections.abc import Iterable, Iterator

from trends.papers._content import Content
from trends.papers._formats import _tagged
from trends.papers._formats._tagged import Entry
from trends.papers._record import Format, Record, Rejected

_OPENING = re.compile(r"^Record #\d{1,7} of \d{1,7}[ \t]*\n(?:ID|AU|TI|SO): ", re.MULTILINE)
_START = re.compile(r"Record #\d{1,7} of \d{1,7}\s*$")
_TAG = re.compile(r"([A-Z]{2,4}):(?: (.*)|\s*$)")
_KNOWN = frozenset(
    "ID AU TI SO YR VL NO PG PM XR PT KY DOI AB US AN CO CC CN OP ST PB SN CY LA EM CE".split()
)
_QUALIFIERS = re.compile(r"\s*\[[^\[\]]*\]\s*$")


def _recognise(content: Content) -> bool:
    return _tagged.begins(content, _OPENING)


def _read(content: Content) -> Iterator[Record | Rejected]:
    return map(_record, _entries(content.lines()))


def _entries(lines: Iterable[str]) -> Iterator[Entry]:
    entry: Entry | None = None
    for number, line in enumerate(lines, start=1):
        if _START.match(line):
            if entry is not None:
                yield entry
            entry = Entry(number)
            continue
        match = _TAG.match(line)
        if entry is None:
            continue
        if match and match[1] in _KNOWN:
            entry.add(match[1], match[2] or "")
        else:
            entry.go_on(line)
    if entry is not None:
        yield entry


def _record(entry: Entry) -> Record:
    links = entry.texts("US")
    headings = [_QUALIFIERS.sub("", word) for word in _tagged.keywords(entry.texts("KY"))]
    return Record(
        f"line {entry.line}",
        title=entry.text("TI"),
        abstract=" ".join(entry.texts("AB")),
        year=entry.text("YR"),
        tags=headings,
        authors=_tagged.names(entry.texts("AU")),
        venue=entry.text("SO"),
        url=links,
        doi=_tagged.doi(entry.texts("DOI")),
    )


FORMAT = Format("Cochrane", _recognise, _read)
