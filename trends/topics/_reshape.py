"""What an edit does to the tables: every topic whose papers changed is described anew from its papers."""

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.records import Topics
from trends.core.tables import PAPERS, UNASSIGNED, check
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import mean_directions, unit_rows
from trends.core.words import documents, word_counts
from trends.topics._assign import check_space, nearest, rows_of
from trends.topics._tables import N_EXEMPLARS
from trends.topics._terms import Terms, class_terms

BY_HAND = "user"
"""What `members["how"]` says of a paper that a user placed."""

NO_DIRECTION = 1e-6
"""A mean vector shorter than this points nowhere."""


def material(
    papers: pd.DataFrame, embeddings: pd.DataFrame, topics: Topics
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the topics' papers sorted by id and their vectors, or say what does not fit."""
    check(papers, PAPERS)
    paper_ids = topics.members.index
    absent = paper_ids.difference(papers.index)
    if len(absent):
        raise InputError(
            f"papers lacks {len(absent)} of the topics' papers, such as {absent[0]!r}; "
            "give the papers that were clustered."
        )
    papers = papers.loc[paper_ids.sort_values()]
    check_space(embeddings, topics)
    return papers, rows_of(papers, embeddings)


def reshape(
    papers: pd.DataFrame,
    vectors: np.ndarray,
    topics: Topics,
    placed: np.ndarray,
    origins: Mapping[int, int],
    by_hand: np.ndarray | None = None,
) -> Topics:
    """Put papers into other topics and describe the topics that lost or gained some.

    Parameters
    ----------
    papers, vectors
        From `material`.
    topics
        The topics before.
    placed
        The topic id of each paper after.
    origins
        The topics after, ids ascending, each with the topic before whose row it goes on from.
    by_hand
        Which papers the user placed one by one. Where given, centroids and cut-offs stay frozen.
    """
    ids = list(origins)
    rows = topics.table.index.get_indexer(list(origins.values()))
    table = topics.table.iloc[rows].set_axis(pd.Index(ids, dtype="int32", name="topic_id"), axis=0)
    centroids, cutoffs = topics.centroids[rows].copy(), topics.cutoffs[rows].copy()
    members = topics.members.sort_index()
    before = members["topic_id"].to_numpy()
    how = members["how"].to_numpy(dtype=object, copy=True)
    if by_hand is not None:
        how[by_hand] = BY_HAND
    similarity = members["similarity"].to_numpy(dtype=np.float32, copy=True)
    moved = before != placed
    touched = {*before[moved].tolist(), *placed[moved].tolist()}
    for row, k in enumerate(ids):
        if k not in touched:
            continue
        mine = placed == k
        if by_hand is None:
            mean = vectors[mine].mean(axis=0, dtype=np.float64)
            if np.linalg.norm(mean) > NO_DIRECTION:
                centroids[row] = unit_rows(mean[None])[0]
        stale = mine if by_hand is None else mine & moved
        _, similarity[stale] = nearest(vectors[stale], centroids[[row]])
        if by_hand is None:
            by_rule = similarity[mine & (how != BY_HAND)]
            cutoffs[row] = _least(by_rule) if len(by_rule) else cutoffs[row]
            table.at[k, "stability"] = np.nan
        describe(table, k, papers[mine], similarity[mine])
    nowhere = (placed == UNASSIGNED) & (moved | (by_hand is None))
    _, similarity[nowhere] = nearest(vectors[nowhere], centroids)
    members["topic_id"] = placed.astype(np.int32)
    members["similarity"] = similarity
    members["how"] = pd.Series(how, index=members.index, dtype="str")
    return replace(
        topics,
        table=table,
        members=members,
        centroids=centroids,
        cutoffs=cutoffs,
        make_model=None,
    )


def _least(similarity: np.ndarray) -> float:
    """Return a cut-off that all of these pass, also where a sum's last bits differ."""
    return float(np.floor(similarity.min() * 1e4) / 1e4)


def describe(table: pd.DataFrame, topic_id: int, papers: pd.DataFrame, similarity: np.ndarray) -> None:
    """Set what a topic's row says of its papers, which are sorted by id."""
    for name, value in told_of(papers.index, papers["date"].to_numpy(), similarity).items():
        table.at[topic_id, name] = value


def told_of(paper_ids: pd.Index | np.ndarray, dates: np.ndarray, similarity: np.ndarray) -> dict[str, Any]:
    """Return what a topic's row says of its papers, which are given in the order of their ids."""
    best = np.argsort(-similarity, kind="stable")[:N_EXEMPLARS]
    known = dates[~np.isnat(dates)]
    return {
        "n_papers": len(paper_ids),
        "first_date": pd.Timestamp(known.min()) if len(known) else pd.NaT,
        "last_date": pd.Timestamp(known.max()) if len(known) else pd.NaT,
        "cohesion": round(float(similarity.mean(dtype=np.float64)), 4) if len(paper_ids) else np.nan,
        "exemplars": tuple(paper_ids[best]),
    }


def parts_of(vectors: np.ndarray, into: int, seed: int) -> np.ndarray | None:
    """Return each row's part by k-means, 0 the largest; None where the rows make fewer parts."""
    if len(np.unique(vectors, axis=0)) < into:
        return None
    from sklearn.cluster import KMeans

    with one_thread_per_sum(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fewer parts than asked for, which is seen below
        found = KMeans(into, n_init=10, random_state=seed).fit(vectors.astype(np.float64)).labels_
    names, first, sizes = np.unique(found, return_index=True, return_counts=True)
    if len(names) < into:
        return None
    rank = np.empty(into, dtype=int)
    rank[names[np.lexsort((first, -sizes))]] = np.arange(into)  # of equal parts, the one with the first row
    return rank[found]


def words_of(
    papers: pd.DataFrame, vectors: np.ndarray, placed: np.ndarray, topic_ids: list[int]
) -> dict[int, Terms]:
    """Return some topics' best words over all topics, the unassigned papers among them."""
    counts = word_counts(documents(papers))
    ids = sorted(set(placed.tolist()) - {UNASSIGNED})
    rows = pd.Series(placed).map({k: row for row, k in enumerate(ids)}).fillna(UNASSIGNED).to_numpy(int)
    found = dict(zip(ids, class_terms(counts, vectors, rows, mean_directions(vectors, rows))))
    return {k: found[k] for k in topic_ids}


def pooled_terms(parts: pd.DataFrame) -> Terms:
    """Return the terms of several topics, weights averaged by size; as many as the longest has."""
    pool: Counter[str] = Counter()
    for n_papers, terms, weights in zip(parts["n_papers"], parts["terms"], parts["term_weights"]):
        for term, weight in zip(terms, weights):
            pool[term] += weight * n_papers / max(1, parts["n_papers"].sum())
    return _best(pool)[: int(parts["terms"].map(len).max())]


def _best(weights: Mapping[str, float]) -> Terms:
    return sorted(weights.items(), key=lambda pair: (-round(pair[1], 9), pair[0]))


def set_terms(table: pd.DataFrame, topic_id: int, terms: Terms) -> None:
    """Write terms into a topic's row, the best weighing what the best one there weighed before."""
    before = table.at[topic_id, "term_weights"]
    scale = before[0] / terms[0][1] if before and terms and terms[0][1] else 1.0
    table.at[topic_id, "terms"] = tuple(term for term, _ in terms)
    table.at[topic_id, "term_weights"] = tuple(round(float(weight * scale), 4) for _, weight in terms)
