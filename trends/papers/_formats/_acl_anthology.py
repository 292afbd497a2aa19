"""The ACL Anthology's own XML: a collection's volumes with their papers.

A volume's year, month and name stand in its `meta`, before its papers; the files of before 2019 repeat them
in each paper. An address is made of the paper's id where the file gives the id only.
"""

import re
from collections.abc import Iterator

from trends.papers._content import Content
from trends.papers._formats import _xml
from trends.papers._formats._json_items import language
from trends.papers._record import Format, Record, Rejected

_NO_PAPERS = {"frontmatter": "the front matter of a volume", "backmatter": "the back matter of a volume"}


def _recognise(content: Content) -> bool:
    start = _xml.head(content)
    name = _xml.root(start)
    return (name == "collection" and "<volume" in start) or (
        name == "volume" and re.search(r"<paper\s[^<>]{0,80}id=", start) is not None
    )


def _read(content: Content) -> Iterator[Record | Rejected]:
    meta: _xml.Element | None = None
    for element in _xml.elements(content, ("meta", "frontmatter", "paper")):
        if isinstance(element, Rejected):
            yield element
        elif element.name == "meta":
            meta = element
        elif kind := _NO_PAPERS.get(element.attributes.get("type", element.name)):
            yield Rejected(f"line {element.line}", f"{kind}, not a paper")
        else:
            number = element.attributes.get("id", "?")[:20]
            yield _paper(f"paper {number} (line {element.line})", element, meta)


def _paper(where: str, paper: _xml.Element, meta: _xml.Element | None) -> Record:
    def told(name: str) -> str:
        return paper.text(name) or (meta.text(name) if meta else "")

    _mark_formulas(paper)
    address = paper.text("url")
    if address and "://" not in address:
        address = f"https://aclanthology.org/{address.strip('/')}/"
    month, year = told("month"), told("year")
    return Record(
        where,
        title=paper.text("title"),
        abstract=paper.text("abstract"),
        date=f"{month} {year}".strip() if year else "",
        year=year,
        authors=[name for one in paper.all("author") if (name := _name(one))],
        venue=told("booktitle") or told("journal-title"),
        url=address,
        doi=paper.text("doi"),
        language=language(paper.text("language")),
    )


def _mark_formulas(element: _xml.Element) -> None:
    """Put formulas between dollars, as all other sources write them."""
    for part in element.content:
        if isinstance(part, _xml.Element):
            if part.name == "tex-math":
                part.content = ["$", *part.content, "$"]
            else:
                _mark_formulas(part)


def _name(author: _xml.Element) -> str:
    parts = (author.text("first"), author.text("last"))
    return " ".join(filter(None, parts)) or author.text()


FORMAT = Format("ACL Anthology", _recognise, _read)
