"""Gaps of papers filled from what a reference knows of the same papers, each value with its origin.

Nothing is overwritten: a value that is there stays, whatever the reference says, and a disagreement is
counted. The one change is a date becoming finer within what was known of it. Which papers are the same is
decided before anything is filled, and so that filling cannot change it: completing twice is completing once.
"""

import copy
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from trends.core.errors import InputError
from trends.core.tables import PAPERS, PRECISION_TYPE, check
from trends.papers import _dates, _identity, _load, _lookup, _merge
from trends.papers._matching import SIMILARITY, Match, Matcher, Papers

_COLUMNS = {
    "date": ("date", "date_precision", "date_source", "date_note"),
    "abstract": ("abstract",),
    "ids": ("arxiv_id", "doi", "url"),
    "venue": ("venue",),
    "authors": ("authors", "n_authors"),
}
"""The columns of each field; the first of them, or for ids the first two, are counted."""

_EMPTY: dict[str, Any] = {"authors": (), "completed": (), "sources": (), "n_authors": math.nan}
_NAMES = {"arxiv_id": "arXiv id", "doi": "DOI"}
_FILLED = {"arXiv id": "by_id", "DOI": "by_id", "title": "by_title", "similar title": "by_similarity"}
_OUR_IDS = ("arxiv:", "doi:", "title:")
_FINENESS = {"day": 0, "month": 1, "year": 2}
_SHOWN_FILES = 5


def complete(
    papers: pd.DataFrame,
    reference: pd.DataFrame | str | Path | Iterable[pd.DataFrame | str | Path],
    *,
    fields: str | Iterable[str] = ("date", "abstract", "ids"),
    similarity: float = SIMILARITY,
) -> pd.DataFrame:
    """Fill missing dates, abstracts and ids of papers from a reference, and say where each comes from.

    A paper is the same where it shares an arXiv id or a DOI with one of the reference, else where the title
    is equal but for case, accents, spaces and punctuation, else where it is at least as similar as
    `similarity` and more speaks for it: abstracts that share half of their words, or, without them, words
    that differ in spelling only; and the same numbers. Two arXiv ids, two DOIs, author lists without a name
    in common, or several papers that fit speak against it. Values that are there stay; a date known by year
    or month becomes finer where the reference's date lies within it. A paper that gains an arXiv id or DOI
    is named by it, so complete before embedding.

    Parameters
    ----------
    papers
        A table as `load` returns it.
    reference
        A table of papers, a path, a pattern, or a list of these, read as `load` does; or the name of a
        service ("arxiv", "openalex", "s2"), which is asked for the papers that lack something, by id, else by
        title. OpenAlex and Semantic Scholar take keys, as for `fetch`.
    fields
        What to fill: "date", "abstract", "ids", "venue", "authors", or several of them.
    similarity
        The least similarity (0.5-1, 1 for equal titles only) of the letters and digits of two titles: one
        less the share to insert or delete. Of 23,517 papers against 91,803 of conferences, 240 have an equal
        title; 10 others are found at 0.85, 7 at 0.9 and 13 at 0.7, all rightly. Of papers that are not in the
        reference fewer than 1 in 1000 is matched at 0.85, to a version or another paper of the same authors.

    Returns
    -------
    pandas.DataFrame
        The same papers with their gaps filled, sorted by date (undated last), then paper_id. `completed`
        (tuple) says what was filled from where, such as "date from daily.jsonl by title, similarity 0.97";
        `date_source` says so too. `attrs["completion"]` lists per completion: reference, fields, similarity,
        n_reference; matched (papers by "arXiv id", "DOI", "title", "similar title"), unmatched (papers that
        something is like, by the reason why it is not taken); filled, per column (date, abstract, arxiv_id,
        doi, venue, authors) n_missing = by_id + by_title + by_similarity + still_missing, refined, conflicts
        (values left as they were); and n_ids_taken (papers whose ids another paper of the table has).

    Raises
    ------
    InputError
        The papers break their contract, the reference cannot be read, the service cannot be reached, or a
        parameter is not as above.

    Examples
    --------
    >>> from trends.papers import load
    >>> papers = load(pd.DataFrame({"title": ["Sparse Attention at Scale"]}))
    >>> known = load(pd.DataFrame({"title": ["Sparse attention, at scale"], "date": ["2024-03-05"]}))
    >>> complete(papers, known)[["date_precision", "completed"]].values.tolist()
    [['day', ('date from DataFrame by title',)]]
    """
    check(papers, PAPERS)
    wanted = _fields(fields)
    if isinstance(similarity, bool) or not isinstance(similarity, int | float) or not 0.5 <= similarity <= 1:
        raise InputError(f"similarity={similarity!r} must be a number from 0.5 to 1.")
    ours = Papers.of(papers)
    filling = _Filling(papers, ours, wanted)
    known, name = _read(reference, papers, ours, filling)
    theirs = Papers.of(known)
    matcher = Matcher(theirs, float(similarity))
    matches, unmatched = matcher.all(ours)
    filling.take_from(known, theirs, name)
    for position, match in sorted(matches.items()):
        if "date" in wanted:
            filling.date(position, match)
        for column in [column for column in ("abstract", "venue", "authors") if column in wanted]:
            filling.value(column, position, match)
    n_taken = filling.ids(matches, matcher) if "ids" in wanted else 0
    completed = filling.table(papers)
    completed.attrs["completion"] = [
        *completed.attrs.get("completion", ()),
        {
            "reference": _named(known, name),
            "fields": list(wanted),
            "similarity": float(similarity),
            "n_reference": len(known),
            "matched": dict(sorted(Counter(match.by for match in matches.values()).items())),
            "unmatched": dict(sorted(unmatched.items())),
            "filled": filling.counts(),
            "n_ids_taken": n_taken,
        },
    ]
    return check(completed, PAPERS)


