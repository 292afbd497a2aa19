"""From raw records to one row per paper; equal for equal records in whatever order they come."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from trends.core.hashing import text_hash
from trends.core.tables import PRECISION_TYPE
from trends.papers import _clean, _dates, _identity
from trends.papers._record import Record, Rejected
from trends.papers._synonyms import Synonyms
from trends.papers._tags import Vocabulary

_LONGEST_TITLE = 5000
"""Characters; of 101,783 titles of two corpora the longest has 217."""


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
    language: str
    date_note: str
    sources: tuple[str, ...]
    found_at: tuple[str, ...]
    completed: tuple[str, ...]


def entry(record: Record, file: str) -> Entry | Rejected:
    """Clean a raw record of a file, or say why it cannot be a paper."""
    if isinstance(record.title, str) and len(record.title) > _LONGEST_TITLE:
        return Rejected(record.where, f"a title of {len(record.title):,} characters is no title")
    title = _clean.text(record.title)
    if not _clean.has_words(title):
        return Rejected(record.where, f"the title {title[:40]!r} has no letters" if title else "no title")
    key = _identity.normalised(title)
    if not key:
        return Rejected(record.where, f"the title {title[:40]!r} has no letters")
    source = _clean.text(record.date_source) or "file"
    found = _dates.joined(record.date, record.year, source)
    date = found if isinstance(found, _dates.Known) else None
    date_note = found.note if isinstance(found, _dates.Known) else found.reason if found else ""
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
        abstract="" if _clean.is_no_abstract(record.abstract) else _clean.text(record.abstract),
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
        language=_language(record.language),
        date_note=_clean.text(record.date_note) or date_note,
        sources=tuple(_clean.texts(record.sources)) or _alone(file),
        found_at=tuple(_clean.texts(record.found_at)) or (f"{file}, {record.where}",),
        completed=tuple(_clean.texts(record.completed)),
    )


def table(entries: list[Entry], vocabulary: Vocabulary, names: Synonyms, tag_anew: bool) -> pd.DataFrame:
    """Return one row per paper, sorted by date (undated last), then paper_id; the list of entries is emptied.

    Text tags that a file brings along are kept unless `tag_anew`; papers never looked at are tagged.
    """
    made = merged(entries, vocabulary, tag_anew)
    return spelled(made, names.names(tag_counts(made), vocabulary.names))


def merged(entries: list[Entry], vocabulary: Vocabulary, tag_anew: bool) -> pd.DataFrame:
    """Return the table with tags as the sources spell them; see `table`."""
    parts = parts_of(entries)
    columns: dict[str, list[Any]] = {name: [] for name in ("paper_id", *_TYPES)}
    for paper_id in sorted(parts):
        same = [entries[position] for position in parts[paper_id]]
        for name, value in _paper(paper_id, same, vocabulary, tag_anew).items():
            columns[name].append(value)
    entries.clear()
    index = pd.Index(columns.pop("paper_id"), name="paper_id", dtype="str")
    made = pd.DataFrame({name: _TYPES[name](columns.pop(name)) for name in _TYPES})
    return made.set_axis(index).sort_values("date", kind="stable", na_position="last")


def tag_counts(papers: pd.DataFrame) -> Counter[str]:
    """Return how many papers have each tag."""
    return Counter(tag for own in papers["tags"] for tag in own)


def spelled(papers: pd.DataFrame, shown: Mapping[str, str]) -> pd.DataFrame:
    """Return the papers with their tags under the names they are shown by, each once and sorted."""
    tags = [tuple(sorted({shown[tag] for tag in own})) for own in papers["tags"]]
    origins = [origin[:1] * len(own) for own, origin in zip(tags, papers["tag_sources"], strict=True)]
    return papers.assign(
        tags=pd.Series(tags, index=papers.index, dtype="object"),
        tag_sources=pd.Series(origins, index=papers.index, dtype="object"),
    )


def _text(values: list[Any]) -> pd.Series:
    return pd.Series(values, dtype="str")


def _tuples(values: list[Any]) -> pd.Series:
    return pd.Series(values, dtype="object")


def _numbers(values: list[Any]) -> pd.Series:
    return pd.Series(values, dtype="float64")


def _days(values: list[Any]) -> pd.Series:
    return pd.to_datetime(pd.Series(values, dtype="object"), format="%Y-%m-%d").astype("datetime64[us]")


def _precisions(values: list[Any]) -> pd.Series:
    return pd.Series(pd.Categorical(values, dtype=PRECISION_TYPE))


_TYPES: dict[str, Callable[[list[Any]], pd.Series]] = {
    "title": _text,
    "abstract": _text,
    "date": _days,
    "date_precision": _precisions,
    "tags": _tuples,
    "authors": _tuples,
    "n_authors": _numbers,
    "venue": _text,
    "upvotes": _numbers,
    "url": _text,
    "date_source": _text,
    "date_note": _text,
    "arxiv_id": _text,
    "doi": _text,
    "language": _text,
    "sources": _tuples,
    "found_at": _tuples,
    "tag_sources": _tuples,
    "completed": _tuples,
}


def _paper(paper_id: str, same: list[Entry], vocabulary: Vocabulary, tag_anew: bool) -> dict[str, Any]:
    """Merge the entries of one paper: longest abstract, earliest date, union of tags and sources."""
    arxiv_ids = {e.arxiv_id for e in same if e.arxiv_id}
    dois = {e.doi for e in same if e.doi}
    title = _most(e.title for e in same)
    abstract = max((e.abstract for e in same), key=lambda text: (len(text), text))
    date = _date(same)
    tags = sorted({tag for e in same for tag in e.tags})
    origin = "source"
    if not tags:
        origin = "text"
        if tag_anew or not any(e.tags_sought for e in same):
            tags = vocabulary.tags(f"{title} . {abstract}")
        else:
            tags = sorted({tag for e in same for tag in e.text_tags})
    authors = _authors(same)
    return {
        "paper_id": paper_id,
        "title": title,
        "abstract": abstract,
        "date": date.date.isoformat() if date else None,
        "date_precision": date.precision if date else "unknown",
        "tags": tuple(tags),
        "authors": authors,
        "n_authors": _largest([*(e.n_authors for e in same), float(len(authors)) or math.nan]),
        "venue": _venue(same),
        "upvotes": _largest(e.upvotes for e in same),
        "url": _most(e.url for e in same if e.url) or _address(arxiv_ids, dois),
        "date_source": date.source if date else "",
        "date_note": _note(date, same),
        "arxiv_id": min(arxiv_ids, default=""),
        "doi": min(dois, key=lambda doi: (_identity.is_preprint(doi), doi), default=""),
        "language": _most(e.language for e in same if e.language),
        "sources": tuple(sorted({name for e in same for name in e.sources})),
        "found_at": tuple(sorted({place for e in same for place in e.found_at})),
        "tag_sources": (origin,) * len(tags),
        "completed": tuple(sorted({origin for e in same for origin in e.completed})),
    }


def _note(date: _dates.Known | None, same: list[Entry]) -> str:
    """Return what was decided about the date that is kept, or why there is none."""
    notes = {e.date_note for e in same if e.date_note and (e.date is None) == (date is None)}
    if date is not None:
        notes = {e.date_note for e in same if e.date_note and e.date is not None and e.date.date == date.date}
    return min(notes, default="")


def parts_of(entries: list[Entry]) -> dict[str, list[int]]:
    """Return the positions of the entries of each paper by its id.

    Papers of one title and without ids of their own are told apart by authors, date and venue; entries that
    agree in all of these are one paper after all.
    """
    keys = [_identity.Key(e.arxiv_id, e.doi, e.key, e.authors, e.abstract) for e in entries]
    named: dict[str, list[list[int]]] = {}
    for positions in _identity.groups(keys):
        same = [keys[position] for position in positions]
        name = _identity.paper_id(
            {k.arxiv_id for k in same if k.arxiv_id}, {k.doi for k in same if k.doi}, {k.title for k in same}
        )
        named.setdefault(name, []).append(positions)
    found: dict[str, list[int]] = {}
    for name, papers in named.items():
        if len(papers) == 1:
            found[name] = papers[0]
            continue
        # An id that several claim stays with the one that sorts first.
        by_details = sorted((_details([entries[position] for position in part]), part) for part in papers)
        for rank, (details, positions) in enumerate(by_details):
            own = name if rank == 0 else f"title:{text_hash(details)[:16]}"
            found.setdefault(own, []).extend(positions)
    return found


def _details(same: list[Entry]) -> str:
    """Return what tells papers of one title apart, as one text."""
    # Of the merged values, so that a table that is read again gets the same ids.
    date = _date(same)
    names = sorted(_identity.name_words(_authors(same)))
    return "|".join([min(e.key for e in same), *names, date.date.isoformat() if date else "", _venue(same)])


def _date(same: list[Entry]) -> _dates.Known | None:
    dates = {e.date for e in same if e.date is not None}
    if all(known.precision == "year" for known in dates):
        dates.update(known for e in same if e.arxiv_id and (known := _dates.of_arxiv(e.arxiv_id)))
    return _dates.earliest(dates)


def _authors(same: list[Entry]) -> tuple[str, ...]:
    return max((e.authors for e in same), key=lambda names: (len(names), names))


def _venue(same: list[Entry]) -> str:
    return _most(e.venue for e in same if e.venue)


@lru_cache(maxsize=64)
def _alone(file: str) -> tuple[str, ...]:
    """Return one tuple for all entries of a file, which may have millions."""
    return (file,)


def _own_ids(identifier: Any) -> tuple[Any, ...]:
    """Return an id of unknown kind and what follows the kind in one of our own ids ("arxiv:2411.02124")."""
    if not isinstance(identifier, str):
        return ()
    return (identifier, identifier.partition(":")[2])


def _address(arxiv_ids: set[str], dois: set[str]) -> str:
    if arxiv_ids:
        return f"https://arxiv.org/abs/{min(arxiv_ids)}"
    return f"https://doi.org/{min(dois)}" if dois else ""


def _language(value: Any) -> str:
    """Return a language as two letters, or "" where it is not given so."""
    found = _clean.text(value).lower().replace("_", "-").partition("-")[0]
    return found if len(found) == 2 and found.isalpha() else ""


def _folded(tags: list[str]) -> list[str]:
    """Return tags in lower case, each once: spellings differ from source to source and from day to day."""
    return list(dict.fromkeys(tag.lower() for tag in tags))


def _most(values: Iterable[str]) -> str:
    """Return the most frequent text, of several the one not in capitals that sorts first; "" of none."""
    found = list(values)
    if len(found) < 2:
        return found[0] if found else ""
    counts = Counter(found)
    return min(counts, key=lambda text: (-counts[text], text.isupper(), text), default="")


def _largest(values: Iterable[float]) -> float:
    return max((value for value in values if value == value), default=math.nan)
