"""Later papers under frozen topics: assigned by the rule, described, drawn where their like are drawn."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED, places_in
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import product_by_row
from trends.core.words import documents
from trends.topics._assign import assign, rows_of
from trends.topics._bertopic import model_maker
from trends.topics._reshape import BY_HAND, told_of

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
    placed = by_hand(topics, now or {})
    texts = papers.loc[fresh[~fresh.isin(placed)].sort_values()]

    def vectors_of(ids: pd.Index) -> pd.DataFrame:
        return embeddings.loc[ids[embeddings.index.get_indexer(ids) >= 0]]

    found = extended(texts, topics, dates=papers["date"], vectors_of=vectors_of, changed=changed, now=now)
    rule = {"centroids": topics.centroids, "cutoffs": topics.cutoffs}
    makes_model = topics.make_model is not None and not topics.reshaped
    return replace(found, make_model=model_maker(papers, embeddings, **rule) if makes_model else None)


def extended(
    texts: pd.DataFrame,
    topics: Topics,
    *,
    dates: pd.Series,
    vectors_of: Callable[[pd.Index], pd.DataFrame],
    changed: pd.Index | None = None,
    now: Mapping[str, str] | None = None,
) -> Topics:
    """Go the way of `extend` where only the papers to assign are at hand; the topics carry no BERTopic.

    Parameters
    ----------
    texts
        The papers to assign, sorted by id, none that the user placed.
    topics, changed, now
        As in `extend`.
    dates
        The dates of all papers by id.
    vectors_of
        Gives the vectors of papers by their ids: asked for those to assign, and for some fitted ones.
    """
    before = _renamed(topics.members, now or {})
    vectors = vectors_of(texts.index)
    found = assign(texts, vectors, topics)
    now_at = places_in(found.index, before.index)
    again = now_at >= 0
    was_fitted = np.zeros(len(found), dtype=bool)
    was_fitted[now_at[again]] = before["fitted"].to_numpy(dtype=bool)[again]
    members = pd.concat([before[~again], found.assign(fitted=was_fitted)])
    members = members.iloc[members.index.argsort()].rename_axis("paper_id")
    at = places_in(members.index, dates.index)
    there = np.zeros(len(members), dtype=bool)
    there[at[at >= 0]] = True
    dated = np.empty(len(members), dtype=dates.to_numpy().dtype)
    dated[at[at >= 0]] = dates.to_numpy()[at >= 0]
    gone = before.index.isin(members.index[~there])
    if gone.any():
        members, dated = members[there], dated[there]
    _draw(members, vectors_of)
    told_anew = _touched(before[again | gone], found)
    if changed is not None:
        told_anew |= set(members["topic_id"].reindex(changed).tolist())
    return replace(
        topics,
        table=_described(topics.table, members, dated, told_anew - {UNASSIGNED}),
        members=members,
        fingerprint=fingerprint(
            "extend",
            topics.fingerprint,
            found.index,
            texts["date"],
            documents(texts),
            rows_of(texts, vectors),
            sorted((now or {}).items()),
        ),
        make_model=None,
    )


def by_hand(topics: Topics, now: Mapping[str, str]) -> pd.Index:
    """Return the papers that the user placed, under the ids that they have now."""
    if not (topics.members["how"] == BY_HAND).any():
        return topics.members.index[:0]
    members = _renamed(topics.members, now)
    return members.index[members["how"] == BY_HAND]


def _described(
    table: pd.DataFrame, members: pd.DataFrame, dated: np.ndarray, topic_ids: Collection[int]
) -> pd.DataFrame:
    """Return the table with what it says of some topics' papers, of these dates, told anew."""
    table = table.copy()
    topic, similarity = members["topic_id"].to_numpy(), members["similarity"].to_numpy()
    order = np.argsort(topic, kind="stable")
    ids = sorted(topic_ids)
    starts, ends = (np.searchsorted(topic[order], ids, side=side) for side in ("left", "right"))
    parts = [order[start:end] for start, end in zip(starts, ends)]

    def row(mine: np.ndarray) -> dict[str, Any]:
        found = told_of(mine, dated[mine], similarity[mine])
        return found | {"exemplars": tuple(members.index[np.array(found["exemplars"], dtype=np.intp)])}

    told = pd.DataFrame([row(mine) for mine in parts], index=pd.Index(ids, dtype=table.index.dtype))
    for name in told:
        values = table[name].to_numpy(copy=True)
        values[table.index.get_indexer(told.index)] = told[name].to_numpy()
        table[name] = values
    return table


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


def _draw(members: pd.DataFrame, vectors_of: Callable[[pd.Index], pd.DataFrame]) -> None:
    """Give the papers that have no place on the map that of the fitted papers most like them."""
    places = members[["x", "y"]].to_numpy(dtype=np.float32, copy=True)
    blank = np.isnan(places).any(axis=1)
    known = np.flatnonzero(~blank & members["fitted"].to_numpy(dtype=bool))
    if not blank.any() or not len(known):
        return
    known = known[:: max(1, -(-len(known) // COMPARED_MOST))]
    theirs = vectors_of(members.index[known]).to_numpy(dtype=np.float32)
    mine = vectors_of(members.index[blank]).to_numpy(dtype=np.float32)
    with one_thread_per_sum():
        likeness = np.round(product_by_row(mine, theirs.T), 6)
    places[blank] = places[known][_most_like(likeness)].mean(axis=1)
    members["x"], members["y"] = places[:, 0], places[:, 1]


def _most_like(likeness: np.ndarray) -> np.ndarray:
    """Return the columns of each row's `LIKE` largest, largest first, of equal ones the first; no sorting."""
    left, rows = likeness.copy(), np.arange(len(likeness))
    best = np.empty((len(left), min(LIKE, left.shape[1])), dtype=np.intp)
    for k in range(best.shape[1]):
        best[:, k] = left.argmax(axis=1)
        left[rows, best[:, k]] = -np.inf
    return best
