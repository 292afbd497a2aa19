"""RIS in the dialects of reference managers, publishers and databases.

An entry runs from its type (TY) to its end (ER) or, where that is missing, to the next type. What stands
between entries (numbers, links, notices) is no entry, unless it has a title or is closed like one. A tag is
two capitals, two spaces and a hyphen; only an entry that gives no title in this spelling is read again with
tags in any spelling ("ti - "), since a line of text may begin like that. A line without tag goes on from
the line before; in lists (authors, keywords) it is a value of its own unless indented, as EndNote writes
them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from trends.papers._content import Content
from trends.papers._formats import _tagged
from trends.papers._formats._json_items import language
from trends.papers._formats._tagged import Entry
from trends.papers._record import Format, Record, Rejected

_OPENING = re.compile(r"^TY  - ?|^\s{0,8}TY\s{0,4}[-–—]\s{0,4}[A-Z]{3,6}\s*$", re.MULTILINE | re.IGNORECASE)
_TYPE = re.compile(r"TY  -|\s{0,8}TY\s{0,4}[-–—]\s{0,4}(?:[A-Z][A-Z0-9 /-]{0,40})?$", re.IGNORECASE)
_END = re.compile(r"ER  -|\s{0,8}(?:ER|er)\s{0,4}[-–—]\s*$|ER\s*$")
# A file without a final line end, and the next one written behind it.
_GLUED = re.compile(r"ER  -[\s\ufeff]*(?=TY  -)")
_TAG = re.compile(r"([A-Z][A-Z0-9])  -(.*)")
_ANY_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9])(?:\s{1,4}[-–—]|[-–—](?=\s|$))(.*)")
_KNOWN = frozenset(
    """
    TY TI T1 T2 CT BT TT ST AU A1 AB N1 N2 DA Y1 Y2 PY JF JO JA J1 J2 KW K1 DO DI UR LK L1 L2 L3 LA M1
    M3 AN ID VL IS SP EP SN PB CY AD DB
    """.split()
)
_TITLES = ("TI", "T1", "CT", "TT", "ST")
_MAY_BE_DOI = "M3 M1 N1 AN ID U1 U2 U3 U4 U5 C1 C2 C3 C4 C5 C6 C7 C8".split()
_MAY_NAME_ARXIV = ("UR", "LK", "L1", "L2", "L3", "M1", "M3", "AN", "JF", "T2", "JO", "JA", "PB")
_PARTS_OF_BOOKS = frozenset("CHAP ECHAP CONF CPAPER".split())
_REFERENCES = re.compile(r"(?:cited )?references\b", re.IGNORECASE)
_NOTED_ABSTRACT = re.compile(r"\[?abstract\]?\s*[:.-]\s*(?=\S)", re.IGNORECASE)
_CITED_DOI = re.compile(r"\bdoi:\s?(10\.\d{4,9}/\S+)$", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20)\d\d(?!\d)")
# "Start date: 20170812" (TRID), "Full publication date: July 2016" (JSTOR).
_LABEL_OF_DATE = re.compile(r"^[A-Za-z ]{0,30}\bdate: ?", re.IGNORECASE)
_LONGEST_CITATION = 300


class _Block(NamedTuple):
    """Lines that may be one entry, whether they begin with a type, and whether an end follows."""

    line: int
    lines: list[str]
    opened: bool
    closed: bool


def _recognise(content: Content) -> bool:
    return _tagged.begins(content, _OPENING)


def _read(content: Content) -> Iterator[Record | Rejected]:
    for block in _blocks(content.lines()):
        entry = _entry(block, _tag)
        if not entry.text(*_TITLES):
            spelt = _entry(block, _any_tag)
            entry = spelt if spelt.text(*_TITLES) else entry
        if block.opened or (block.closed and entry) or entry.text(*_TITLES):
            yield _record(entry)


def _blocks(lines: Iterable[str]) -> Iterator[_Block]:
    """Part a file at types and ends."""
    block = _Block(1, [], opened=False, closed=False)
    for number, line in enumerate(lines, start=1):
        glued = _GLUED.match(line)
        if glued or _END.match(line):
            yield block._replace(closed=True)
            block = _Block(number + 1, [], opened=False, closed=False)
            line = line[glued.end() :] if glued else ""
        if _TYPE.match(line):
            yield block
            block = _Block(number, [], opened=True, closed=False)
        if line.strip():
            block.lines.append(line)
        elif not block.lines:
            block = block._replace(line=number + 1)
    yield block


def _entry(block: _Block, tagged: Callable[[str], tuple[str, str] | None]) -> Entry:
    entry = Entry(block.line)
    for line in block.lines:
        found = tagged(line)
        if found:
            entry.add(*found)
        else:
            entry.go_on(line)
    return entry


def _tag(line: str) -> tuple[str, str] | None:
    match = _TAG.match(line)
    return (match[1], match[2]) if match else None


def _any_tag(line: str) -> tuple[str, str] | None:
    match = _ANY_TAG.match(line)
    tag = match[1].upper() if match else ""
    return (tag, match[2]) if match and tag in _KNOWN and match[1] in (tag, tag.lower()) else None


def _record(entry: Entry) -> Record:
    authors = _tagged.names(entry.items("AU", "A1"))
    year = _LABEL_OF_DATE.sub("", entry.text("PY", "Y1", "YR"))
    links = [link for text in entry.texts("UR", "LK") for link in text.split()]
    files = [link for text in entry.texts("L2", "L1", "L3") for link in text.split()]
    notes = [note for note in entry.texts("N1") if not _REFERENCES.match(note)]
    is_part = entry.text("TY").upper() in _PARTS_OF_BOOKS
    doi = _tagged.doi(entry.texts("DO", "DI")) or _tagged.stray_doi(
        [*links, *files], [*entry.texts(*_MAY_BE_DOI), *_cited(entry)]
    )
    title = entry.text("TI", "T1", "CT") or ("" if is_part else entry.text("BT")) or entry.text("TT", "ST")
    return Record(
        f"line {entry.line}",
        title=title,
        abstract=_abstract(entry),
        date=_date(entry, year),
        year=year,
        tags=_tagged.keywords(entry.items("KW", "K1")),
        # One line of many names, where a comma parts names and not their halves.
        authors=authors[0] if len(authors) == 1 and authors[0].count(",") > 2 else authors,
        venue=next(
            (name for name in entry.texts("JF", "T2", "JO", "BT", "JA", "J2", "J1") if name != title), ""
        ),
        # Links to files lead into a library or to a disk, where the DOI leads to the paper.
        url=links or ([] if doi else files),
        arxiv_id=_tagged.arxiv_id([*entry.texts(*_MAY_NAME_ARXIV), *notes]),
        doi=doi,
        language=language(entry.text("LA")),
    )


def _abstract(entry: Entry) -> str:
    """Return the longer of the two abstracts there may be, or the note that says it is one."""
    best = max((" ".join(entry.texts(tag)) for tag in ("AB", "N2")), key=len)
    noted = (
        match.string[match.end() :] for note in entry.texts("N1") if (match := _NOTED_ABSTRACT.match(note))
    )
    return best or next(noted, "")


def _date(entry: Entry, year: str) -> str:
    """Return the first date that says more than a year, if it can be the date of publication."""
    own = _YEAR.search(year)
    dates = [*entry.texts("DA", "Y1", "PY"), *filter(_LABEL_OF_DATE.match, entry.texts("C1"))]
    for text in dates:
        text = _LABEL_OF_DATE.sub("", text)
        years = [int(found) for found in _YEAR.findall(text)]
        # A date some years away from the year of publication is that of a visit or of an update.
        near = not own or not years or any(abs(found - int(own[0])) <= 1 for found in years)
        if near and re.search(r"[^\W_]", _YEAR.sub("", text)):
            return text
    return ""


def _cited(entry: Entry) -> Iterator[str]:
    """Yield the DOIs at the ends of citations among the notes, which EndNote keeps of PubMed's."""
    for line in entry.lines("N1"):
        if _REFERENCES.match(line):
            return
        match = _CITED_DOI.search(line) if len(line) <= _LONGEST_CITATION else None
        if match:
            yield match[1]


FORMAT = Format("RIS", _recognise, _read)
