"""Papers of Semantic Scholar: answers of its API (search, bulk search, citations) and its datasets by line.

The API writes `paperId`, the datasets the same names in lower case; both are read in lower case. Older
releases of the corpus (`paperAbstract`, `s2Url`) differ in a few names.
"""

import re
from typing import Any

from trends.papers._formats import _json_items
from trends.papers._formats._json_items import Item, at, first, texts
from trends.papers._record import Record

_SHA = re.compile(r"[0-9a-f]{40}")


def _ours(item: Item) -> bool:
    paper = _paper(item)
    paper_id = first(paper, "paperid", "id")
    known = isinstance(paper_id, str) and _SHA.fullmatch(paper_id) is not None
    corpus = isinstance(paper.get("corpusid"), int) or "s2url" in paper or "paperabstract" in paper
    return "title" in paper and (known or corpus)


def _record(where: str, item: Item) -> Record:
    paper = _paper(item)
    ids = _lowered(paper.get("externalids"))
    return Record(
        where,
        title=paper.get("title"),
        abstract=first(paper, "abstract", "paperabstract"),
        date=paper.get("publicationdate"),
        year=paper.get("year"),
        tags=texts(paper.get("fieldsofstudy")) or texts(paper.get("s2fieldsofstudy"), "category"),
        authors=texts(paper.get("authors"), "name"),
        venue=first(paper, "venue", "journalname") or at(paper, "journal", "name"),
        url=first(paper, "url", "s2url"),
        arxiv_id=ids.get("arxiv"),
        doi=first(ids, "doi") or paper.get("doi"),
    )


def _paper(item: Item) -> Item:
    """Return the paper of an item with its names in lower case; citations have it one level down."""
    for inner in ("citingPaper", "citedPaper"):
        if isinstance(item.get(inner), dict):
            return _lowered(item[inner])
    return _lowered(item)


def _lowered(value: Any) -> Item:
    return {name.lower(): part for name, part in value.items()} if isinstance(value, dict) else {}


FORMAT = _json_items.build("Semantic Scholar", _ours, _record, ("data",), ("recommendedPapers",))
