"""Slices: the same topics counted apart for each venue, tag, source or other group of the papers.

Periods and their completeness are those of the whole corpus, so slices compare with each other and, where
no paper is in two groups, add up to the whole exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.records import Counts, Topics
from trends.timeline._calls import as_status, ranks, reason, statuses
from trends.timeline._count import placed
from trends.timeline._groups import NONE_STATED, OTHER, By, Groups, groups_of
from trends.timeline._joint import adjusted
from trends.timeline._measure import measure

CALLS_ONLY = {"bursts": False, "forecast": False}


@dataclass(frozen=True, eq=False, repr=False)
class Slices:
    """Counts of the same topics in the same periods, for each group of the papers.

    Attributes
    ----------
    by
        What the papers were grouped by.
    groups
        Index group, largest first, "other" and "none stated" last: n_papers, n_dated (those that the periods
        count), overlaps (whether some of its papers are in another group as well).
    parts
        Counts by group, in the order of `groups`.
    whole
        Counts of all papers, each once.
    overlapping
        Whether a paper is in several groups; if not, the parts add up to `whole`.
    n_more
        Groups that are not shown by themselves, being small: in "other" where no paper is in two groups, else
        left out.
    """

    by: str
    groups: pd.DataFrame
    parts: Mapping[str, Counts]
    whole: Counts
    overlapping: bool
    n_more: int

    def __repr__(self) -> str:
        kind = "overlapping groups" if self.overlapping else "groups"
        return f"<Slices by {self.by}: {len(self.groups)} {kind}, {self.n_more} more, by {self.whole.every}>"

    def __getitem__(self, group: str) -> Counts:
        """Return the counts of one group."""
        if group not in self.parts:
            raise InputError(f"group must be one of {', '.join(self.parts)}, not {group!r}.")
        return self.parts[group]

    @property
    def counts(self) -> pd.DataFrame:
        """Counts of all groups: group, topic_id, period, n_papers, n_total (of the group), complete."""
        tables = []
        for group, part in self.parts.items():
            table = part.table.assign(
                complete=part.table["period"].map(part.periods["complete"]).astype(bool)
            )
            table.insert(0, "group", pd.Series(group, index=table.index, dtype=str))
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    def measure(self, **options: Any) -> pd.DataFrame:
        """Call every topic in every group, with one false discovery rate over all of them.

        Parameters
        ----------
        options
            As in `measure`. Dispersion is shared among the topics of a group, never between groups.

        Returns
        -------
        DataFrame
            group, topic_id and the columns of `Trends.calls`; shares are of the papers of the group. q is
            Benjamini and Hochberg's over all groups and topics together, and status, rank and reason follow
            from it. Where groups overlap the same papers speak in several rows.

        Raises
        ------
        InputError
            An option is out of range.

        References
        ----------
        Y. Benjamini, Y. Hochberg (1995), JRSS B 57; valid under positive dependence, as of groups that share
        papers, by Y. Benjamini, D. Yekutieli (2001), Annals of Statistics 29.
        """
        tables = []
        for group, part in self.parts.items():
            calls = measure(part, **(options | CALLS_ONLY)).calls.reset_index()
            calls.insert(0, "group", pd.Series(group, index=calls.index, dtype=str))
            tables.append(calls)
        calls = pd.concat(tables, ignore_index=True)
        usual = {
            name: p.default for name, p in signature(measure).parameters.items() if p.default is not p.empty
        }
        limits = usual | options
        calls["q"] = adjusted(calls["p"].to_numpy(dtype=float))
        calls["status"] = as_status(statuses(calls, limits))
        calls["rank"] = ranks(calls.drop(columns=["group", "topic_id"]))
        calls["reason"] = pd.Series(
            [reason(row, self.whole.every, limits) for row in calls.to_dict("records")],
            index=calls.index,
            dtype=str,
        )
        return calls


def slices(
    papers: pd.DataFrame,
    topics: Topics,
    by: By,
    *,
    every: str = "auto",
    observed_until: pd.Timestamp | str | None = None,
    top: int = 8,
    min_papers: int = 50,
) -> Slices:
    """Count papers per topic and calendar period apart for each group of the papers.

    Parameters
    ----------
    papers
        Papers by paper_id, as for `count`.
    topics
        The topics of the papers; one set of topics for all groups.
    by
        "tags", "venue", "source" (the files a paper came from) or any other column of the papers; or a
        mapping or Series that gives group or groups (tuple, list or set) by paper_id. Papers that it leaves
        out, or gives nothing, state none.
    every, observed_until
        As in `count`, for the whole corpus: all slices have its periods.
    top
        How many groups to show at most, the largest, beside "other" and "none stated".
    min_papers
        A group of fewer papers is not shown by itself.

    Returns
    -------
    Slices
        `parts` holds Counts by group, `groups` their sizes, `counts` all of them in one table, and `measure`
        calls every topic in every group. Where a paper is in several groups, as with tags, it counts in each,
        `overlapping` is True and small groups are left out rather than put together as "other".

    Raises
    ------
    InputError
        There is no such column, no paper states a value, no group has `min_papers` papers, or `top` or
        `min_papers` is no whole number of at least 1; and as `count`.
    """
    for name, value in (("top", top), ("min_papers", min_papers)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InputError(f"{name} must be a whole number of at least 1, not {value!r}.")
    corpus = placed(papers, topics, every, observed_until)
    found = groups_of(papers, by).with_rest()
    shown = _largest(found, top, min_papers)
    groups = found.pooled(shown)
    period = corpus.dated.period
    places = [groups.members(code) for code in range(len(groups.names))]
    shared = found.memberships > 1
    return Slices(
        by=found.by,
        groups=pd.DataFrame(
            {
                "n_papers": groups.sizes,
                "n_dated": [int((period[mine] >= 0).sum()) for mine in places],
                "overlaps": [bool(shared[mine].any()) for mine in places],
            },
            index=pd.Index(groups.names, name="group", dtype=str),
        ),
        parts={str(name): corpus.counts(mine) for name, mine in zip(groups.names, places)},
        whole=corpus.counts(),
        overlapping=found.overlapping,
        n_more=int((found.names != NONE_STATED).sum()) - len(shown),
    )


def _largest(groups: Groups, top: int, min_papers: int) -> np.ndarray:
    """Choose the largest groups that are large enough; ties go by name."""
    # What the source itself calls "other" belongs with the rest, where there is a rest.
    reserved = [NONE_STATED] if groups.overlapping else [NONE_STATED, OTHER]
    order = np.lexsort([groups.names.astype(str), -groups.sizes])
    order = order[~np.isin(groups.names[order].astype(str), reserved)]
    enough = order[groups.sizes[order] >= min_papers]
    if not len(enough):
        most = f"; the largest, {groups.names[order[0]]}, has {groups.sizes[order[0]]}" if len(order) else ""
        raise InputError(f"No group by {groups.by!r} has {min_papers} papers{most}: lower min_papers.")
    return enough[:top]
