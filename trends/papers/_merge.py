"""From raw records to one row per paper; equal for equal records in whatever order they come."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from trends.core.tables import PRECISION_TYPE
from trends.papers import _clean, _dates, _identity
from trends.papers._record import Record, Rejected
from trends.papers._tags import Vocabulary


@dataclass(slots=True)
class Entry:
    """One entry of a file, cleaned."""

    title: str
    key: str
    abstract: str
    date: _dates.Known | None
    tags: tuple[str, ...]
    text_tags: tuple[str, ...]
    tags_sought: bool
    authors: tuple[str, ...]
    n_authors: float
    venue: str
    upvotes: float
    url: str
    arxiv_id: str
    doi: str
    sources: tuple[str, ...]


def entry(record: Record, file: str) -> Entry | Rejected:
    """Clean a raw record of a file, or say why it cannot be a paper."""
    title = _clean.text(record.title)
    if not _clean.has_words(title):
        return Rejected(record.where, f"the title {title[:40]!r} has no letters" if title else "no title")
    key = _identity.normalised(title)
    if not key:
        return Rejected(record.where, f"the title {title[:40]!r} has no letters")
    source = _clean.text(record.date_source) or "file"
    date = _dates.parse(record.date, source) or _dates.parse(record.year, source)
    precision = record.date_precision if isinstance(record.date_precision, str) else None
    tags = _folded(_clean.texts(record.tags))
    marks = None if record.tag_sources is None else _clean.texts(record.tag_sources)
    by_text = {tag for tag, mark in zip(tags, marks or (), strict=False) if mark == "text"}
    names = tuple(_clean.authors(record.authors))
    n_authors = _clean.number(record.n_authors)
    arxiv_id, doi = _identity.ids(record.arxiv_id, record.doi, *_own_ids(record.identifier), record.url)
    return Entry(
        title=title,
        key=key,
        abstract=_clean.text(record.abstract),
        date=_dates.coarsened(date, precision),
        tags=tuple(tag for tag in tags if tag not in by_text),
        text_tags=tuple(tag for tag in tags if tag in by_text),
        tags_sought=marks is not None,
        authors=names,
        n_authors=n_authors if n_authors > 0 else float(len(names)) or math.nan,
        venue=_clean.text(record.venue),
        upvotes=_clean.number(record.upvotes),
        url=_clean.address(record.url),
        arxiv_id=arxiv_id,
        doi=doi,
        sources=tuple(_clean.texts(record.sources)) or (file,),
    )


def table(entries: list[Entry], vocabulary: Vocabulary, tag_anew: bool) -> pd.DataFrame:
    """Return one row per paper, sorted by date (undated last), then paper_id.

    Text tags that a file brings along are kept unless `tag_anew`; papers never looked at are tagged.
    """
    parts = _identity.groups([(e.arxiv_id, e.doi, e.key) for e in entries])
    rows = [_paper([entries[position] for position in part], vocabulary, tag_anew) for part in parts]
    rows.sort(key=lambda row: (row["date"] is None, row["date"] or "", row["paper_id"]))
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    index = pd.Index(columns.pop("paper_id"), name="paper_id", dtype="str")
    made = pd.DataFrame(
        {
            "title": pd.Series(columns["title"], dtype="str"),
            "abstract": pd.Series(columns["abstract"], dtype="str"),
            "date": pd.to_datetime(pd.Series(columns["date"], dtype="object"), format="%Y-%m-%d").astype(
                "datetime64[us]"
            ),
            "date_precision": pd.Categorical(columns["date_precision"], dtype=PRECISION_TYPE),
            "tags": pd.Series(columns["tags"], dtype="object"),
            "authors": pd.Series(columns["authors"], dtype="object"),
            "n_authors": pd.Series(columns["n_authors"], dtype="float64"),
            "venue": pd.Series(columns["venue"], dtype="str"),
            "upvotes": pd.Series(columns["upvotes"], dtype="float64"),
            "url": pd.Series(columns["url"], dtype="str"),
            "date_source": pd.Series(columns["date_source"], dtype="str"),
            "sources": pd.Series(columns["sources"], dtype="object"),
            "tag_sources": pd.Series(columns["tag_sources"], dtype="object"),
        }
    )
    return made.set_axis(index)


def _paper(same: list[Entry], vocabulary: Vocabulary, tag_anew: bool) -> dict[str, Any]:
    """Merge the entries of one paper: longest abstract, earliest date, union of tags and sources."""
    arxiv_ids = {e.arxiv_id for e in same if e.arxiv_id}
    dois = {e.doi for e in same if e.doi}
    title = _most(e.title for e in same)
    abstract = max((e.abstract for e in same), key=lambda text: (len(text), text))
    dates = {e.date for e in same if e.date is not None}
    if arxiv_ids and all(known.precision == "year" for known in dates):
        dates.update(known for arxiv_id in arxiv_ids if (known := _dates.of_arxiv(arxiv_id)))
    date = _dates.earliest(dates)
    tags = sorted({tag for e in same for tag in e.tags})
    origin = "source"
    if not tags:
        origin = "text"
        if tag_anew or not any(e.tags_sought for e in same):
            tags = vocabulary.tags(f"{title} . {abstract}")
        else:
            tags = sorted({tag for e in same for tag in e.text_tags})
    authors = max((e.authors for e in same), key=lambda names: (len(names), names))
    return {
        "paper_id": _identity.paper_id(arxiv_ids, dois, {e.key for e in same}),
        "title": title,
        "abstract": abstract,
        "date": date.date.isoformat() if date else None,
        "date_precision": date.precision if date else "unknown",
        "tags": tuple(tags),
        "authors": authors,
        "n_authors": _largest([*(e.n_authors for e in same), float(len(authors)) or math.nan]),
        "venue": _most(e.venue for e in same if e.venue),
        "upvotes": _largest(e.upvotes for e in same),
        "url": _most(e.url for e in same if e.url) or _address(arxiv_ids, dois),
        "date_source": date.source if date else "",
        "sources": tuple(sorted({name for e in same for name in e.sources})),
        "tag_sources": (origin,) * len(tags),
    }


def _own_ids(identifier: Any) -> tuple[Any, ...]:
    """Return an id of unknown kind and what follows the kind in one of our own ids ("arxiv:2411.02124")."""
    if not isinstance(identifier, str):
        return ()
    return (identifier, identifier.partition(":")[2])


def _address(arxiv_ids: set[str], dois: set[str]) -> str:
    if arxiv_ids:
        return f"https://arxiv.org/abs/{min(arxiv_ids)}"
    return f"https://doi.org/{min(dois)}" if dois else ""


def _folded(tags: list[str]) -> list[str]:
    """Return tags in lower case, each once: spellings differ from source to source and from day to day."""
    return list(dict.fromkeys(tag.lower() for tag in tags))


def _most(values: Iterable[str]) -> str:
    """Return the most frequent text, of several the one not in capitals that sorts first; "" of none."""
    counts = Counter(values)
    return min(counts, key=lambda text: (-counts[text], text.isupper(), text), default="")


def _largest(values: Iterable[float]) -> float:
    return max((value for value in values if value == value), default=math.nan)
