"""cluster: the topics of a corpus, the same whatever the order of its papers."""

from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from trends.core import cache
from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import PAPERS, check
from trends.core.words import documents, rules, word_counts
from trends.topics._assign import KEPT, members_table, rows_of
from trends.topics._bertopic import model_maker
from trends.topics._detail import at_detail
from trends.topics._ledger import births
from trends.topics._store import open_topics, save_topics
from trends.topics._tables import topic_table
from trends.topics._terms import class_terms
from trends.topics._versions import versions

FORMAT = 10
"""Raised when the same input would give other topics, so that old cached fits are not taken for new."""


def cluster(
    papers: pd.DataFrame,
    embeddings: pd.DataFrame,
    *,
    detail: float | None = None,
    n_topics: int | None = None,
    seed: int = 0,
) -> Topics:
    """Find the topics of a corpus and say which paper belongs to which.

    Several layouts by UMAP, each of its own part of the papers, propose HDBSCAN's leaves; Ward's tree over
    all of them and a few rounds of k-means settle on a number of topics; frozen centroids, each with a
    cut-off, then assign every paper. `topics.model` holds the result as a fitted BERTopic.

    Parameters
    ----------
    papers
        The papers table.
    embeddings
        Their vectors by paper_id, from `embed`.
    detail
        From 0, few broad topics, to 1, many fine ones; the number of topics moves smoothly from a quarter of
        5.7 N^(1/4) to four times it. None: as many as 5.7 N^(1/4), or fewer if only fewer come back when the
        layouts are halved and each half finds topics of its own.
    n_topics
        The number of topics instead; at least 1. There may be fewer where the papers have no more.
    seed
        Seeds the layouts; which papers each of them sees hangs on the papers' ids. The same input and seed
        give the same topics whatever the order of rows.

    Returns
    -------
    Topics
        Topics numbered by size, with their ten best words as terms and a provisional label; `label` gives
        readable ones. `stability` is how well a topic comes back in the halves of the layouts (0 to 1; below
        .6 it is shaky). `parameters["measured"]` holds the halves' agreement at each number of topics looked
        at (adjusted Rand index), and what share of the papers of clusters the cut-offs keep as if they had
        not been seen (`kept`) and refuse if their own topic is taken away (`refused`). Where papers are too
        few or too unlike to form a topic there is none, and every paper is unassigned.

    Raises
    ------
    InputError
        There are no papers, a paper has no vector, `detail` or `n_topics` is out of range, or both are given.
    """
    check(papers, PAPERS)
    if papers.empty:
        raise InputError("There are no papers to cluster; load some first.")
    if detail is not None:
        at_detail(len(papers), detail)
        if n_topics is not None:
            raise InputError("Give detail or n_topics, not both: each says how many topics there are.")
    if n_topics is not None and n_topics < 1:
        raise InputError(f"n_topics must be at least 1, not {n_topics}.")
    papers = papers.sort_index()
    vectors = np.ascontiguousarray(rows_of(papers, embeddings))
    texts = documents(papers).tolist()
    parameters = {
        "detail": detail,
        "n_topics": n_topics,
        "seed": seed,
        "kept": KEPT,
        "embeddings": {"encoder": "given"} | embeddings.attrs,
        "format": FORMAT,
    }
    key = fingerprint(papers.index, papers["date"], texts, vectors, parameters, rules(), versions())
    folder = cache.folder() / "topics" / key
    kept = open_topics(folder, papers, embeddings)
    if kept is not None:
        return kept
    topics = _fit(papers, embeddings, vectors, parameters, key)
    with suppress(OSError):  # a full or read-only disk costs the next run time, not this run its result
        save_topics(topics, folder)
    return topics


def _fit(
    papers: pd.DataFrame, embeddings: pd.DataFrame, vectors: np.ndarray, parameters: dict[str, Any], key: str
) -> Topics:
    from trends.topics._fit import fit

    counts = word_counts(documents(papers))
    options = {name: parameters[name] for name in ("detail", "n_topics", "seed")}
    found = fit(vectors, counts.words, papers.index, **options)
    n_topics = len(found.centroids)
    members = members_table(papers.index, found.topics, found.similarity, found.drawn)
    words = class_terms(counts, vectors, found.topics, found.centroids)
    worded = n_topics and counts.words.shape[1]
    table = topic_table(papers, members, words, found.stability)
    return Topics(
        table=table,
        members=members,
        centroids=found.centroids,
        cutoffs=found.cutoffs,
        ledger=births(table, key, "cluster"),
        parameters=parameters | {"measured": found.about},
        fingerprint=key,
        make_model=model_maker(papers, embeddings, found.centroids, found.cutoffs) if worded else None,
    )
