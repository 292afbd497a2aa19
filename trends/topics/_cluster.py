"""cluster: the topics of a corpus, the same whatever the order of its papers."""

from contextlib import suppress
from functools import cache as once
from typing import Any

import numpy as np
import pandas as pd

from trends.core import cache
from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import PAPERS, check
from trends.core.words import documents, rules, stop_words, tokens
from trends.topics._assign import SPREADS, members_table, rows_of
from trends.topics._discover import smallest_topic
from trends.topics._store import open_topics, save_topics
from trends.topics._tables import ledger_of_births, topic_table
from trends.topics._versions import versions

FORMAT = 2
"""Raised when the same input would give other topics, so that old cached fits are not taken for new."""


def cluster(papers: pd.DataFrame, embeddings: pd.DataFrame, *, detail: float = 0.5, seed: int = 0) -> Topics:
    """Find the topics of a corpus and say which paper belongs to which.

    UMAP and HDBSCAN propose clusters; their frozen centroids, each with a cut-off, then assign every
    paper. The smallest topic grows with the square root of the corpus. The whole runs inside BERTopic,
    whose fitted model is `topics.model`.

    Parameters
    ----------
    papers
        The papers table.
    embeddings
        Their vectors by paper_id, from `embed`.
    detail
        From 0, few broad topics, to 1, many fine ones.
    seed
        Seeds the layout. The same input and seed give the same topics whatever the order of rows.

    Returns
    -------
    Topics
        Topics numbered by size, with their ten best words as terms and a provisional label; `label` gives
        readable ones. Where papers are too few or too unlike to form a topic there is none, and every
        paper is unassigned.

    Raises
    ------
    InputError
        There are no papers, a paper has no vector, or `detail` is out of range.
    """
    check(papers, PAPERS)
    if papers.empty:
        raise InputError("There are no papers to cluster; load some first.")
    papers = papers.sort_index()
    vectors = np.ascontiguousarray(rows_of(papers, embeddings))
    texts = documents(papers).tolist()
    parameters = {
        "detail": detail,
        "seed": seed,
        "smallest_topic": smallest_topic(len(papers), detail),
        "cutoff_spreads": SPREADS,
        "embeddings": {"encoder": "given"} | embeddings.attrs,
        "format": FORMAT,
    }
    key = fingerprint(papers.index, papers["date"], texts, vectors, parameters, rules(), versions())
    folder = cache.folder() / "topics" / key
    kept = open_topics(folder, papers, embeddings)
    if kept is not None:
        return kept
    topics = _fit(papers, texts, vectors, parameters, key)
    with suppress(OSError):  # a full or read-only disk costs the next run time, not this run its result
        save_topics(topics, folder)
    return topics


def _fit(
    papers: pd.DataFrame, texts: list[str], vectors: np.ndarray, parameters: dict[str, Any], key: str
) -> Topics:
    from trends.topics._bertopic import ThemeClusters, fit_bertopic

    clusters = ThemeClusters(parameters["detail"], parameters["seed"], texts).fit(vectors)
    n_topics = len(clusters.centroids_)
    members = members_table(papers.index, clusters.labels_, clusters.similarity_, clusters.map_)
    words: dict[int, list[tuple[str, float]]] = {}
    make_model = None
    if n_topics and any(set(tokens(text)) - stop_words() for text in texts):
        model = fit_bertopic(texts, vectors, clusters)
        words = {k: model.get_topic(k) or [] for k in range(n_topics)}
        make_model = once(lambda: model)
    return Topics(
        table=topic_table(papers, members, n_topics, words),
        members=members,
        centroids=clusters.centroids_,
        cutoffs=clusters.cutoffs_,
        tree=clusters.tree_,
        ledger=ledger_of_births(n_topics, "cluster"),
        parameters=parameters,
        fingerprint=key,
        make_model=make_model,
    )
