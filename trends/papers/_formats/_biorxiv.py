"""Answers of the bioRxiv and medRxiv API: details, published articles, and the COVID-19 collection.

Each version of a preprint is an entry of its own with the same DOI.
"""

from typing import Any

from trends.papers._formats import _json_items
from trends.papers._formats._json_items import Item, first, texts
from trends.papers._record import Record

_SERVERS = ("biorxiv", "medrxiv")


def _ours(item: Item) -> bool:
    server = item.get("server")
    return (
        ("doi" in item and ("jatsxml" in item or (isinstance(server, str) and server.lower() in _SERVERS)))
        or "biorxiv_doi" in item
        or ("rel_doi" in item and "rel_title" in item)
    )


def _record(where: str, item: Item) -> Record:
    doi = first(item, "doi", "biorxiv_doi", "rel_doi")
    return Record(
        where,
        title=first(item, "title", "preprint_title", "rel_title"),
        abstract=first(item, "abstract", "preprint_abstract", "rel_abs"),
        date=first(item, "date", "preprint_date", "rel_date"),
        tags=texts(first(item, "category", "preprint_category")),
        authors=_authors(first(item, "authors", "preprint_authors", "rel_authors")),
        venue=first(item, "server", "preprint_platform", "rel_site"),
        url=item.get("rel_link") or (f"https://doi.org/{doi}" if isinstance(doi, str) else ""),
        doi=doi,
    )


def _authors(value: Any) -> Any:
    """Return names as one text ("Family, G.; Family, G.") or taken from objects."""
    return value if isinstance(value, str) else texts(value, "author_name")


FORMAT = _json_items.build(
    "bioRxiv", _ours, _record, ("collection",), ("raw_response", "collection"), ("rels",)
)
