"""MEDLINE's tagged text: PubMed's .nbib and .txt, and what ERIC, KoreaMed and Ovid write in its manner.

A tag of up to four letters is filled up with spaces before its hyphen; what goes on is indented. An entry
begins at a PMID or, after a blank line, at the tag that began the one before (ERIC has no PMID). The date
is that of electronic publication (DEP), as in PubMed's XML, else of the issue (DP), else of entry into
PubMed. Of the two spellings of an author (FAU in full, AU with initials) one is taken. Titles that PubMed
translated lose their brackets, headings their qualifiers; the PMID becomes the address.
"""

import re
from collections.abc import Iterable, Iterator

from trends.papers._content import Content
from trends.papers._formats import _tagged
from trends.papers._formats._json_items import language
from trends.papers._formats._tagged import Entry
from trends.papers._record import Format, Record, Rejected

_OPENING = re.compile(
    r"^\s{0,4}PMID {0,2}- ?\d{1,9}\s*$|^OWN {0,2}- (?:ERIC|NLM)|^(?:UI|VN)  - \S", re.MULTILINE
)
_TAG = re.compile(r"([A-Z][A-Z0-9 ]{3})-(?: (.*)|$)")
_ANY_TAG = re.compile(r"\s{0,4}([A-Z][A-Z0-9]{1,3}) {0,3}-(?=\s|$|\d)(.*)")
_KNOWN = frozenset(
    """
    PMID OWN UI VN DB TI BTI CTI TT AB FAU AU CN DP DEP EDAT CRDT YR JT TA JN SO MH OT KW LID AID DO LA
    LG
    """.split()
)
# Ovid's number in front of an entry.
_NUMBER = re.compile(r"\s*<\d{1,9}\.? {0,2}>\s*")
# Ovid's "Kites. 28(2):103-106, 2015 Apr." and "Kites. Conference: ... Date of Publication: 15 Mar 2018."
_SOURCE_VENUE = re.compile(r"([^.]{2,200})\. (?=\S)")
_SOURCE_DATE = re.compile(
    r"Date of Publication: ?([^.;]{4,30})|, ((?:1[6-9]|20)\d\d [A-Z][a-z]{2}(?: \d{1,2})?)\.?$"
)
_TITLES = ("TI", "BTI", "TT")
_UNTITLED = re.compile(r"\[?not available\]?\.?", re.IGNORECASE)
_CITED_DOI = re.compile(r"\bdoi: ?(10\.\d{4,9}/\S+)", re.IGNORECASE)


def _recognise(content: Content) -> bool:
    return _tagged.begins(content, _OPENING)


def _read(content: Content) -> Iterator[Record | Rejected]:
    return map(_record, _entries(content.lines()))


def _entries(lines: Iterable[str]) -> Iterator[Entry]:
    entry, first, apart = Entry(1), "", True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            apart = True
            continue
        if _NUMBER.fullmatch(line):
            first, apart = "", True
            continue
        tag, value = _tagged_line(line)
        if tag and (not entry or _is_new(tag, first, apart, entry)):
            if entry:
                yield entry
            entry, first = Entry(number), tag
        if tag:
            entry.add(tag, value)
        elif not apart or line[0].isspace():
            entry.go_on(line)
        apart = False
    if entry:
        yield entry


def _tagged_line(line: str) -> tuple[str, str]:
    match = _TAG.match(line)
    if match:
        return match[1].rstrip(), match[2] or ""
    match = _ANY_TAG.match(line)
    return (match[1], match[2]) if match and match[1] in _KNOWN else ("", "")


def _is_new(tag: str, first: str, apart: bool, entry: Entry) -> bool:
    """Say whether a tag begins an entry; `first` began the one before, "" where that has ended."""
    if tag == "PMID":
        return apart or tag in entry or any(title in entry for title in _TITLES)
    return apart and first in ("", tag)


def _record(entry: Entry) -> Record:
    titles = [title for tag in _TITLES if (title := entry.text(tag)) and not _UNTITLED.fullmatch(title)]
    full, short = _tagged.names(entry.texts("FAU")), _tagged.names(entry.texts("AU"))
    ids = entry.texts("DO", "LID", "AID")
    pmid = entry.text("PMID")
    # A paper begins with its electronic publication, as in PubMed's XML; its issue may follow a year later.
    source = entry.text("SO")
    date = entry.text("DEP", "DP") or next(filter(None, _groups(_SOURCE_DATE, source)), "")
    year = "" if entry.text("DEP") else entry.text("YR")
    headings = [text.split("/")[0].strip().lstrip("*") for text in entry.texts("MH")]
    return Record(
        f"line {entry.line}",
        title=_unwrapped(titles[0]) if titles else "",
        abstract=" ".join(entry.texts("AB")),
        date=date or ("" if year else entry.text("EDAT", "CRDT")),
        year=year,
        tags=[*_tagged.keywords(entry.texts("OT", "KW")), *headings],
        # A name in one spelling only would be lost with the shorter list.
        authors=[*(full if len(full) >= len(short) else short), *entry.texts("CN")],
        venue=next((name for name in entry.texts("JT", "TA", "JN", "BTI") if titles[:1] != [name]), "")
        or next(_groups(_SOURCE_VENUE, source), ""),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isascii() and pmid.isdigit() else "",
        arxiv_id=_tagged.arxiv_id(ids),
        doi=_doi(ids) or _tagged.doi(_CITED_DOI.findall(source)),
        language=language(entry.text("LA", "LG")),
    )


def _groups(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    match = pattern.search(text[:2000])
    yield from (group or "" for group in match.groups()) if match else ()


def _doi(ids: list[str]) -> str:
    """Return the DOI marked as one or standing alone; a publisher's own number may look like one."""
    marked = [text for text in ids if "[doi]" in text]
    return _tagged.doi(marked) or _tagged.doi(text for text in ids if "[" not in text)


def _unwrapped(title: str) -> str:
    bare = title.removesuffix(".")
    return bare[1:-1] if bare.startswith("[") and bare.endswith("]") else title


FORMAT = Format("MEDLINE", _recognise, _read)