class _Filling:
    """The columns of a table of papers while they are filled, and those of the reference beside them."""

    def __init__(self, papers: pd.DataFrame, ours: Papers, wanted: tuple[str, ...]) -> None:
        self._ours = ours
        self.wanted = wanted
        self._own = {
            column: _values(papers, column)
            for column in (*(column for field in wanted for column in _COLUMNS[field]), "completed")
        }
        for column in _NAMES:
            if column in self._own:
                own = zip(self._own[column], ours.keys, strict=True)
                self._own[column] = [value or getattr(key, column) for value, key in own]
        self._paper_ids: list[Any] = list(papers.index)
        self._counted = [
            column for field in wanted for column in _COLUMNS[field][: 2 if field == "ids" else 1]
        ]
        self._tally = {column: Counter(n_missing=self._n_missing(column)) for column in self._counted}

    def take_from(self, known: pd.DataFrame, theirs: Papers, name: str) -> None:
        """Set the reference beside the papers; `name` is its name where its papers do not say theirs."""
        self._theirs = theirs
        self._known = {column: _values(known, column) for column in (*self._own, "date_source")}
        self._origins = [name or _shortened(files, 1) for files in _values(known, "sources")]

    def lacking(self) -> list[int]:
        """Return the papers without a date to the day, without any id, or with another gap to fill."""
        gaps = {column: set(self._missing(column)) for column in self._counted}
        if "ids" in self.wanted:
            gaps["doi"] = gaps["arxiv_id"] = gaps["arxiv_id"] & gaps["doi"]
        if "date" in self.wanted:
            precisions = enumerate(self._own["date_precision"])
            gaps["date"].update(position for position, precision in precisions if precision != "day")
        return sorted(set().union(*gaps.values()))

    def date(self, position: int, match: Match) -> None:
        """Fill or refine a date, or count that the reference has another one."""
        mine, other = _date(self._own, position), _date(self._known, match.position)
        if other is None:
            return
        if mine is None:
            if pd.isna(self._own["date"][position]):
                self._tally["date"][_FILLED[match.by]] += 1
                self._take_date("date", position, match)
        elif other.date > _dates._last_day(mine) or mine.date > _dates._last_day(other):
            self._tally["date"]["conflicts"] += 1
        elif _FINENESS[other.precision] < _FINENESS[mine.precision]:
            self._tally["date"]["refined"] += 1
            self._take_date(f"{other.precision} of the date", position, match)

    def _take_date(self, what: str, position: int, match: Match) -> None:
        for column in ("date", "date_precision", "date_note"):
            self._own[column][position] = self._known[column][match.position]
        source = self._known["date_source"][match.position]
        origin = f"{self._origins[match.position]} by {match.by}"
        self._own["date_source"][position] = origin if source in ("", "file") else f"{source}, from {origin}"
        self._say(what, position, match)

    def value(self, column: str, position: int, match: Match) -> None:
        """Fill an empty text or tuple, or count that the reference has another one."""
        mine, other = self._own[column][position], self._known[column][match.position]
        if not other:
            return
        if mine:
            self._tally[column]["conflicts"] += _plain(mine) != _plain(other)
            return
        self._own[column][position] = other
        if column == "authors" and math.isnan(self._own["n_authors"][position]):
            self._own["n_authors"][position] = float(len(other))
        self._tally[column][_FILLED[match.by]] += 1
        self._say(column, position, match)

    def ids(self, matches: dict[int, Match], matcher: Matcher) -> int:
        """Fill ids and name the papers by them; return how many have ids that another paper has.

        Ids that several papers of the reference bear tell nothing, and are not given on.
        """
        gains: dict[int, dict[str, str]] = {}
        for position, match in matches.items():
            gained = {}
            for column in _NAMES:
                mine = getattr(self._ours.keys[position], column)
                other = getattr(self._theirs.keys[match.position], column)
                self._tally[column]["conflicts"] += bool(mine and other and mine != other)
                if other and not self._own[column][position] and matcher.only(match.position):
                    gained[column] = other
            if gained:
                gains[position] = gained
        claimed = Counter(value for gained in gains.values() for value in gained.values())
        claimed.update(value for key in self._ours.keys for value in (key.arxiv_id, key.doi))
        names = set(self._paper_ids)
        n_taken = 0
        for position, gained in sorted(gains.items()):
            if any(claimed[value] > 1 for value in gained.values()) or _new_id(gained) in names:
                n_taken += 1
                continue
            self._take_ids(position, gained, matches[position])
        return n_taken

    def _take_ids(self, position: int, gained: dict[str, str], match: Match) -> None:
        for column, value in gained.items():
            self._own[column][position] = value
            self._tally[column][_FILLED[match.by]] += 1
            self._say(_NAMES[column], position, match)
        arxiv_id, doi = self._own["arxiv_id"][position], self._own["doi"][position]
        if not self._own["url"][position]:
            self._own["url"][position] = _merge._address({arxiv_id} - {""}, {doi} - {""})
        named = str(self._paper_ids[position]).startswith(_OUR_IDS)
        if named and ("arxiv_id" in gained or not arxiv_id):
            self._paper_ids[position] = _new_id(gained)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return what was done to each column."""
        names = ("n_missing", "by_id", "by_title", "by_similarity")
        return {
            column: {name: tally[name] for name in names}
            | {"still_missing": self._n_missing(column)}
            | {name: tally[name] for name in ("refined", "conflicts")}
            for column, tally in self._tally.items()
        }

    def table(self, papers: pd.DataFrame) -> pd.DataFrame:
        """Return the papers with these columns, sorted as `load` sorts."""
        made = papers.copy()
        made.attrs = copy.deepcopy(papers.attrs)
        for column, values in self._own.items():
            made[column] = _column(column, values, papers.index)
        made.index = pd.Index(self._paper_ids, name=papers.index.name, dtype=papers.index.dtype)
        return made.sort_index().sort_values("date", kind="stable", na_position="last")

    def _say(self, what: str, position: int, match: Match) -> None:
        said = f"{what} from {self._origins[match.position]} by {match.how}"
        self._own["completed"][position] = tuple(sorted({*self._own["completed"][position], said}))

    def _missing(self, column: str) -> list[int]:
        values = enumerate(self._own[column])
        if column == "date":
            return [position for position, value in values if pd.isna(value)]
        return [position for position, value in values if not value]

    def _n_missing(self, column: str) -> int:
        return len(self._missing(column))


def _fields(fields: Any) -> tuple[str, ...]:
    named = [fields] if isinstance(fields, str) else fields
    chosen = list(named) if isinstance(named, Iterable) else [named]
    wrong = [field for field in chosen if field not in _COLUMNS]
    if wrong or not chosen:
        given = repr(wrong[0]) if wrong else "nothing"
        raise InputError(f"fields names {given}; choose from {', '.join(_COLUMNS)}.")
    return tuple(field for field in _COLUMNS if field in chosen)


def _read(reference: Any, papers: pd.DataFrame, ours: Papers, filling: _Filling) -> tuple[pd.DataFrame, str]:
    """Return the reference as a table of papers, and the service's name where it is one."""
    if _lookup.known(reference):
        lacking = filling.lacking()
        found = _lookup.find(reference, ours, lacking) if lacking else None
        return (papers.iloc[:0] if found is None else found), _lookup.title(reference)
    if isinstance(reference, pd.DataFrame) and reference.index.name == PAPERS.index:
        return check(reference, PAPERS), ""
    if isinstance(reference, pd.DataFrame | str | Path):
        return _load.load(reference), ""
    if not isinstance(reference, Iterable):
        raise InputError(f"reference must be papers, a path or a service, not {type(reference).__name__}.")
    return _load.load(*reference), ""


