"""RefWorks' tagged format ("RT Journal Article"), which ProQuest, EBSCO, OECD, HighWire and Zotero write too.

A tag is two letters and a space at the start of a line. An entry begins at its type (RT); a line without tag
goes on from the line before.
"""

import re
from collections.abc import Iterable, Iterator

from trends.papers._content import Content
from trends.papers._formats import _tagged
from trends.papers._formats._json_items import language
from trends.papers._formats._tagged import Entry
from trends.papers._record import Format, Record, Rejected

_OPENING = re.compile(
    r"^RT [A-Z][A-Za-z/,() -]{2,40}\n(?:[A-Z][A-Z0-9] .*\n){0,60}?(?:T1|A1|YR|SR) ", re.MULTILINE
)
_TAG = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|$)")
_KNOWN = frozenset(
    """
    RT SR ID A1 A2 A3 A4 A5 A6 T1 T2 T3 JF JO YR FD VO IS SP OP K1 AB NO ED PB PP SN AV AD AN LA CL SF OT LK
    DO CN DB DS IP RD ST U1 U2 U3 U4 U5 U6 UL SL LL CR WT WV WP OL
    """.split()
)


def _recognise(content: Content) -> bool:
    return _tagged.begins(content, _OPENING)


def _read(content: Content) -> Iterator[Record | Rejected]:
    return map(_record, _entries(content.lines()))


def _entries(lines: Iterable[str]) -> Iterator[Entry]:
    entry: Entry | None = None
    for number, line in enumerate(lines, start=1):
        match = _TAG.match(line)
        tag = match[1] if match and match[1] in _KNOWN else ""
        if tag == "RT":
            if entry:
                yield entry
            entry = Entry(number)
        # Above the first entry stand legends of the tags.
        if entry is None:
            continue
        if match and tag:
            entry.add(tag, match[2] or "")
        else:
            entry.go_on(line)
    if entry:
        yield entry


def _record(entry: Entry) -> Record:
    title = entry.text("T1", "OT")
    links = [link for text in entry.texts("LK", "UL") for link in text.split()]
    return Record(
        f"line {entry.line}",
        title=title,
        abstract=" ".join(entry.texts("AB")),
        date=entry.text("FD"),
        year=entry.text("YR"),
        tags=_tagged.keywords(entry.items("K1")),
        authors=_tagged.names(entry.items("A1")),
        venue=next((name for name in entry.texts("JF", "JO", "T2", "WT") if name != title), ""),
        url=links,
        arxiv_id=_tagged.arxiv_id([*links, *entry.texts("JF", "NO")]),
        doi=_tagged.doi(entry.texts("DO")) or _tagged.stray_doi(links, entry.texts("NO")),
        language=language(entry.text("LA")),
    )


FORMAT = Format("RefWorks", _recognise, _read)
