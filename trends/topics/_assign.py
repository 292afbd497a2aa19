"""One frozen rule for every paper, old or new: the nearest centroid, if it is near enough.

The rule looks at one paper and the frozen table only, so neither the batch nor the order of papers can
matter, and a series has no seam between papers that were clustered and papers that came later.
"""

from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.records import Topics
from trends.core.tables import PAPERS, UNASSIGNED, check
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import product_by_row, unit_rows

KEPT = 0.98
"""The share of the papers of clusters that the cut-offs keep, each judged as if it had not been seen."""


def nearest(vectors: np.ndarray, centroids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's nearest centroid (the lower one on a tie) and its cosine; -1 and 0 without any."""
    if not len(centroids):
        return np.full(len(vectors), UNASSIGNED), np.zeros(len(vectors), dtype=np.float32)
    with one_thread_per_sum():
        likeness = np.round(vectors @ centroids.T, 6)
    best = likeness.argmax(axis=1)
    return best, likeness[np.arange(len(vectors)), best].astype(np.float32)


def assigned(
    vectors: np.ndarray, centroids: np.ndarray, cutoffs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's topic (-1 below the cut-off) and its cosine to the nearest centroid.

    Unlike that of `nearest`, a row's answer is the same to the last bit whatever rows are beside it: a week
    that comes by itself is where it would be had it come with all others.
    """
    if not len(centroids):
        return nearest(vectors, centroids)
    with one_thread_per_sum():
        likeness = np.round(product_by_row(vectors, centroids.T), 6)
    best = likeness.argmax(axis=1) if len(likeness) else np.empty(0, dtype=np.int64)
    similarity = likeness[np.arange(len(likeness)), best].astype(np.float32)
    return np.where(similarity >= cutoffs[best], best, UNASSIGNED), similarity


def calibrated(
    vectors: np.ndarray, topics: np.ndarray, centroids: np.ndarray, core: np.ndarray
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return cut-offs that keep `KEPT` of the papers of clusters, each as if it had not been seen.

    A core paper is compared with the centroid of its topic's other papers, as a new paper would be. A
    topic's cut-off is the mean of these cosines less one margin for all topics, since a topic of five papers
    has no spread of its own worth trusting; the margin is where `KEPT` of all core papers pass.

    Parameters
    ----------
    vectors
        Unit rows.
    topics
        The topic whose centroid each is nearest to.
    centroids
        The direction of the mean of each topic's papers.
    core
        Which papers stand in clusters, and so ought to be kept.

    Returns
    -------
    tuple
        The cut-offs, and as plain values: kept, the share of core papers that pass as if unseen; refused,
        the share of core papers that are in no topic when their own is taken away, as papers of a foreign
        field would be.
    """
    sums = _sum_lengths(vectors, topics, len(centroids))[:, None] * centroids.astype(np.float64)
    rows = np.flatnonzero(core)
    mine, own = vectors[rows].astype(np.float64), topics[rows]
    others = sums[own] - mine
    lengths = np.linalg.norm(others, axis=1)
    unseen = np.where(lengths > 1e-9, np.einsum("ij,ij->i", others, mine) / np.maximum(lengths, 1e-9), 0)
    means = pd.Series(unseen).groupby(own).mean()
    means = means.reindex(range(len(centroids)), fill_value=means.mean()).to_numpy()
    margin = np.quantile(means[own] - unseen, KEPT)
    cutoffs = np.round(means - margin, 6).clip(-1, 1).astype(np.float32)
    likeness = mine @ centroids.T.astype(np.float64)
    likeness[np.arange(len(rows)), own] = -np.inf
    next_best = likeness.argmax(axis=1)
    refused = likeness[np.arange(len(rows)), next_best] < cutoffs[next_best]
    about = {
        "kept": round(float(np.mean(unseen >= cutoffs[own])), 4),
        "refused": round(float(refused.mean()), 4),
    }
    return cutoffs, about


def _sum_lengths(vectors: np.ndarray, topics: np.ndarray, n_topics: int) -> np.ndarray:
    """Return the length of the sum of each topic's vectors."""
    from scipy.sparse import csr_array

    member = csr_array(
        (np.ones(len(topics)), (topics, np.arange(len(topics)))), shape=(n_topics, len(topics))
    )
    return np.linalg.norm(member @ vectors.astype(np.float64), axis=1)


def assign(papers: pd.DataFrame, embeddings: pd.DataFrame, topics: Topics) -> pd.DataFrame:
    """Assign papers to existing topics by the frozen rule; nothing is fitted.

    Parameters
    ----------
    papers
        The papers, new or old.
    embeddings
        Their vectors, made as those of the topics were.
    topics
        The topics to assign to.

    Returns
    -------
    DataFrame
        Index paper_id in the order of `papers`: topic_id (int32, -1 unassigned), similarity (cosine to the
        nearest centroid), x, y (NaN: the map is that of the fitted papers), how ("centroid" or "none").

    Raises
    ------
    InputError
        The vectors were made by another encoder, or taught on other papers, than those of the topics; or
        a paper has none.
    """
    check(papers, PAPERS)
    vectors = rows_of(papers, embeddings)
    check_space(embeddings, topics)
    found, similarity = assigned(vectors, topics.centroids, topics.cutoffs)
    ids = np.append(topics.table.index.to_numpy(), UNASSIGNED)
    blank = np.full((len(papers), 2), np.nan, dtype=np.float32)
    return members_table(papers.index, ids[found], similarity, blank)


def check_space(embeddings: pd.DataFrame, topics: Topics) -> None:
    """Refuse vectors that cannot be compared with the topics' centroids."""
    fitted = topics.parameters.get("embeddings", {})
    for name in ("encoder", "revision", "student"):
        ours, theirs = fitted.get(name), embeddings.attrs.get(name)
        if fitted.get("encoder", "given") != "given" and embeddings.attrs and ours != theirs:
            raise InputError(
                f"The embeddings are of another space than the topics ({name} {theirs!r}, not {ours!r}); "
                "vectors of lsa or of a student must be made in one go with those of the fitted papers."
            )
    if len(topics.centroids) and embeddings.shape[1] != topics.centroids.shape[1]:
        raise InputError(
            f"The embeddings have {embeddings.shape[1]} dimensions and the topics' centroids "
            f"{topics.centroids.shape[1]}; embed the papers with the encoder of the topics."
        )


def rows_of(papers: pd.DataFrame, embeddings: pd.DataFrame) -> np.ndarray:
    """Return the papers' vectors in their order as unit rows, or say which paper has none."""
    missing = papers.index.difference(embeddings.index)
    if len(missing):
        raise InputError(
            f"The embeddings lack {len(missing)} of {len(papers)} papers, {missing[0]} for one; "
            "embed the same papers that you pass."
        )
    vectors = embeddings.loc[papers.index].to_numpy(dtype=np.float32)
    # Rows that are unit already keep their very bits.
    stretched = np.abs(np.linalg.norm(vectors, axis=1, keepdims=True) - 1) > 1e-3
    return np.where(stretched, unit_rows(vectors), vectors)


def members_table(
    paper_ids: pd.Index, topic_ids: np.ndarray, similarity: np.ndarray, layout: np.ndarray
) -> pd.DataFrame:
    """Return the members table from its parts."""
    return pd.DataFrame(
        {
            "topic_id": np.asarray(topic_ids, dtype="int32"),
            "similarity": np.asarray(similarity, dtype="float32"),
            "x": layout[:, 0].astype("float32"),
            "y": layout[:, 1].astype("float32"),
            "how": np.where(np.asarray(topic_ids) == UNASSIGNED, "none", "centroid"),
        },
        index=paper_ids.rename("paper_id"),
    ).astype({"how": "str"})
