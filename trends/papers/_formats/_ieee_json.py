"""Answers of the IEEE Xplore API, which dates a conference by its days ("31 Jan.-2 Feb. 2018")."""

from typing import Any

from trends.papers._formats import _json_items
from trends.papers._formats._json_items import Item, at, first, listed, texts
from trends.papers._record import Record


def _ours(item: Item) -> bool:
    return "article_number" in item and any(
        name in item for name in ("publication_title", "publication_number", "content_type", "index_terms")
    )


def _record(where: str, item: Item) -> Record:
    return Record(
        where,
        title=item.get("title"),
        abstract=item.get("abstract"),
        date=first(item, "publication_date", "conference_dates"),
        year=item.get("publication_year"),
        tags=_tags(item.get("index_terms")),
        authors=_authors(item.get("authors")),
        venue=item.get("publication_title"),
        url=first(item, "html_url", "abstract_url"),
        doi=item.get("doi"),
    )


def _tags(terms: Any) -> list[str]:
    """Return what authors and the IEEE gave; authors' lists come with their dashes ("-Deep Learning")."""
    kinds = ("author_terms", "ieee_terms", "mesh_terms")
    return [term.strip(" -\u2013;,") for kind in kinds for term in texts(at(terms, kind, "terms"))]


def _authors(value: Any) -> list[str]:
    authors = listed(at(value, "authors") if isinstance(value, dict) else value)
    places = [at(author, "author_order") for author in authors]
    if all(isinstance(place, int) for place in places):
        authors = sorted(authors, key=lambda author: author["author_order"])
    return texts(authors, "full_name")


FORMAT = _json_items.build("IEEE Xplore JSON", _ours, _record, ("articles",))
