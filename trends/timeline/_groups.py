"""Which papers belong to which group: by venue, tag, source, any column of the papers, or a table given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from trends.core.errors import InputError

NONE_STATED = "none stated"
"""The group of papers without a value."""

OTHER = "other"
"""The group of papers in groups too small to be shown."""

COLUMNS = {"source": "sources", "tag": "tags", "author": "authors"}
"""The columns of the papers that hold what a person calls otherwise."""

By: TypeAlias = str | Mapping[Any, Any] | pd.Series
"""What papers can be grouped by: the name of a column, or group or groups by paper_id."""


@dataclass(frozen=True)
class Groups:
    """Groups of papers: the paper at each of `places` is in the group of `names` that `codes` gives."""

    by: str
    names: np.ndarray
    places: np.ndarray
    codes: np.ndarray
    n_papers: int

    @property
    def sizes(self) -> np.ndarray:
        """Papers in each group."""
        return np.bincount(self.codes, minlength=len(self.names))

    @property
    def memberships(self) -> np.ndarray:
        """Groups of each paper of the corpus."""
        return np.bincount(self.places, minlength=self.n_papers)

    @property
    def overlapping(self) -> bool:
        """Whether a paper is in more than one group, so that the groups do not add up."""
        return bool((self.memberships > 1).any())

    def members(self, code: int) -> np.ndarray:
        """Give the places of the papers of a group."""
        return self.places[self.codes == code]

    def with_rest(self) -> "Groups":
        """Put the papers that are in no group into one of their own, "none stated"."""
        rest = np.flatnonzero(self.memberships == 0)
        if not len(rest):
            return self
        stated = np.flatnonzero(self.names == NONE_STATED)
        code = int(stated[0]) if len(stated) else len(self.names)
        names = self.names if len(stated) else np.append(self.names, NONE_STATED)
        places = np.concatenate([self.places, rest])
        return Groups(
            self.by, names, places, np.concatenate([self.codes, np.full(len(rest), code)]), self.n_papers
        )

    def pooled(self, kept: np.ndarray) -> "Groups":
        """Keep these groups in this order, then "other" (in a partition: all the rest) and "none stated"."""
        code = np.full(len(self.names), -1)
        code[kept] = np.arange(len(kept))
        names = list(self.names[kept])
        rest = (code < 0) & (self.names != NONE_STATED)
        if rest.any() and not self.overlapping:
            code[rest] = len(names)
            names.append(OTHER)
        unstated = np.flatnonzero(self.names == NONE_STATED)
        if len(unstated):
            code[unstated] = len(names)
            names.append(NONE_STATED)
        codes = code[self.codes]
        shown = codes >= 0
        return Groups(self.by, np.array(names, dtype=object), self.places[shown], codes[shown], self.n_papers)


def groups_of(papers: pd.DataFrame, by: By) -> Groups:
    """Read the groups of the papers; a paper without a value is in none.

    Raises
    ------
    InputError
        The papers have no such column, no paper has a value, or `by` is none of the three kinds.
    """
    if isinstance(by, str):
        name = COLUMNS[by] if COLUMNS.get(by) in papers.columns else by
        if name not in papers.columns:
            raise InputError(
                f"by must be a column of the papers ({', '.join(map(str, papers.columns))}), "
                f"a mapping or a Series, not {by!r}."
            )
        values, said = papers[name], by
    elif isinstance(by, pd.Series):
        if not by.index.is_unique:
            repeated = by.index[by.index.duplicated()][0]
            raise InputError(f"by repeats the paper {repeated!r}; give several groups of a paper as a tuple.")
        values, said = by.reindex(papers.index), str(by.name or "group")
    elif isinstance(by, Mapping):
        values = pd.Series([by.get(paper) for paper in papers.index], index=papers.index, dtype=object)
        said = "group"
    else:
        raise InputError(
            f"by must be a column of the papers, a mapping or a Series, not {type(by).__name__}."
        )
    places = pd.Series(values.to_numpy(dtype=object), index=np.arange(len(papers)), dtype=object)
    flat = places.map(lambda v: list(v) if isinstance(v, set | frozenset) else v).explode().map(_name)
    flat = flat[flat != ""].rename_axis("place").rename("group").reset_index().drop_duplicates()
    if flat.empty:
        raise InputError(f"No paper states a value to group by {said!r}; choose another column.")
    codes, names = pd.factorize(flat["group"].to_numpy(dtype=object), sort=True)
    return Groups(said, np.asarray(names, dtype=object), flat["place"].to_numpy(int), codes, len(papers))


def _name(value: Any) -> str:
    """Write a value as the name of a group, "" where it is none."""
    if isinstance(value, str):
        return " ".join(value.split())
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return str(value)
