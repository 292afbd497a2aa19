"""arXiv's feeds: the Atom answers of its search, and the RSS and Atom of its daily announcements.

Of an Atom entry the date is `published`, the day of the first version. Of categories only arXiv's own are
taken, the primary one first; codes of the ACM and MSC classifications stand among them and say little as
tags. An announcement has its own day only, not that of the paper.
"""

import re
from collections.abc import Iterator

from trends.core.errors import InputError
from trends.papers._content import Content
from trends.papers._formats import _xml
from trends.papers._record import Format, Record, Rejected

CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z]{2}|\.[a-z]+(?:-[a-z]+)+)?")
"""A category of arXiv: "cs.LG", "hep-th", "cond-mat.stat-mech"."""

# A feed of something else may well mention arXiv.
_ARXIVS = re.compile(
    r"arxiv\.org/schemas/atom|<(?:\w+:)?id>\s*(?:https?://arxiv\.org/(?:abs|api)/|oai:arXiv)"
    r"|https?://(?:rss\.arxiv\.org|(?:export\.)?arxiv\.org/rss)\b",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"\s*arXiv:(\S{1,40})(?:\s+Announce Type:\s*\S{1,40})?\s*(?:Abstract:)?\s*", re.IGNORECASE
)


def _recognise(content: Content) -> bool:
    start = _xml.head(content)
    return _xml.root(start) in ("feed", "entry", "rss", "RDF") and _ARXIVS.search(start) is not None


def _read(content: Content) -> Iterator[Record | Rejected]:
    n_read = 0
    errors: list[Rejected] = []
    for entry in _xml.elements(content, ("entry", "item")):
        if isinstance(entry, Rejected):
            yield entry
            continue
        n_read += 1
        where = f"entry {n_read} (line {entry.line})"
        if "/api/errors" in entry.text("id"):
            errors.append(Rejected(where, f"an error message of arXiv: {entry.text('summary')[:200]}"))
            continue
        yield _announced(where, entry) if entry.name == "item" else _entry(where, entry)
    if errors and len(errors) == n_read:
        said = errors[0].reason.partition(": ")[2].rstrip(".") or "without a reason"
        raise InputError(
            f"{content.name} is an error message of arXiv ({said}) and holds no papers; mend the "
            "query and save its answer again."
        )
    yield from errors


def _entry(where: str, entry: _xml.Element) -> Record:
    links = {link.attributes.get("rel", ""): link.attributes.get("href", "") for link in entry.all("link")}
    primary = [one.attributes.get("term", "") for one in entry.all("primary_category")]
    terms = [one.attributes.get("term", "") for one in entry.all("category")]
    summary = entry.text("summary")
    announced = _ANNOUNCED.match(summary) if entry.first("announce_type") else None
    return Record(
        where,
        title=entry.text("title"),
        abstract=summary[announced.end() :] if announced else summary,
        date=entry.text("published"),
        date_source="arXiv announcement" if announced else "arXiv date",
        tags=_categories(primary + terms),
        authors=entry.texts("author", "name") or _names(entry),
        venue=entry.text("journal_ref"),
        url=links.get("alternate") or entry.text("id"),
        identifier=entry.text("id").removeprefix("oai:arXiv.org:"),
        doi=entry.text("doi"),
    )


def _announced(where: str, item: _xml.Element) -> Record:
    described = item.text("description")
    match = _ANNOUNCED.match(described)
    return Record(
        where,
        # The feeds until 2024 ended titles with "(arXiv:2101.00001v1 [cs.LG])".
        title=re.sub(r"\(arXiv:[^()]{1,80}\)\s*$", "", item.text("title")),
        abstract=described[match.end() :] if match else described,
        date=item.text("pubDate") or item.text("date"),
        date_source="arXiv announcement",
        tags=_categories(item.texts("category")),
        authors=_names(item),
        url=item.text("link"),
        identifier=match[1] if match else "",
        doi=item.text("DOI"),
    )


def _categories(terms: list[str]) -> list[str]:
    return list(dict.fromkeys(term for term in terms if CATEGORY.fullmatch(term)))


def _names(entry: _xml.Element) -> list[str]:
    """Return the names of a list of creators, which older feeds wrote as links."""
    listed = re.sub(r"<[^<>]*>", "", ", ".join(entry.texts("creator")))
    return [name for part in listed.split(",") if (name := part.strip())]


FORMAT = Format("arXiv feed", _recognise, _read)
