"""from_bertopic: topics from a BERTopic that somebody else has fitted."""

from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import PAPERS, UNASSIGNED, check
from trends.core.vectors import unit_rows
from trends.core.words import documents, latent_semantics, word_counts
from trends.topics._assign import members_table, rows_of
from trends.topics._layout import draw_map, several_at_once
from trends.topics._ledger import births
from trends.topics._tables import topic_table
from trends.topics._terms import N_TERMS, Terms
from trends.topics._versions import versions

WORDS = "words of the papers"
"""What stands for the encoder where no vectors were given."""

DIMENSIONS = 100


def from_bertopic(
    model: Any, papers: pd.DataFrame, embeddings: pd.DataFrame | None = None, *, seed: int = 0
) -> Topics:
    """Bring in a fitted BERTopic: its topics as they are, with our tables, centroids and map.

    Parameters
    ----------
    model
        A fitted `bertopic.BERTopic`.
    papers
        The papers it was fitted on, in the order in which it was given them.
    embeddings
        Their vectors by paper_id, for centroids and map. None: latent semantics of their words, which does
        for both, but later papers then cannot be assigned.
    seed
        Seeds the map.

    Returns
    -------
    Topics
        The model's own assignments (`how` is "model"), ids, words and custom labels. Centroids are the mean
        directions of the members and a topic's cut-off the least cosine among them, so that `assign` can
        place later papers.

    Raises
    ------
    InputError
        The model is not fitted, or on another number of papers.
    """
    check(papers, PAPERS)
    given = getattr(model, "topics_", None)
    if given is None:
        raise InputError("The BERTopic model is not fitted; call its fit with the papers' texts first.")
    if len(given) != len(papers):
        raise InputError(
            f"The BERTopic model was fitted on {len(given)} papers and {len(papers)} were given; "
            "pass the same papers in the same order."
        )
    topic_ids = pd.Series(np.asarray(given, dtype="int32"), index=papers.index).sort_index()
    papers = papers.sort_index()
    if embeddings is None:
        words = latent_semantics(word_counts(documents(papers)).words, DIMENSIONS, seed)
        embeddings = pd.DataFrame(words, index=papers.index)
        embeddings.attrs = {"encoder": WORDS}
    vectors = rows_of(papers, embeddings)
    names = sorted(set(topic_ids) - {UNASSIGNED})
    means = [vectors[topic_ids == k].mean(axis=0) for k in names]
    centroids = unit_rows(np.array(means, dtype=np.float32).reshape(len(names), vectors.shape[1]))
    # A new number per topic, largest first, would break the user's own; only gaps in them are refused.
    if names != list(range(len(names))):
        raise InputError("The BERTopic model's topic ids have gaps; reduce or merge its topics first.")
    own = np.where(topic_ids == UNASSIGNED, 0, topic_ids)
    similarity = np.einsum("ij,ij->i", vectors, centroids[own]) if names else np.zeros(len(papers))
    cutoffs = np.array([similarity[topic_ids == k].min() for k in names], dtype=np.float32)
    with several_at_once():
        drawn = draw_map(vectors, seed)
    members = members_table(papers.index, topic_ids.to_numpy(), similarity, drawn)
    members["how"] = np.where(topic_ids == UNASSIGNED, "none", "model")
    members = members.astype({"how": "str"})
    table = topic_table(papers, members, [_terms(model, k) for k in names], np.nan)
    custom = getattr(model, "custom_labels_", None)
    if custom:
        table["label"] = pd.Series(list(custom)[-len(names) :], index=table.index, dtype="str")
    parameters = {"seed": seed, "source": "BERTopic", "embeddings": {"encoder": "given"} | embeddings.attrs}
    key = fingerprint(members, vectors, parameters, versions())
    return Topics(
        table=table,
        members=members,
        centroids=centroids,
        cutoffs=cutoffs,
        ledger=births(table, key, "from_bertopic"),
        parameters=parameters,
        fingerprint=key,
        make_model=lambda: model,
    )


def _terms(model: Any, topic_id: int) -> Terms:
    """Return the model's own words of a topic; BERTopic fills up a short list with empty ones."""
    return [(word, float(weight)) for word, weight in model.get_topic(topic_id) or [] if word][:N_TERMS]