def _named(known: pd.DataFrame, name: str) -> str:
    files = [line["file"] for line in known.attrs.get("reading", ()) if line.get("n_read")]
    return name or _shortened(files, _SHOWN_FILES)


def _shortened(files: Iterable[str], n_shown: int) -> str:
    names = list(dict.fromkeys(files))
    more = f" and {len(names) - n_shown} more" if len(names) > n_shown else ""
    return ", ".join(names[:n_shown]) + more or "the reference"


def _values(papers: pd.DataFrame, column: str) -> list[Any]:
    if column in papers:
        return list(papers[column].tolist())
    return [_EMPTY.get(column, "")] * len(papers)


def _column(column: str, values: list[Any], index: pd.Index) -> pd.Series:
    kind = {**PAPERS.columns, **PAPERS.optional}[column]
    if kind == "precision":
        return pd.Series(pd.Categorical(values, dtype=PRECISION_TYPE), index=index)
    dtypes = {"text": "str", "tuple": "object", "date": "datetime64[us]", "number": "float64"}
    return pd.Series(values, index=index, dtype=dtypes[kind])


def _date(columns: dict[str, list[Any]], position: int) -> _dates.Known | None:
    date, precision = columns["date"][position], columns["date_precision"][position]
    if pd.isna(date) or precision not in _FINENESS:
        return None
    return _dates.Known(date.date(), precision, "")


def _plain(value: str | tuple[str, ...]) -> str:
    return _identity.normalised(value if isinstance(value, str) else " ".join(value))


def _new_id(gained: dict[str, str]) -> str:
    return _identity.paper_id(filter(None, [gained.get("arxiv_id")]), filter(None, [gained.get("doi")]), ())
