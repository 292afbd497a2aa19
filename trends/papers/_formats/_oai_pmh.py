"""Harvests by OAI-PMH, the protocol of arXiv and of most repositories: arXiv's own records and Dublin Core.

arXiv's `created` and its first version are the day of first submission. Dublin Core repeats its elements
freely: of several dates the earliest is taken, of several descriptions the longest (arXiv adds the authors'
comment), and the identifiers are told apart by their form.
"""

import re
from collections.abc import Iterator

from trends.core.errors import InputError
from trends.papers._content import Content
from trends.papers._formats import _xml
from trends.papers._formats._arxiv_atom import CATEGORY
from trends.papers._formats._json_items import language
from trends.papers._record import Format, Record, Rejected

_AND = re.compile(r",?\s+and\s+|,\s*")
_AFFILIATION = re.compile(r"\([^()]*\)")


def _recognise(content: Content) -> bool:
    return _xml.root(_xml.head(content)) in ("OAI-PMH", "ListRecords")


def _read(content: Content) -> Iterator[Record | Rejected]:
    n_read = 0
    said = ""
    for record in _xml.elements(content, ("record", "error")):
        if isinstance(record, Rejected):
            yield record
        elif record.name == "error":
            said = record.text() or record.attributes.get("code", "")
        else:
            n_read += 1
            yield _record(f"record {n_read} (line {record.line})", record)
    if said and not n_read:
        raise InputError(
            f"{content.name} is an error message of a repository ({said[:200].rstrip('.')}) and holds no "
            "papers; mend the request and save its answer again."
        )


def _record(where: str, record: _xml.Element) -> Record | Rejected:
    header = record.first("header")
    if header is not None and header.attributes.get("status") == "deleted":
        return Rejected(where, "a deleted record, of which only the identifier is left")
    metadata = record.first("metadata")
    known = [part for part in metadata.content if isinstance(part, _xml.Element)] if metadata else []
    if not known:
        return Rejected(where, "a record without metadata")
    return _dublin_core(where, known[0]) if known[0].name == "dc" else _arxiv(where, known[0])


def _arxiv(where: str, paper: _xml.Element) -> Record:
    versions = [one.text("date") for one in paper.all("version") if one.attributes.get("version") == "v1"]
    named = [
        " ".join(filter(None, (one.text("forenames"), one.text("keyname"), one.text("suffix"))))
        for one in paper.all("authors", "author")
    ]
    plain = _AFFILIATION.sub("", paper.text("authors"))
    return Record(
        where,
        title=paper.text("title"),
        abstract=paper.text("abstract"),
        date=paper.text("created") or next(iter(versions), ""),
        date_source="arXiv date",
        tags=[term for term in paper.text("categories").split() if CATEGORY.fullmatch(term)],
        authors=named or [name for part in _AND.split(plain) if (name := part.strip())],
        venue=paper.text("journal-ref"),
        arxiv_id=paper.text("id"),
        doi=paper.text("doi").partition(" ")[0],
    )


def _dublin_core(where: str, paper: _xml.Element) -> Record:
    identifiers = paper.texts("identifier")
    addresses = [one for one in identifiers if one.startswith(("http://", "https://"))]
    dois = [one for one in identifiers if re.match(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?10\.\d{4}", one)]
    arxiv_ids = [one for one in identifiers if re.search(r"arxiv\.org/abs/|^oai:arXiv\.org:", one)]
    return Record(
        where,
        title=paper.text("title"),
        abstract=max(paper.texts("description"), key=len, default=""),
        date=min(paper.texts("date"), default=""),
        tags=paper.texts("subject"),
        authors=paper.texts("creator"),
        venue=paper.text("source"),
        url=next(iter(addresses), ""),
        arxiv_id=next((one.removeprefix("oai:arXiv.org:") for one in arxiv_ids), ""),
        doi=next(iter(dois), ""),
        language=language(paper.text("language")),
    )


FORMAT = Format("OAI-PMH", _recognise, _read)
