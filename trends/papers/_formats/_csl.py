"""CSL-JSON, which Zotero, Mendeley, pandoc and doi.org write for citation processors.

All types of items are read; what has no title is refused later. Zotero puts the lines of its field `extra`
into `note`. Dates go on as they are: their shapes (lists, ranges, seasons, raw text) are understood there.
"""

from typing import Any

from trends.papers._formats import _json_items
from trends.papers._formats._json_items import Item, at, first, listed
from trends.papers._formats._zotero import ids_of_extra
from trends.papers._record import Record

_TYPES = frozenset(
    "article article-journal article-magazine article-newspaper bill book broadcast chapter classic "
    "collection dataset document entry entry-dictionary entry-encyclopedia event figure graphic hearing "
    "interview legal_case legislation manuscript map motion_picture musical_score pamphlet paper-conference "
    "patent performance periodical personal_communication post post-weblog regulation report review "
    "review-book software song speech standard thesis treaty video webpage".split()
)
# Names that only CSL gives to fields.
_ONLY_CSL = frozenset(
    "container-title container-title-short citation-key citation-label collection-title publisher-place "
    "event-place event-title title-short original-date original-title number-of-pages".split()
)
# Names of fields that CSL does not have: an object with one of them is a row of somebody's table.
_NOT_CSL = frozenset("authors date year keywords tags summary venue journal".split())


def person(author: Any) -> str:
    """Return the name of an author of CSL as it is read."""
    if not isinstance(author, dict):
        return author if isinstance(author, str) else ""
    whole = first(author, "literal", "name")
    if isinstance(whole, str):
        return whole
    parts = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    return " ".join(part for name in parts if isinstance(part := author.get(name), str) and part)


def people(value: Any) -> list[str]:
    """Return the names of a list of authors."""
    return [name for author in listed(value) if (name := person(author))]


def _ours(item: Item) -> bool:
    if "itemType" in item or not ("title" in item or "type" in item):
        return False
    if isinstance(item.get("issued"), dict) or not _ONLY_CSL.isdisjoint(item):
        return True
    names, kind = listed(item.get("author")), item.get("type")
    parted = any(isinstance(name, dict) and ("family" in name or "literal" in name) for name in names)
    typed = isinstance(kind, str) and kind in _TYPES and "id" in item
    return (parted or typed) and _NOT_CSL.isdisjoint(item)


def _record(where: str, item: Item) -> Record:
    issued = first(item, "issued", "available-date", "submitted", "event-date")
    arxiv_id, doi = ids_of_extra(item.get("note"))
    number = item.get("number")
    if isinstance(number, str) and number.lower().startswith("arxiv:"):
        arxiv_id = arxiv_id or number
    return Record(
        where,
        title=item.get("title"),
        abstract=item.get("abstract"),
        # pandoc writes a list of dates.
        date=issued[0] if isinstance(at(issued, 0), dict) else issued,
        tags=first(item, "keyword", "keywords", "categories", "subject", "tags"),
        authors=people(item.get("author")),
        venue=first(item, "container-title", "event-title", "event", "collection-title"),
        url=item.get("URL"),
        arxiv_id=arxiv_id or item.get("arxiv"),
        doi=item.get("DOI") or doi,
        identifier=item.get("id"),
        language=_json_items.language(item.get("language")),
    )


FORMAT = _json_items.build("CSL-JSON", _ours, _record, ("items",), ("references",))
