"""EndNote's XML, which Zotero, Mendeley and others write too.

EndNote wraps every text in `style` elements, often several within a title; they go. What it calls an
electronic resource number is the DOI or, for preprints, the arXiv id.
"""

import re
from collections.abc import Iterator

from trends.papers._content import Content
from trends.papers._formats import _xml
from trends.papers._formats._json_items import language
from trends.papers._record import Format, Record, Rejected

_MARKS = re.compile(r"<(?:ref-type|contributors|titles|source-app|database)[\s>/]")
_SKIPPED = ("research-notes", "notes", "auth-address", "remote-database-provider", "pdf-urls")
_URLS = ("related-urls", "text-urls", "web-urls")


def _recognise(content: Content) -> bool:
    start = _xml.head(content)
    return _xml.root(start) in ("xml", "records") and "<record" in start and _MARKS.search(start) is not None


def _read(content: Content) -> Iterator[Record | Rejected]:
    n_read = 0
    for element in _xml.elements(content, ("record",), skip=_SKIPPED):
        if isinstance(element, Rejected):
            yield element
            continue
        n_read += 1
        yield _record(f"record {n_read} (line {element.line})", element)


def _record(where: str, record: _xml.Element) -> Record:
    number = record.text("electronic-resource-num")
    found = [url for kind in _URLS for url in record.texts("urls", kind, "url")]
    titles = ("secondary-title", "tertiary-title", "alt-title")
    year = record.text("dates", "year")
    return Record(
        where,
        title=record.text("titles", "title") or record.text("titles", "short-title"),
        abstract=record.text("abstract"),
        date=_date(record.text("dates", "pub-dates", "date"), year),
        year=year,
        tags=[tag for text in record.texts("keywords", "keyword") for tag in re.split(r"[;\r\n]+", text)],
        authors=record.texts("contributors", "authors", "author"),
        venue=next((name for key in titles if (name := record.text("titles", key))), "")
        or record.text("periodical", "full-title")
        or record.text("periodical", "abbr-1"),
        url=[part for url in found for part in url.split()],
        arxiv_id=number,
        doi=number,
        identifier=next((url for url in found if "arxiv.org/" in url.lower()), ""),
        language=language(record.text("language")),
    )


def _date(text: str, year: str) -> str:
    """Return a date with its year, which EndNote writes elsewhere ("Mar 15")."""
    return text if not text or not year or year in text else f"{text} {year}"


FORMAT = Format("EndNote XML", _recognise, _read)
