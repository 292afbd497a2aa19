"""Works of OpenAlex: answers of its API, and its snapshot with a work per line.

Abstracts come as an index from word to positions. Its keywords are given by a model with a score; the weak
ones say little, and where a work has none, its topics stand in, then the concepts of older answers.
"""

from itertools import islice
from typing import Any

from trends.papers._content import parsed_json
from trends.papers._formats import _json_items
from trends.papers._formats._json_items import Item, at, first, listed, texts
from trends.papers._identity import arxiv_id
from trends.papers._record import Record

_WORK = "https://openalex.org/W"
_WEAKEST = 0.3
# An index can name one long word a million times; no abstract is longer than this.
_LONGEST_WORD, _LONGEST_ABSTRACT = 200, 100_000


def _ours(item: Item) -> bool:
    identifier = item.get("id")
    titled = "title" in item or "display_name" in item
    return titled and (
        (isinstance(identifier, str) and identifier.startswith(_WORK))
        or "abstract_inverted_index" in item
        or isinstance(item.get("authorships"), list)
    )


def _record(where: str, item: Item) -> Record:
    date = item.get("publication_date")
    place = item.get("primary_location")
    return Record(
        where,
        title=first(item, "title", "display_name"),
        abstract=item.get("abstract") or _in_order(item.get("abstract_inverted_index")),
        date=date,
        year=item.get("publication_year"),
        # OpenAlex writes the first of January where it knows only the year.
        date_precision="year" if isinstance(date, str) and date.endswith("-01-01") else None,
        tags=_strong(item.get("keywords"))
        or texts(item.get("topics"), "display_name")
        or _strong(item.get("concepts")),
        authors=[name for authorship in listed(item.get("authorships")) if (name := _author(authorship))],
        venue=at(place, "source", "display_name") or at(item, "host_venue", "display_name"),
        url=at(place, "landing_page_url") or item.get("doi") or item.get("id"),
        arxiv_id=_arxiv_id(item),
        doi=item.get("doi") or at(item, "ids", "doi"),
        language=_json_items.language(item.get("language")),
    )


def _in_order(index: Any) -> str:
    """Return the text of an inverted index, of which positions may be missing, repeated or huge."""
    if isinstance(index, str):
        index = parsed_json(index)
    inner = at(index, "InvertedIndex")
    index = inner if isinstance(inner, dict) else index
    if not isinstance(index, dict):
        return ""
    found = (
        (position, word)
        for word, positions in index.items()
        if len(word) <= _LONGEST_WORD
        for position in listed(positions)
        if isinstance(position, int) and not isinstance(position, bool)
    )
    placed = sorted(islice(found, _LONGEST_ABSTRACT))
    words: list[str] = []
    length, before = 0, None
    for position, word in placed:
        length += len(word) + 1
        if length > _LONGEST_ABSTRACT:
            break
        if position != before:
            words.append(word)
        before = position
    return " ".join(words)


def _strong(value: Any) -> list[str]:
    """Return the names of keywords or concepts whose score is not low."""
    return [
        name
        for part in listed(value)
        if not (isinstance(score := at(part, "score"), int | float) and score < _WEAKEST)
        for name in texts([part], "display_name") or texts([part], "keyword")
    ]


def _author(authorship: Any) -> str:
    name = at(authorship, "author", "display_name") or at(authorship, "raw_author_name")
    return name if isinstance(name, str) else ""


def _arxiv_id(item: Item) -> str:
    places = [item.get("primary_location"), *listed(item.get("locations"))]
    addresses = (at(place, key) for place in places for key in ("landing_page_url", "pdf_url"))
    return next((found for address in addresses if (found := arxiv_id(address))), "")


FORMAT = _json_items.build("OpenAlex", _ours, _record, ("results",))
