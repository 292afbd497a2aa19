"""Responses of the Hugging Face Daily Papers API as received, with the quirks of their history.

A response is a list of records, or an object around that list. A record is an object, or the text of a Python
dictionary. The paper's own part (`paper`) carries title and date as on arXiv, the outer part the title as
listed and, depending on the year, the moment of listing or the same moment in another time zone. The
inner ones are used: the date is the paper's and not the list's, and of titles the inner one is the plain one
where the outer one has LaTeX. The outer ones stand in where the inner ones are missing.
"""

import ast
import warnings
from collections.abc import Iterator
from typing import Any

from trends.papers._content import Content, parsed_json
from trends.papers._record import Format, Record, Rejected

_LISTS = ("data", "papers", "results", "items", "dailyPapers")
_LONGEST = 2_000_000


def _recognise(content: Content) -> bool:
    return any(_as_object(item) is not None for item in _items(content)[:20])


def _read(content: Content) -> Iterator[Record | Rejected]:
    for number, item in enumerate(_items(content), start=1):
        yield entry(f"record {number}", item)


def entry(where: str, item: Any) -> Record | Rejected:
    """Return the record of one item of a response; the site's pages hold such items too."""
    record = _as_object(item)
    if record is None:
        return Rejected(where, "not a record of the Daily Papers API")
    paper = record["paper"]
    return Record(
        where,
        title=paper.get("title") or record.get("title"),
        abstract=paper.get("summary") or record.get("summary"),
        date=paper.get("publishedAt") or record.get("publishedAt"),
        date_source="arXiv date" if paper.get("publishedAt") else "listing date",
        tags=paper.get("ai_keywords") or (),
        authors=paper.get("authors") or (),
        upvotes=paper.get("upvotes"),
        identifier=paper.get("id"),
        url=_address(paper.get("id")),
    )


def _items(content: Content) -> list[Any]:
    value = content.json
    # The start first: the whole text of a large file of another format is not worth unpacking here.
    if (
        value is None
        and content.start.lstrip()[:10].startswith(("[{'", "[\"{'"))
        and content.text is not None
    ):
        value = _literal(content.text.strip())
    if isinstance(value, dict):
        value = next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None)
    return value if isinstance(value, list) else []


def _as_object(item: Any) -> dict[str, Any] | None:
    if isinstance(item, str) and item.lstrip()[:1] == "{":
        parsed = parsed_json(item)
        item = _literal(item.strip()) if parsed is None else parsed
    if isinstance(item, dict) and isinstance(item.get("paper"), dict):
        return item
    return None


def _literal(text: str) -> Any:
    """Return the value of a Python literal, or None; nothing is ever run."""
    if len(text) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _address(identifier: Any) -> str:
    return f"https://huggingface.co/papers/{identifier}" if isinstance(identifier, str) else ""


FORMAT = Format("Daily Papers API", _recognise, _read)
