"""Later papers to those of a study: what was there already is completed, what is new is added.

Only the papers that share an id or a title with the newcomers are looked at again, by the very rules of
`load`; the others stay as they are, so that a week costs what the week holds.
"""

from collections import Counter
from collections.abc import Mapping
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
    if not sources:
        raise InputError("Give the later papers: files, folders, patterns or DataFrames.")
    _load.check_sources(sources)
    vocabulary, names = _tags.vocabulary(tags), _synonyms.synonyms(None)
    any_column, everything = _columns.given({}), _wanted.Wanted.of(None, None, None)
    later, log = _load.entries_of(sources, any_column, everything)
    known = papers[_touched(papers, later)]
    entries: list[_merge.Entry] = []
    if len(known):
        _load.from_table(known, any_column, everything, entries)
    if len(entries) != len(known):
        raise InputError("A paper of the study has no title that load takes; make the study again.")
    entries += later
    now = {
        str(known.index[place]): paper_id
        for paper_id, places in _merge.parts_of(entries).items()
        for place in places
        if place < len(known)
    }
    merged = _merge.table(entries, vocabulary, names, tag_anew=tags is not None)
    rest = papers[~papers.index.isin(known.index)]
    taken = merged.index.intersection(rest.index)
    if len(taken):
        raise InputError(
            f"The paper {taken[0]!r} is in the study under another title; correct one of the two."
        )
    merged["tags"] = _spelled(merged["tags"], papers["tags"], names, vocabulary.names)
    merged = _like(merged, papers)
    new = merged.index.difference(pd.Index(now.values()))
    changed = _changed(merged, known, now)
    whole = _sorted(pd.concat([rest, merged]) if len(rest) else merged)
    read = [*papers.attrs.get("reading", []), *log]
    whole.attrs = dict(papers.attrs) | {
        "reading": sorted(read, key=lambda line: (line["file"], line["sha256"] or "", line["note"])),
        "n_loaded": len(whole),
    }
    return Joined(check(whole, PAPERS), now, new, pd.Index(changed, dtype="str"))


def _sorted(papers: pd.DataFrame) -> pd.DataFrame:
    """Return papers by date (undated last), then id, moving the texts of a large table once."""
    by_id = papers.index.argsort()
    dates = papers["date"].to_numpy()[by_id]  # numpy, too, has NaT last
    return papers.iloc[by_id[np.argsort(dates, kind="stable")]].rename_axis("paper_id")


def _touched(papers: pd.DataFrame, later: list[_merge.Entry]) -> np.ndarray:
    """Tell which papers the later entries might be, and those that these might be in turn."""
    keys = {
        **_ids(papers),
        "title": np.array([_identity.normalised(title) for title in papers["title"]], dtype=object),
    }
    wanted = {
        "arxiv_id": {e.arxiv_id for e in later} - {""},
        "doi": {e.doi for e in later} - {""},
        "title": {e.key for e in later},
    }
    touched = np.zeros(len(papers), dtype=bool)
    while True:
        found = touched.copy()
        for name, values in keys.items():
            found |= pd.Series(values).isin(wanted[name]).to_numpy()
        if (found == touched).all():
            return touched
        for name, values in keys.items():
            wanted[name] |= set(values[found & ~touched]) - {""}
        touched = found


def _ids(papers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return arXiv ids and DOIs by column, from the paper ids where a table has no such columns."""
    if "arxiv_id" in papers and "doi" in papers:
        return {name: papers[name].to_numpy(dtype=object) for name in ("arxiv_id", "doi")}
    found = [_identity.ids(k, k.partition(":")[2]) for k in papers.index]
    columns = np.array(found, dtype=object).reshape(len(papers), 2)
    return {"arxiv_id": columns[:, 0], "doi": columns[:, 1]}


def _spelled(tags: pd.Series, all_tags: pd.Series, names: _synonyms.Synonyms, preferred: Any) -> pd.Series:
    """Return tags as the whole corpus spells them."""
    counts = Counter(tag for own in (*all_tags, *tags) for tag in own)
    shown = names.names(counts, preferred)
    return pd.Series(
        [tuple(sorted({shown[tag] for tag in own})) for own in tags], index=tags.index, dtype=object
    )


def _like(merged: pd.DataFrame, papers: pd.DataFrame) -> pd.DataFrame:
    """Return the later papers with the columns of a study's papers, which need not be those of `load`."""
    return merged[[name for name in papers.columns if name in merged]]


def _changed(merged: pd.DataFrame, known: pd.DataFrame, now: Mapping[str, str]) -> list[str]:
    """Return the papers of before that say anything other now, or were two."""
    columns = [name for name in merged.columns if name not in ("found_at", "sources")]
    told = {
        which: dict(zip(table.index, table[columns].astype(str).itertuples(index=False, name=None)))
        for which, table in (("before", known[columns]), ("after", merged))
    }
    n_parts = Counter(now.values())
    return [k for k in n_parts if n_parts[k] > 1 or told["before"].get(k) != told["after"][k]]
