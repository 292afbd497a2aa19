"""arXiv's search: Atom feeds, pages by offset, three seconds between requests as its terms ask.

Papers come in the order of submission, oldest first, so that new ones do not shift the pages of a search that
was interrupted. A page's offset is the number of entries received, for pages are at times shorter than asked;
a page that is empty although there are more is the service's known fault, and asked for again.
"""

from collections.abc import Mapping
from typing import Any

from trends.papers._clean import clean
from trends.papers._services._service import Again, Ask, Page, Service, ServiceError

_ATOM = "{http://www.w3.org/2005/Atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_PAGE = 500


def _parameters(ask: Ask, cursor: str, wanted: int) -> Mapping[str, str]:
    parts = [ask.query] if ask.query else []
    if ask.since or ask.until:
        first = f"{ask.since:%Y%m%d}0000" if ask.since else "190001010000"
        last = f"{ask.until:%Y%m%d}2359" if ask.until else "299912312359"
        parts = [f"({part})" for part in parts] + [f"submittedDate:[{first} TO {last}]"]
    return {
        "search_query": " AND ".join(parts),
        "start": cursor,
        "max_results": str(min(_PAGE, wanted)),
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
    }


def _read(data: bytes, cursor: str) -> Page:
    root = _feed(data)
    entries = root.findall(f"{_ATOM}entry")
    for entry in entries[:1]:
        if "/api/errors" in (entry.findtext(f"{_ATOM}id") or ""):
            said = clean(entry.findtext(f"{_ATOM}summary") or "")[:200].rstrip(".")
            raise ServiceError(f"arXiv does not accept the query: {said or 'it gives no reason'}.")
    counted = (root.findtext(_TOTAL) or "").strip()
    total = int(counted) if counted.isascii() and counted.isdigit() and len(counted) < 12 else None
    start = int(cursor)
    reached = start + len(entries)
    # Pages after the first are asked for only where there was more: a total of none is the same fault.
    if not entries and (total is None or start < total or (start and not total)):
        raise Again("an empty page where there are more papers")
    return Page(len(entries), str(reached) if total is not None and reached < total else None, total)


def _first(data: bytes, n_entries: int) -> bytes:
    from defusedxml import ElementTree

    root = _feed(data)
    for entry in root.findall(f"{_ATOM}entry")[n_entries:]:
        root.remove(entry)
    return bytes(ElementTree.tostring(root, encoding="utf-8"))


def _feed(data: bytes) -> Any:
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Again("the answer is not whole XML") from error
    if root.tag != f"{_ATOM}feed":
        raise Again("the answer is no Atom feed")
    return root


SERVICE = Service(
    name="arxiv",
    title="arXiv",
    address="https://export.arxiv.org/api/query",
    interval=3.0,
    parameters=_parameters,
    read=_read,
    first=_first,
    start="0",
    most=30_000,
)
