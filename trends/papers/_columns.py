"""Which column of an ordinary table means what; common to CSV, JSON, Parquet and tables in memory."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from trends.papers._record import Record

_NAMES = {
    "title": "title document_title item_title article_title paper_title ti",
    "abstract": "abstract summary abstract_note ab",
    "date": "date published published_at publication_date published_date pub_date "
    "submitted submitted_date cover_date",
    "year": "year publication_year published_year pub_year py",
    "date_precision": "date_precision",
    "date_source": "date_source",
    "tags": "tags keywords author_keywords ai_keywords index_keywords tag keyword",
    "tag_sources": "tag_sources",
    "authors": "authors author author_names author_full_names first_authors",
    "n_authors": "n_authors",
    "venue": "venue journal conference source_title publication_title booktitle journal_title",
    "upvotes": "upvotes",
    "url": "url link urls",
    "arxiv_id": "arxiv_id arxiv",
    "doi": "doi item_doi",
    "identifier": "paper_id id",
    "sources": "sources",
}
_FIELDS = {
    name.replace("_", ""): (field, rank)
    for field, names in _NAMES.items()
    for rank, name in enumerate(names.split())
}
_PLAIN = re.compile(r"[^a-z0-9]+")


def fields(columns: Iterable[Any]) -> dict[str, list[Any]]:
    """Return for each field of a record the columns that can fill it, best first."""
    found: dict[str, list[tuple[int, int, Any]]] = {}
    for position, column in enumerate(columns):
        known = _FIELDS.get(_PLAIN.sub("", str(column).lower())) if isinstance(column, str) else None
        if known:
            found.setdefault(known[0], []).append((known[1], position, column))
    return {
        field: [column for _, _, column in sorted(ranked, key=lambda r: r[:2])]
        for field, ranked in found.items()
    }


def record(where: str, row: Mapping[Any, Any], known: Mapping[str, list[Any]]) -> Record:
    """Return a row's record, taking for each field the first of its columns that is not empty."""
    values: dict[str, Any] = {}
    for field, columns in known.items():
        for column in columns:
            value = row.get(column)
            if value is not None and value != "" and value == value:
                values[field] = value
                break
    if "tag_sources" in known:
        # The column says that tags were looked for, even where none was found.
        values.setdefault("tag_sources", ())
    return Record(where, **values)
