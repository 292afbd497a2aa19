"""Works of Crossref: answers of its API, its public data files, single works; CSL-JSON with more lists."""

from trends.papers._formats import _csl, _json_items
from trends.papers._formats._json_items import Item, at, first, texts
from trends.papers._record import Record, Rejected

_MARKS = frozenset(
    "is-referenced-by-count reference-count references-count indexed deposited content-domain".split()
)
# Dates of the work; `created` and `indexed` are dates of its record.
_DATES = ("issued", "published", "published-print", "published-online", "posted")
_NO_PAPERS = frozenset(
    "journal journal-issue journal-volume proceedings-series book-series book-set report-series component "
    "grant database".split()
)


def _ours(item: Item) -> bool:
    return "DOI" in item and (isinstance(item.get("title"), list) or not _MARKS.isdisjoint(item))


def _record(where: str, item: Item) -> Record | Rejected:
    kind = item.get("type")
    if isinstance(kind, str) and kind in _NO_PAPERS:
        return Rejected(where, f"of Crossref's type {kind}, not a paper")
    return Record(
        where,
        title=item.get("title"),
        abstract=item.get("abstract"),
        # The parts of an unknown date are [null].
        date=next((date for name in _DATES if at(date := item.get(name), "date-parts", 0, 0)), None),
        tags=texts(item.get("subject")),
        authors=_csl.people(item.get("author")),
        venue=first(item, "container-title", "group-title")
        or at(item, "event", "name")
        or texts(item.get("institution"), "name"),
        url=item.get("URL"),
        doi=item.get("DOI"),
        language=_json_items.language(item.get("language")),
    )


FORMAT = _json_items.build("Crossref", _ours, _record, ("message", "items"), ("message",), ("items",))
