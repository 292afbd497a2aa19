"""Zotero's RDF, which it exports by default.

Items, attachments, notes and journals stand side by side below the root and refer to each other by address.
What an item is part of stands in it or, where several share it, by itself; older versions write a DOI there.
"""

from collections.abc import Iterator

from trends.papers._content import Content
from trends.papers._formats import _xml
from trends.papers._formats._json_items import language
from trends.papers._formats._zotero import ids_of_extra
from trends.papers._record import Format, Record, Rejected

_NAMESPACES = ("zotero.org/namespaces", "purl.org/net/biblio")
_ITEMS = frozenset(
    "Description Article Book BookSection Document Thesis Report Manuscript Patent Recording MotionPicture "
    "Image Illustration Letter Interview Legislation Hearing Data UserItem".split()
)
_CONTAINERS = frozenset("Journal Periodical Series CourtReporter Newspaper Magazine".split())
_NO_PAPERS = {"Attachment": "an attachment", "Memo": "a note"}


def _recognise(content: Content) -> bool:
    start = _xml.head(content)
    return _xml.root(start) == "RDF" and any(name in start for name in _NAMESPACES)


def _read(content: Content) -> Iterator[Record | Rejected]:
    # What items are part of may come after them.
    found = list(_xml.elements(content, (*_ITEMS, *_CONTAINERS, *_NO_PAPERS)))
    parts = {
        element.attributes["about"]: element
        for element in found
        if isinstance(element, _xml.Element) and "about" in element.attributes
    }
    for element in found:
        if isinstance(element, Rejected):
            yield element
        elif element.name in _NO_PAPERS or element.text("itemType") in ("attachment", "note"):
            yield Rejected(f"line {element.line}", f"{_NO_PAPERS.get(element.name, 'a note')}, not a paper")
        elif element.name in _ITEMS:
            yield _record(element, parts)


def _record(item: _xml.Element, parts: dict[str, _xml.Element]) -> Record:
    whole = _whole(item, parts)
    identifiers = [*item.texts("identifier"), *(whole.texts("identifier") if whole else ())]
    arxiv_id, doi = ids_of_extra(item.text("description"))
    return Record(
        f"line {item.line}",
        title=item.text("title"),
        abstract=item.text("abstract"),
        date=item.text("date"),
        tags=[tag for one in item.all("subject") if not one.all("LCC") for tag in one.texts()],
        authors=[name for person in item.all("authors", "Seq", "li", "Person") if (name := _name(person))],
        venue=(whole.text("title") if whole else "")
        or item.text("presentedAt", "Conference", "title")
        or item.text("repository"),
        url=item.text("identifier", "URI", "value"),
        arxiv_id=arxiv_id or item.text("archiveID"),
        doi=next((text[3:].strip() for text in identifiers if text.upper().startswith("DOI")), doi),
        language=language(item.text("language")),
    )


def _whole(item: _xml.Element, parts: dict[str, _xml.Element]) -> _xml.Element | None:
    """Return what an item is part of, if that has a title."""
    for link in item.all("isPartOf"):
        inside = next((part for part in link.content if isinstance(part, _xml.Element)), None)
        part = inside or parts.get(link.attributes.get("resource", ""))
        if part is not None and part.text("title"):
            return part
    return None


def _name(person: _xml.Element) -> str:
    given = person.text("givenName") or person.text("givenname")
    return f"{given} {person.text('surname') or person.text('name')}".strip()


FORMAT = Format("Zotero RDF", _recognise, _read)
