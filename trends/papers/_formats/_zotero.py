"""Zotero's own JSON: answers of its web API, and what its plug-in Better BibTeX exports.

The API puts an item's fields under `data` and a parsed date under `meta`; Better BibTeX writes them flat, in
an object with `items`. Identifiers without a field of their own stand in the lines of `extra`. Attachments,
notes and annotations are items too.
"""

import re
from typing import Any

from trends.papers._formats import _json_items
from trends.papers._formats._json_items import Item, at, first, listed, texts
from trends.papers._record import Record, Rejected

_NO_PAPERS = {"attachment": "an attachment", "note": "a note", "annotation": "an annotation"}
_TITLES = ("title", "caseName", "nameOfAct", "subject")
_VENUES = (
    "publicationTitle", "proceedingsTitle", "conferenceName", "bookTitle", "encyclopediaTitle",
    "dictionaryTitle", "websiteTitle", "blogTitle", "forumTitle", "repository", "university", "institution",
)  # fmt: skip
_EXTRA = re.compile(
    r"^[ \t]*(?:(arxiv(?: ?id)?|_?eprint)|doi)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE
)


def ids_of_extra(extra: Any) -> tuple[str, str]:
    """Return the arXiv id and the DOI that Zotero's field `extra` (CSL: `note`) holds, "" where none."""
    arxiv_id = doi = ""
    for kind, value in _EXTRA.findall("\n".join(texts(extra))):
        if kind:
            arxiv_id = arxiv_id or value
        else:
            doi = doi or value
    return arxiv_id, doi


def _ours(item: Item) -> bool:
    return isinstance(item.get("itemType"), str) or isinstance(at(item, "data", "itemType"), str)


def _record(where: str, item: Item) -> Record | Rejected:
    data = item["data"] if isinstance(item.get("data"), dict) else item
    kind = data.get("itemType")
    if isinstance(kind, str) and kind in _NO_PAPERS:
        return Rejected(where, f"{_NO_PAPERS[kind]}, not a paper")
    arxiv_id, doi = ids_of_extra(data.get("extra"))
    return Record(
        where,
        title=first(data, *_TITLES),
        abstract=data.get("abstractNote"),
        date=at(item, "meta", "parsedDate") or data.get("date"),
        tags=texts(data.get("tags"), "tag"),
        authors=[name for creator in listed(data.get("creators")) if (name := _author(creator))],
        venue=first(data, *_VENUES),
        url=data.get("url"),
        arxiv_id=arxiv_id or data.get("archiveID"),
        doi=data.get("DOI") or doi,
        identifier=data.get("archiveLocation"),
        language=_json_items.language(data.get("language")),
    )


def _author(creator: Any) -> str:
    if not isinstance(creator, dict) or creator.get("creatorType", "author") != "author":
        return ""
    parts = (creator.get(name) for name in ("firstName", "lastName", "name"))
    return " ".join(part for part in parts if isinstance(part, str) and part)


FORMAT = _json_items.build("Zotero JSON", _ours, _record, ("items",))
