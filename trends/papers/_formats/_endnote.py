"""The refer format ("%0 Journal Article", "%T ...") of EndNote, Zotero, Google Scholar, CNKI and others.

An entry begins at its type (%0); in older files, which have none, blank lines part the entries, so there it
begins after a blank line, and everywhere where a second title follows one. A line without tag goes on from
the line before; in lists (authors, keywords) it is a value of its own unless indented.
"""

import re
from collections.abc import Iterable, Iterator

from trends.papers._content import Content
from trends.papers._formats import _tagged
from trends.papers._formats._json_items import language
from trends.papers._formats._tagged import Entry
from trends.papers._record import Format, Record, Rejected

_OPENING = re.compile(
    r"\A%[0-9A-Z@!](?: .*)?\n(?:.*\n){0,30}?%[TJBDA] |^%0 [A-Z][A-Za-z ]{2,40}\s*$", re.MULTILINE
)
_TAG = re.compile(r"%([0-9A-Z!@#$&*()+^>?\[\]=~<])(?:\s(.*)|$)")
_MAY_BE_DOI = ("M", "1", "2", "3", "Z", "O")


def _recognise(content: Content) -> bool:
    return _tagged.begins(content, _OPENING)


def _read(content: Content) -> Iterator[Record | Rejected]:
    return map(_record, _entries(content.lines()))


def _entries(lines: Iterable[str]) -> Iterator[Entry]:
    entry, apart = Entry(1), True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            apart = True
            continue
        match = _TAG.match(line)
        if match and (not entry or _is_new(match[1], apart, entry)):
            if entry:
                yield entry
            entry = Entry(number)
        if match:
            entry.add(match[1], match[2] or "")
        elif line.strip() != "%":  # a tag that the end of the file cut off
            entry.go_on(line)
        apart = False
    if entry:
        yield entry


def _is_new(tag: str, apart: bool, entry: Entry) -> bool:
    return tag == "0" or (apart and ("0" not in entry or (tag == "T" and "T" in entry)))


def _record(entry: Entry) -> Record:
    title = entry.text("T", "!")
    links = [link for text in entry.texts("U", ">") for link in text.split()]
    others = entry.texts(*_MAY_BE_DOI)
    return Record(
        f"line {entry.line}",
        title=title,
        abstract=" ".join(entry.texts("X")),
        date=entry.text("8"),
        year=entry.text("D"),
        tags=_tagged.keywords(entry.items("K")),
        authors=_tagged.names(entry.items("A")),
        venue=next((name for name in entry.texts("J", "B", "S") if name != title), ""),
        url=links,
        arxiv_id=_tagged.arxiv_id([*links, *others, *entry.texts("J", "R")]),
        doi=_tagged.doi(entry.texts("R")) or _tagged.stray_doi(links, others),
        language=language(entry.text("G")),
    )


FORMAT = Format("EndNote", _recognise, _read)
