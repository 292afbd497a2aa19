"""Web of Science's plain text ("FN ...", "PT J", "ER"), and what else Clarivate and ISI wrote in its manner.

An entry runs from its type (PT) to its end (ER) or, where that is missing, to the next type. A tag is two
letters and a space, which text may begin with too; so other tags than those of the Core Collection count
only where lines that go on are seen to be indented. In lists of authors such a line is a name of its own.
Full names (AF) go before initials (AU), and the date of the issue (PD, with PY) before early access (EA).
"""

import re
from collections.abc import Iterable, Iterator

from trends.papers._content import Content
from trends.papers._formats import _tagged
from trends.papers._formats._json_items import language
from trends.papers._formats._tagged import Entry
from trends.papers._record import Format, Record, Rejected

_OPENING = re.compile(
    r"^FN (?:Clarivate|Thomson|ISI|Web of Science|HistCite)|^FN .{1,80}\nVR 1\.0|^PT [A-Z] *$", re.MULTILINE
)
_TAG = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|\s*$)")
_KNOWN = frozenset(
    """
    PT AU AF BA BF CA GP BE TI SO SE BS LA DT CT CY CL SP HO DE ID AB C1 C3 RP EM RI OI FU FP FX CR NR
    TC Z9 U1 U2 PU PI PA SN EI BN J9 JI PD PY VL IS SI PN SU MA BP EP AR DI DL D2 EA PG P2 WC WE SC GA
    PM UT OA HC HP DA ER FN VR EF
    """.split()
)
_OUTSIDE = frozenset({"FN", "VR", "EF"})
_NOBODY = frozenset({"[anonymous]", "anonymous", "[no authors listed]"})


def _recognise(content: Content) -> bool:
    return _tagged.begins(content, _OPENING)


def _read(content: Content) -> Iterator[Record | Rejected]:
    return map(_record, _entries(content.lines()))


def _entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Yield what begins with a type, and what has a title where the type is missing."""
    entry, indented = Entry(1), False
    for number, line in enumerate(lines, start=1):
        match = _TAG.match(line)
        indented = indented or line.startswith("   ")
        tag = match[1] if match and (indented or match[1] in _KNOWN) else ""
        if tag in ("PT", "ER", "EF"):
            if "PT" in entry or entry.text("TI"):
                yield entry
            entry = Entry(number)
        if match and tag and tag not in ("ER", *_OUTSIDE):
            if not entry:
                entry.line = number
            entry.add(tag, match[2] or "")
        elif not tag:
            entry.go_on(line)
    if "PT" in entry or entry.text("TI"):
        yield entry


def _record(entry: Entry) -> Record:
    full, short = _tagged.names(entry.lines("AF", "BF")), _tagged.names(entry.lines("AU", "BA"))
    names = [*(full if len(full) >= len(short) else short), *_tagged.names(entry.lines("CA", "GP"))]
    year = entry.text("PY")
    headings = [text.split("/")[0].lstrip("*") for text in _tagged.keywords(entry.texts("MH"))]
    title = entry.text("TI", "Z1", "CT")
    return Record(
        f"line {entry.line}",
        title=title,
        abstract=" ".join(entry.texts("AB")),
        date=entry.text("PD") or ("" if year else entry.text("EA")),
        year=year,
        tags=[*_tagged.keywords(entry.texts("DE", "ID")), *headings],
        authors=[name for name in names if name.lower() not in _NOBODY],
        venue=next((name for name in entry.texts("SO", "JI", "J9", "CT", "SE") if name != title), ""),
        arxiv_id=_tagged.arxiv_id(entry.texts("AR", "UT", "DI", "DL", "SO")),
        doi=_tagged.doi(entry.texts("DI")) or _tagged.stray_doi(entry.texts("DL"), entry.texts("AR")),
        language=language(entry.text("LA")),
    )


FORMAT = Format("Web of Science", _recognise, _read)
