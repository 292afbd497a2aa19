"""Which topic of a later fit is which of an earlier one: ids that stay, end, and begin.

Two fits are compared by the papers that both know and by their centroids, never by labels or numbers, which
mean nothing across fits. Ids are given once: a topic that goes on keeps its id, one that is new gets an id
that none ever had.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import unit_rows

SHARED, DIRECTION = 0.7, 0.3
"""What shared papers and the direction of centroids weigh in the score of two topics."""

KEPT_FROM = 0.5
"""Two topics of at least this score are one topic."""

MERGED_FROM = 0.5
"""A topic that ends with this part of its papers in one later topic has gone into it."""

SPLIT_FROM = 0.25
"""A later topic with this part of an earlier one's papers is a part of it; two of them make a split."""

SAME = 0.999
"""Two topics without any paper that both fits know are one if their centroids have this cosine."""

EVENTS = ("keep", "birth", "merge", "split", "death")


@dataclass(frozen=True, eq=False)
class Matching:
    """What became of the topics of an earlier fit in a later one.

    Attributes
    ----------
    ids
        The permanent id of every topic of the later fit: that of the earlier topic that it goes on from, or
        one that no topic ever had.
    events
        One row per event: event, old_ids, new_ids (tuples, permanent ids), jaccard, cosine, n_shared. Every
        later topic has one "keep" or "birth". "merge": earlier topics with half or more of their papers in
        one later topic, which goes on from one of them at most; "split": an earlier topic of which two later
        ones or more have a quarter each; "death": an earlier topic that goes on in none and went into none.
        Jaccard and n_shared are of the papers that both fits know (of all old topics together, and all new
        ones), cosine is the mean over pairs; NaN where there is nothing to compare.
    """

    ids: dict[int, int]
    events: pd.DataFrame


def match(earlier: Topics, later: Topics, *, same_encoder: bool = True) -> Matching:
    """Find which topics of a later fit go on from which of an earlier one.

    The score of two topics is .7 Jaccard (papers that both fits know) + .3 max(0, cosine of the centroids);
    the pairs of the highest total score are chosen among those of at least .5. Topics without a partner in
    the later fit end; those without one in the earlier are born, with new ids from `earlier.next_id` upwards
    in the order of the later fit.

    Parameters
    ----------
    earlier, later
        Topics of two fits, of papers that overlap. The order of papers and the ids of `later` play no part.
    same_encoder
        Whether the centroids are in one space. If not, papers alone decide.

    Returns
    -------
    Matching
        The ids that the later topics should bear, and what happened to each earlier and later topic.

    Raises
    ------
    InputError
        The centroids have different dimensions and `same_encoder` is True.

    References
    ----------
    Kuhn, H. W. (1955). The Hungarian method for the assignment problem. Naval Research Logistics 2, 83-97.
    """
    from scipy.optimize import linear_sum_assignment

    overlap = _overlap(earlier, later)
    cosine = _cosine(earlier, later, same_encoder)
    jaccard = _jaccard(overlap, cosine)
    score = jaccard if not same_encoder else SHARED * jaccard + DIRECTION * np.maximum(0, cosine)
    score = np.round(score, 9)  # of equal pairs the last bits of a sum must not choose
    score[score < KEPT_FROM] = 0  # a pair that will not be kept must not cost another its partner
    pairs = [(i, j) for i, j in zip(*linear_sum_assignment(score, maximize=True)) if score[i, j] > 0]
    partner = {int(j): int(i) for i, j in pairs}
    old, new = list(map(int, earlier.table.index)), list(map(int, later.table.index))
    unborn = iter(range(earlier.next_id, earlier.next_id + len(new)))
    ids = {k: old[partner[j]] if j in partner else next(unborn) for j, k in enumerate(new)}
    found = _Pairs(old, [ids[k] for k in new], overlap, cosine, partner)
    rows = [*found.kept_and_born(), *found.merges(), *found.splits()]
    ended = {k for row in rows if row["event"] in ("merge", "split") for k in row["old_ids"]}
    rows += found.deaths(ended)
    return Matching(ids, _table(rows))


