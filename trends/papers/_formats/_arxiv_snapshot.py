"""The snapshot of arXiv's metadata that Cornell keeps at Kaggle: a paper per line, gigabytes of them.

The date is that of the first version. `update_date` is when the record last changed and no date of the paper:
without versions the arXiv id tells the month.
"""

from typing import Any

from trends.papers._formats import _json_items
from trends.papers._formats._json_items import Item, at, listed, texts
from trends.papers._record import Record


def _ours(item: Item) -> bool:
    return (
        "id" in item
        and "title" in item
        and "categories" in item
        and (
            "authors_parsed" in item
            or "update_date" in item
            or at(item, "versions", 0, "created") is not None
        )
    )


def _record(where: str, item: Item) -> Record:
    identifier = item.get("id")
    return Record(
        where,
        title=item.get("title"),
        abstract=item.get("abstract"),
        date=_first_version(item.get("versions")),
        date_source="arXiv date",
        tags=[code for codes in texts(item.get("categories")) for code in codes.split()],
        authors=[name for parts in listed(item.get("authors_parsed")) if (name := _author(parts))]
        or item.get("authors"),
        venue=item.get("journal-ref"),
        url=f"https://arxiv.org/abs/{identifier}" if isinstance(identifier, str) else "",
        arxiv_id=identifier,
        doi=item.get("doi"),
    )


def _first_version(versions: Any) -> Any:
    found = [version for version in listed(versions) if isinstance(version, dict)]
    found.sort(key=lambda version: version.get("version") != "v1")
    return at(found, 0, "created")


def _author(parts: Any) -> str:
    """Return "Given Family Jr." from ["Family", "Given", "Jr.", affiliations ...]."""
    names = [at(parts, position) for position in (1, 0, 2)]
    return " ".join(name for name in names if isinstance(name, str) and name)


FORMAT = _json_items.build("arXiv snapshot", _ours, _record)
