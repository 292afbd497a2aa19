"""Later papers under frozen topics: assigned by the rule, described, drawn where their like are drawn."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import product_by_row
from trends.core.words import documents
from trends.topics._assign import assign, rows_of
from trends.topics._bertopic import model_maker
from trends.topics._reshape import BY_HAND, describe

LIKE = 3
"""A later paper is drawn amid so many of the fitted papers that are most like it."""

COMPARED_MOST = 12_000
"""It is compared with at most so many fitted papers, evenly spaced."""


def extend(
    papers: pd.DataFrame,
    embeddings: pd.DataFrame,
    topics: Topics,
    *,
    fresh: pd.Index,
    changed: pd.Index | None = None,
    now: Mapping[str, str] | None = None,
) -> Topics:
    """Return the topics with later papers in them; centroids, cut-offs, labels and terms stay frozen.

    Parameters
    ----------
    papers, embeddings
        All papers, those of before and later ones, and their vectors.
    topics
        The topics so far; not changed.
    fresh
        The papers to assign: new ones, and those whose text is another now. One that the user placed stays.
    changed
        Papers of before that have another date or id now, whose topics are described anew.
    now
        The id that a paper of before has now, where that may be another.

    Returns
    -------
    Topics
        `members` also has the later papers, in the order of their ids; its column `fitted` says which papers
        took part in the fit. Numbers, dates, cohesion and exemplars of the topics that got or lost papers are
        told anew.

    Raises
    ------
    InputError
        A paper has no vector, or one of another space.
    """
    before = _renamed(topics.members, now or {})
    fresh = fresh[~fresh.isin(before.index[before["how"] == BY_HAND])]
    found = assign(papers.loc[fresh.sort_values()], embeddings, topics)
    found["fitted"] = found.index.isin(before.index[before["fitted"]])
    members = pd.concat([before[~before.index.isin(found.index)], found]).sort_index()
    members = members.loc[members.index.isin(papers.index)].rename_axis("paper_id")
    _draw(members, embeddings)
    table = topics.table.copy()
    told_anew = _touched(before, members)
    if changed is not None:
        told_anew |= set(members["topic_id"].reindex(changed).tolist())
    dates = papers[["date"]].loc[members.index]
    for k in sorted(told_anew - {UNASSIGNED}):
        mine = (members["topic_id"] == k).to_numpy()
        describe(table, k, dates[mine], members["similarity"].to_numpy()[mine])
    texts = papers.loc[found.index]
    makes_model = topics.make_model is not None and not topics.reshaped
    rule = {"centroids": topics.centroids, "cutoffs": topics.cutoffs}
    return replace(
        topics,
        table=table,
        members=members,
        fingerprint=fingerprint(
            "extend",
            topics.fingerprint,
            found.index,
            texts["date"],
            documents(texts),
            rows_of(texts, embeddings),
            sorted((now or {}).items()),
        ),
        make_model=model_maker(papers, embeddings, **rule) if makes_model else None,
    )


def fitted(topics: Topics) -> pd.Series:
    """Tell which papers took part in the fit: all, where none came later."""
    members = topics.members
    return members.get("fitted", pd.Series(True, index=members.index)).astype(bool)


def _renamed(members: pd.DataFrame, now: Mapping[str, str]) -> pd.DataFrame:
    """Return members under the ids that their papers have now; of two in one, one placed by hand first."""
    found = members.assign(fitted=members.get("fitted", pd.Series(True, index=members.index)))
    moved = {old: new for old, new in now.items() if old != new}
    if not moved:
        return found
    found["first"] = np.where(found["how"] == BY_HAND, 0, np.where(found.index.isin(list(moved)), 2, 1))
    found.index = pd.Index([moved.get(k, k) for k in found.index], name="paper_id", dtype="str")
    found = found.sort_values("first", kind="stable")
    return found[~found.index.duplicated()].drop(columns="first").sort_index()


def _touched(before: pd.DataFrame, after: pd.DataFrame) -> set[int]:
    """Return the topics that have other papers, or papers of another likeness, than before."""
    known = before.index.union(after.index)
    old, new = (table[["topic_id", "similarity"]].reindex(known) for table in (before, after))
    other = (old != new).any(axis=1)  # also where one of the two is absent
    ids = np.concatenate([old.loc[other, "topic_id"], new.loc[other, "topic_id"]])
    return set(ids[~np.isnan(ids)].astype(int).tolist())


def _draw(members: pd.DataFrame, embeddings: pd.DataFrame) -> None:
    """Give the papers that have no place on the map that of the fitted papers most like them."""
    places = members[["x", "y"]].to_numpy(dtype=np.float32, copy=True)
    blank = np.isnan(places).any(axis=1)
    known = np.flatnonzero(~blank & members["fitted"].to_numpy(dtype=bool))
    if not blank.any() or not len(known):
        return
    known = known[:: max(1, -(-len(known) // COMPARED_MOST))]
    theirs = embeddings.loc[members.index[known]].to_numpy(dtype=np.float32)
    mine = embeddings.loc[members.index[blank]].to_numpy(dtype=np.float32)
    with one_thread_per_sum():
        likeness = np.round(product_by_row(mine, theirs.T), 6)
    best = np.argsort(-likeness, axis=1, kind="stable")[:, :LIKE]
    places[blank] = places[known][best].mean(axis=1)
    members["x"], members["y"] = places[:, 0], places[:, 1]
