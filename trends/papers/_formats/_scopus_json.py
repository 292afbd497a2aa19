"""Answers of Elsevier's APIs: searches of Scopus and ScienceDirect, and single abstracts.

An empty search is one entry with an error. Searches of titles of journals answer in the same shape. The date
shown tells how exactly `prism:coverDate` is known, which fills what is unknown with the first day.
"""

import re
from typing import Any

from trends.papers._formats import _json_items
from trends.papers._formats._json_items import Item, at, first, listed, texts
from trends.papers._record import Record, Rejected

_COARSE = re.compile(r"(?:[A-Za-z]+\.?\s+)?\d{4}")


def _ours(item: Item) -> bool:
    return (
        "coredata" in item
        or any(name.startswith(("dc:", "prism:")) for name in item)
        or (isinstance(item.get("error"), str) and "@_fa" in item)
    )


def _record(where: str, item: Item) -> Record | Rejected:
    core = item["coredata"] if isinstance(item.get("coredata"), dict) else item
    if isinstance(core.get("error"), str) and "dc:title" not in core:
        return Rejected(where, f"no paper but the answer {core['error'][:80]!r}")
    if "coverageStartYear" in core or "SNIPList" in core or "citeScoreYearInfoList" in core:
        return Rejected(where, "a journal, not a paper")
    shown = core.get("prism:coverDisplayDate")
    coarse = isinstance(shown, str) and _COARSE.fullmatch(shown.strip()) is not None
    return Record(
        where,
        title=core.get("dc:title"),
        abstract=first(core, "dc:description", "prism:teaser") or item.get("description"),
        date=shown if coarse else core.get("prism:coverDate"),
        year=shown,
        tags=_tags(item.get("authkeywords") or core.get("authkeywords")),
        authors=_authors(item, core),
        n_authors=_total(first(core, "author-count")),
        venue=core.get("prism:publicationName"),
        url=next((at(link, "@href") for link in listed(core.get("link")) if _is_page(link)), None),
        doi=core.get("prism:doi"),
        identifier=core.get("dc:identifier"),
        language=_json_items.language(at(item, "language", "@xml:lang") or core.get("dc:language")),
    )


def _tags(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part for part in value.split("|") if part.strip()]
    return texts(at(value, "author-keyword"), "$")


def _authors(item: Item, core: Item) -> list[str]:
    """Return all authors where an answer has them; short answers name only the first."""
    for value in (
        item.get("author"),
        at(item, "authors", "author"),
        at(core, "dc:creator", "author"),
        core.get("dc:creator"),
    ):
        names = [name for author in listed(value) if (name := _author(author))]
        if names:
            return names
    return []


def _author(author: Any) -> str:
    if not isinstance(author, dict):
        return author if isinstance(author, str) else ""
    parts = [first(author, name, f"ce:{name}") for name in ("given-name", "surname")]
    whole = first(author, "authname", "ce:indexed-name", "$")
    if not all(isinstance(part, str) for part in parts) and isinstance(whole, str):
        return whole
    return " ".join(part for part in parts if isinstance(part, str))


def _total(value: Any) -> Any:
    return first(value, "@total", "$") if isinstance(value, dict) else value


def _is_page(link: Any) -> bool:
    return at(link, "@ref") in ("scopus", "scidir") or at(link, "@rel") in ("scopus", "scidir")


FORMAT = _json_items.build(
    "Scopus JSON",
    _ours,
    _record,
    ("search-results", "entry"),
    ("serial-metadata-response", "entry"),
    ("abstracts-retrieval-response",),
)
