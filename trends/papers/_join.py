"""Later papers to those of a study: what was there already is completed, what is new is added.

Only the papers that share an id or a title with the newcomers are looked at again, by the very rules of
`load`; the others stay as they are, so that a week costs what the week holds.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.tables import PAPERS, check
from trends.papers import _columns, _identity, _load, _merge, _synonyms, _tags, _wanted


@dataclass(frozen=True, eq=False)
class Joined:
    """A papers table after later papers came.

    Attributes
    ----------
    papers
        All papers, sorted as `load` sorts them; `attrs["reading"]` also lists the later files.
    now
        The id that each paper of before has now, where it was looked at again: another one where an entry
        brought an arXiv id or a DOI, the same for two that turned out to be one.
    new
        The ids of papers that were not there before.
    changed
        The ids of papers that were, and of which anything but where they were found is other now.
    """

    papers: pd.DataFrame
    now: Mapping[str, str]
    new: pd.Index
    changed: pd.Index


def join(papers: pd.DataFrame, *sources: Any, tags: "Mapping[str, Any] | str | Path | None" = None) -> Joined:
    """Add later papers to a papers table by the rules of `load`.

    Parameters
    ----------
    papers
        The papers table so far; not changed.
    *sources
        The later papers, as for `load`.
    tags
        As for `load`; of the later papers only.

    Returns
    -------
    Joined
        The papers are those that `load` gives of all files at once, but for what hangs on the whole corpus at
        once (which of two spellings of a tag is the more frequent).

    Raises
    ------
    InputError
        As for `load`.
    """
    check(papers, PAPERS)
    known = Known(
        keys_of(papers),
        tuple(papers.columns),
        lambda ids: papers.loc[ids],
        lambda: Counter(tag for own in papers["tags"] for tag in own),
    )
    found = arrived(known, *sources, tags=tags)
    rest = papers[~papers.index.isin(found.before.index)]
    whole = in_order(pd.concat([rest, found.rows]) if len(rest) else found.rows)
    whole.attrs = dict(papers.attrs) | {
        "reading": read_in_all(papers.attrs.get("reading", []), found.reading),
        "n_loaded": len(whole),
    }
    return Joined(check(whole, PAPERS), found.now, found.new, found.changed)


@dataclass(frozen=True, eq=False)
class Known:
    """What is to be known of papers to find which of them later ones are.

    Attributes
    ----------
    keys
        As `keys_of` gives them; further columns are let be.
    columns
        The columns of the papers.
    rows
        Gives whole papers by their ids.
    tags
        Counts how many papers have each tag.
    """

    keys: pd.DataFrame
    columns: tuple[str, ...]
    rows: Callable[[pd.Index], pd.DataFrame]
    tags: Callable[[], Counter[str]]


@dataclass(frozen=True, eq=False)
class Arrived:
    """What later papers bring, all other papers being as they were.

    Attributes
    ----------
    rows
        Papers that are new or were looked at again, as they are now, in no order.
    before
        Papers of before that were looked at again, as they were.
    now, new, changed
        As in `Joined`.
    reading
        The lines of the reading log for the later files.
    """

    rows: pd.DataFrame
    before: pd.DataFrame
    now: Mapping[str, str]
    new: pd.Index
    changed: pd.Index
    reading: list[dict[str, Any]]


def keys_of(papers: pd.DataFrame) -> pd.DataFrame:
    """Return what papers are found by: arxiv_id, doi, and title, a number that equal titles share."""
    titles = [_identity.title_key(_identity.normalised(title)) for title in papers["title"]]
    return pd.DataFrame({**_ids(papers), "title": np.array(titles, dtype=np.int64)}, index=papers.index)


def arrived(known: Known, *sources: Any, tags: "Mapping[str, Any] | str | Path | None" = None) -> Arrived:
    """Go the way of `join` where only the keys of the papers so far are at hand.

    Raises
    ------
    InputError
        As for `load`.
    """
    if not sources:
        raise InputError("Give the later papers: files, folders, patterns or DataFrames.")
    _load.check_sources(sources)
    vocabulary, names = _tags.vocabulary(tags), _synonyms.synonyms(None)
    any_column, everything = _columns.given({}), _wanted.Wanted.of(None, None, None)
    later, log = _load.entries_of(sources, any_column, everything)
    before = known.rows(known.keys.index[_touched(known.keys, later)])
    entries: list[_merge.Entry] = []
    if len(before):
        _load.from_table(before, any_column, everything, entries)
    if len(entries) != len(before):
        raise InputError("A paper of the study has no title that load takes; make the study again.")
    entries += later
    now = {
        str(before.index[place]): paper_id
        for paper_id, places in _merge.parts_of(entries).items()
        for place in places
        if place < len(before)
    }
    merged = _merge.table(entries, vocabulary, names, tag_anew=tags is not None)
    taken = merged.index.intersection(known.keys.index).difference(before.index)
    if len(taken):
        raise InputError(
            f"The paper {taken[0]!r} is in the study under another title; correct one of the two."
        )
    merged["tags"] = _spelled(merged["tags"], known.tags(), names, vocabulary.names)
    # A study's papers need not have all the columns of `load`.
    merged = merged[[name for name in known.columns if name in merged]]
    new = merged.index.difference(pd.Index(now.values()))
    changed = pd.Index(_changed(merged, before, now), dtype="str")
    return Arrived(merged, before, now, new, changed, log)


def read_in_all(before: list[dict[str, Any]], later: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of two reading logs as one."""
    return sorted([*before, *later], key=lambda line: (line["file"], line["sha256"] or "", line["note"]))


