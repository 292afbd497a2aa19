"""Whether topics still fit the papers that came after they were found."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trends.core.records import Topics
from trends.core.tables import UNASSIGNED
from trends.core.threads import one_thread_per_sum
from trends.topics._assign import rows_of
from trends.topics._discover import LEAF_PER_ROOT, PART_MOST, SMALLEST_LEAF
from trends.topics._extend import fitted

FAR = 0.05
"""A paper is far from the topics where at most this share of the fit's papers, each judged as if it had not
been seen, is as far from its own. The cut-offs let more pass, since a chart should place what it can; what
asks whether topics still fit looks at the same papers whatever they let pass."""

MORE_FAR = 0.05
"""A refit is proposed where so much more of the later papers than of the fit's is far (assumed)."""

SURE = 1.645
"""And more than so many standard errors above it, or the first ten papers would decide (one-sided 5 %)."""

POOL_MOST = 5_000
QUANTILES = {"similarity_10": 0.1, "similarity_50": 0.5, "similarity_90": 0.9}


@dataclass(frozen=True, eq=False)
class Drift:
    """How the papers that came after a fit compare with those of the fit.

    Attributes
    ----------
    table
        Rows "at fit" and "since": n_papers, unassigned and far (shares, 0-1), similarity_10, similarity_50
        and similarity_90 (quantiles of the cosine to the nearest centroid), near_cutoff (share of assigned
        papers within .02 of their cut-off, those that a breath would unassign).
    largest_pool
        How many of the far later papers lie together, each as like another as papers of a topic are.
    propose_refit
        Whether finding the topics anew is worth it.
    verdict
        Why, or why not, in a sentence.
    """

    table: pd.DataFrame
    largest_pool: int
    propose_refit: bool
    verdict: str

    def __repr__(self) -> str:
        return f"<Drift: {self.verdict}>"


def drift(papers: pd.DataFrame, embeddings: pd.DataFrame, topics: Topics) -> Drift:
    """Measure how far the papers since the fit have drifted from its topics.

    A paper is far where it is in no topic, or further from its own than 95 % of the fit's papers were, each
    judged as if it had not been seen. A refit is proposed where the far share of later papers is more than 5
    points above that of the fit, and by more than chance, or where as many far later papers lie together as
    would have made a topic (all thresholds assumed).

    Parameters
    ----------
    papers, embeddings
        All papers and their vectors.
    topics
        The topics, with the later papers assigned.
    """
    return drift_of(topics, lambda ids: embeddings.loc[papers.loc[ids].index])


def drift_of(topics: Topics, vectors_of: Callable[[pd.Index], pd.DataFrame]) -> Drift:
    """Measure drift as `drift` does, where `vectors_of` gives the vectors of some papers by their ids."""
    old = fitted(topics).to_numpy()
    far = _far(topics, old)
    table = pd.DataFrame({"at fit": _row(topics, old, far), "since": _row(topics, ~old, far)}).T
    table = table.astype({"n_papers": "int64"}).rename_axis("papers")
    n_since, n_fit = int(table.at["since", "n_papers"]), int(table.at["at fit", "n_papers"])
    if not n_since:
        return Drift(table, 0, False, "No paper came after the fit.")
    pool = topics.members.index[~old & far][-POOL_MOST:]
    together = _largest(rows_of(pd.DataFrame(index=pool), vectors_of(pool)), topics)
    smallest = max(SMALLEST_LEAF, round(LEAF_PER_ROOT * np.sqrt(min(n_fit, PART_MOST))))
    before, since = table.at["at fit", "far"], table.at["since", "far"]
    error = np.sqrt(before * (1 - before) / n_since)
    more = since - before > max(MORE_FAR, SURE * error)
    told = (
        f"Of {n_since:,} papers since the fit {since:.0%} are far from every topic, at the fit {before:.0%}"
    )
    grown = together >= smallest
    if more and grown:
        why = f"; {together} of them lie together, enough for a topic. Find the topics anew (refit)."
    elif more:
        why = ", more than chance and 5 points. Find the topics anew (refit)."
    elif grown:
        why = f", but {together} of these lie together, enough for a topic. Find the topics anew (refit)."
    else:
        why = "; the topics still fit."
    return Drift(table, together, bool(more or grown), told + why)


def _far(topics: Topics, old: np.ndarray) -> np.ndarray:
    """Tell which papers are far from the topics, a fitted one as if it had not been seen."""
    topic = topics.members["topic_id"].where(topics.members["topic_id"] != UNASSIGNED)
    similarity = topics.members["similarity"].astype(float)
    # The cosines of a topic's papers to its centroid add up to the length of the sum of their vectors, hence
    # the cosine to the centroid of the others.
    length = similarity[old].groupby(topic[old]).sum().reindex(topic).to_numpy()
    others = np.sqrt(np.maximum(length**2 - 2 * length * similarity + 1, 1e-12))
    unseen = similarity.where(~old, (length * similarity - 1) / others)
    fall = unseen[old].groupby(topic[old]).mean().reindex(topic).to_numpy() - unseen
    fall = fall.fillna(np.inf).to_numpy()
    line = np.quantile(fall[old], 1 - FAR, method="lower") if old.any() else np.inf
    return (fall > line) | np.isposinf(fall)


def _row(topics: Topics, which: np.ndarray, far: np.ndarray) -> dict[str, float]:
    mine = topics.members[which]
    inside = mine[mine["topic_id"] != UNASSIGNED]
    cutoffs = pd.Series(topics.cutoffs, index=topics.table.index).reindex(inside["topic_id"]).to_numpy()
    similarity = mine["similarity"].to_numpy(dtype=float)
    return {
        "n_papers": len(mine),
        "unassigned": 1 - len(inside) / len(mine) if len(mine) else np.nan,
        "far": float(far[which].mean()) if len(mine) else np.nan,
        **{name: float(np.quantile(similarity, q)) if len(mine) else np.nan for name, q in QUANTILES.items()},
        "near_cutoff": float(np.mean(inside["similarity"].to_numpy() - cutoffs < 0.02))
        if len(inside)
        else np.nan,
    }


def _largest(vectors: np.ndarray, topics: Topics) -> int:
    """Return the size of the largest group of a paper and its like.

    Papers of a topic whose cosine to its centroid is c on average have about c squared with each other.
    """
    if len(vectors) < 2:
        return len(vectors)
    alike = float(np.median(topics.table["cohesion"].dropna())) ** 2 if len(topics.table) else 0.5
    with one_thread_per_sum():
        return int(((vectors @ vectors.T) >= alike).sum(axis=1).max())