def renumber(topics: Topics, ids: Mapping[int, int], next_id: int) -> Topics:
    """Return topics under other ids, rows in their order.

    Parameters
    ----------
    topics
        The topics; not changed. Their ledger is left as it is: it tells of the ids that they had.
    ids
        The new id of each topic, all different.
    next_id
        The lowest id that no topic ever had; that of the result is no lower.

    Returns
    -------
    Topics
        Nothing but the numbers differs. The BERTopic, whose tables go by position, is left out.

    Raises
    ------
    InputError
        A topic has no new id, or two have the same.
    """
    old = list(map(int, topics.table.index))
    missing = [k for k in old if k not in ids]
    if missing:
        raise InputError(f"ids must give every topic a new id; it lacks that of topic {missing[0]}.")
    fresh = np.array([ids[k] for k in old], dtype=np.int64)
    if len(set(fresh.tolist())) < len(fresh) or (fresh < 0).any():
        raise InputError(f"ids must be different whole numbers from 0 up, not {sorted(fresh.tolist())}.")
    order = np.argsort(fresh)
    table = topics.table.iloc[order].set_axis(pd.Index(fresh[order], dtype="int32", name="topic_id"), axis=0)
    moved = topics.members["topic_id"].map({**dict(zip(old, fresh.tolist())), UNASSIGNED: UNASSIGNED})
    return replace(
        topics,
        table=table,
        members=topics.members.assign(topic_id=moved.astype("int32")),
        centroids=topics.centroids[order],
        cutoffs=topics.cutoffs[order],
        parameters={**topics.parameters, "next_id": max(next_id, topics.next_id)},
        make_model=None,
    )


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Earlier topics (rows) against later ones (columns), under permanent ids."""

    old: list[int]
    new: list[int]
    overlap: np.ndarray
    cosine: np.ndarray
    partner: dict[int, int]

    def kept_and_born(self) -> list[dict[str, Any]]:
        return [
            self._event("keep", [self.partner[j]], [j])
            if j in self.partner
            else self._event("birth", [], [j])
            for j in range(len(self.new))
        ]

    def merges(self) -> list[dict[str, Any]]:
        """Return the later topics that earlier ones went into, those that go on elsewhere left out."""
        if not self.new:
            return []
        part = self._part()
        home = part.argmax(axis=1)
        went = part[np.arange(len(self.old)), home] >= MERGED_FROM
        kept = set(self.partner.values())
        rows = []
        for j in range(len(self.new)):
            ended = [int(i) for i in np.flatnonzero(went & (home == j)) if i not in kept]
            goes_on = [self.partner[j]] if j in self.partner else []
            if ended:
                rows.append(self._event("merge", sorted(goes_on + ended), [j]))
        return rows

    def splits(self) -> list[dict[str, Any]]:
        parts = [(i, np.flatnonzero(row >= SPLIT_FROM)) for i, row in enumerate(self._part())]
        return [self._event("split", [i], places.tolist()) for i, places in parts if len(places) > 1]

    def deaths(self, ended: set[int]) -> list[dict[str, Any]]:
        gone = set(range(len(self.old))) - set(self.partner.values())
        return [self._event("death", [i], []) for i in sorted(gone) if self.old[i] not in ended]

    def _part(self) -> np.ndarray:
        """Return the part of each earlier topic's papers that each later topic has."""
        known = self.overlap.sum(axis=1)[:, None]
        return self.overlap[:-1, :-1] / np.maximum(known[:-1], 1)

    def _event(self, event: str, olds: list[int], news: list[int]) -> dict[str, Any]:
        shared = int(self.overlap[np.ix_(olds, news)].sum())
        union = int(self.overlap[olds].sum() + self.overlap[:, news].sum()) - shared
        pairs = self.cosine[np.ix_(olds, news)]
        measured = bool(olds and news)
        return {
            "event": event,
            "old_ids": tuple(self.old[i] for i in olds),
            "new_ids": tuple(self.new[j] for j in news),
            "jaccard": round(shared / union, 4) if measured and union else np.nan,
            "cosine": round(float(pairs.mean()), 4) if measured else np.nan,
            "n_shared": shared,
        }


def _overlap(earlier: Topics, later: Topics) -> np.ndarray:
    """Count the papers that both fits know by earlier (rows) and later topic (columns); the last is none."""
    both = earlier.members.index.intersection(later.members.index)
    places = [
        topics.table.index.get_indexer(topics.members["topic_id"].loc[both]) % (len(topics.table) + 1)
        for topics in (earlier, later)
    ]
    shape = len(earlier.table) + 1, len(later.table) + 1
    cells = places[0] * shape[1] + places[1]
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)


def _cosine(earlier: Topics, later: Topics, same_encoder: bool) -> np.ndarray:
    shape = len(earlier.table), len(later.table)
    if not same_encoder or not all(shape):
        return np.full(shape, np.nan)
    if earlier.centroids.shape[1] != later.centroids.shape[1]:
        raise InputError(
            f"The earlier centroids have {earlier.centroids.shape[1]} dimensions and the later "
            f"{later.centroids.shape[1]}, so another encoder made them; pass same_encoder=False."
        )
    with one_thread_per_sum():
        return unit_rows(earlier.centroids) @ unit_rows(later.centroids).T


def _jaccard(overlap: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    shared = overlap[:-1, :-1]
    union = overlap.sum(axis=1)[:-1, None] + overlap.sum(axis=0)[None, :-1] - shared
    return np.where(union > 0, shared / np.maximum(union, 1), cosine >= SAME)


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = ["event", "old_ids", "new_ids", "jaccard", "cosine", "n_shared"]
    rows = sorted(rows, key=lambda row: EVENTS.index(row["event"]))
    table = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in columns})
    return table.astype({"event": "str", "jaccard": "float64", "cosine": "float64", "n_shared": "int64"})