def in_order(papers: pd.DataFrame) -> pd.DataFrame:
    """Return papers by date (undated last), then id, moving the texts of a large table once."""
    by_id = papers.index.argsort()
    dates = papers["date"].to_numpy()[by_id]  # numpy, too, has NaT last
    return papers.iloc[by_id[np.argsort(dates, kind="stable")]].rename_axis("paper_id")


def _touched(keys: pd.DataFrame, later: list[_merge.Entry]) -> np.ndarray:
    """Tell which papers the later entries might be, and those that these might be in turn."""
    wanted: dict[str, set[Any]] = {
        "arxiv_id": {e.arxiv_id for e in later} - {""},
        "doi": {e.doi for e in later} - {""},
        "title": {_identity.title_key(e.key) for e in later},
    }
    touched = np.zeros(len(keys), dtype=bool)
    while True:
        found = touched.copy()
        for name, values in wanted.items():
            if values:
                found |= keys[name].isin(values).to_numpy()
        new = keys[found & ~touched]
        if not len(new):
            return touched
        # What is sought next: the other papers that have an id or title of these.
        wanted = {name: set(new[name]) - {""} for name in wanted}
        touched = found


def _ids(papers: pd.DataFrame) -> dict[str, pd.Series]:
    """Return arXiv ids and DOIs by column, from the paper ids where a table has no such columns."""
    if "arxiv_id" in papers and "doi" in papers:
        return {name: papers[name] for name in ("arxiv_id", "doi")}
    found = [_identity.ids(k, k.partition(":")[2]) for k in papers.index]
    columns = np.array(found, dtype=object).reshape(len(papers), 2)
    return {
        name: pd.Series(columns[:, place], index=papers.index, dtype="str")
        for place, name in enumerate(("arxiv_id", "doi"))
    }


def _spelled(tags: pd.Series, all_tags: Counter[str], names: _synonyms.Synonyms, preferred: Any) -> pd.Series:
    """Return tags as the whole corpus spells them."""
    counts = all_tags + Counter(tag for own in tags for tag in own)
    shown = names.names(counts, preferred, of={tag for own in tags for tag in own})
    return pd.Series(
        [tuple(sorted({shown[tag] for tag in own})) for own in tags], index=tags.index, dtype=object
    )


def _changed(merged: pd.DataFrame, known: pd.DataFrame, now: Mapping[str, str]) -> list[str]:
    """Return the papers of before that say anything other now, or were two."""
    columns = [name for name in merged.columns if name not in ("found_at", "sources")]
    told = {
        which: dict(zip(table.index, table[columns].astype(str).itertuples(index=False, name=None)))
        for which, table in (("before", known[columns]), ("after", merged))
    }
    n_parts = Counter(now.values())
    return [k for k in n_parts if n_parts[k] > 1 or told["before"].get(k) != told["after"][k]]
