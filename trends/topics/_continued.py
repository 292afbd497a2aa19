"""Topics found anew that begin from those there were: what goes on moves with its papers, what is new joins.

Two fits from nothing, a month apart, put a fifth to a third of the papers of hf_daily into other topics
(DECISIONS.md): the papers allow many partitions that are as good. Which of them a study has is decided once.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import mean_directions
from trends.core.words import documents, word_counts
from trends.topics._assign import assigned, members_table, nearest, rows_of
from trends.topics._fit import FEWEST
from trends.topics._ledger import births
from trends.topics._match import match
from trends.topics._tables import topic_table
from trends.topics._terms import class_terms

NOVEL_FROM = 0.5
"""A topic of a fresh fit is new if this part of its papers was in no topic before (assumed)."""


def continued(papers: pd.DataFrame, embeddings: pd.DataFrame, earlier: Topics, fresh: Topics) -> Topics:
    """Return the earlier topics where their papers are now, with the topics of a fresh fit that are new.

    A centroid becomes the direction of the mean of the papers nearest to it, a topic to which too few are
    nearest ends, and a topic of the fresh fit of whose papers half or more were in none is added. Cut-offs
    stay with their topics: to set them again by the papers they let in would let fewer in each time.

    Parameters
    ----------
    papers, embeddings
        All papers and their vectors, in a space that is that of the earlier centroids.
    earlier, fresh
        The topics so far, and those that `cluster` finds among all papers now.

    Returns
    -------
    Topics
        Numbered by rows, those that go on first; `renumber` gives them their ids. Stability is that of the
        topic of the fresh fit that matches, NaN where none does.
    """
    papers = papers.sort_index()
    vectors = np.ascontiguousarray(rows_of(papers, embeddings))
    was = earlier.members["topic_id"].reindex(papers.index).to_numpy()
    is_now = fresh.members["topic_id"].reindex(papers.index).to_numpy()
    novel = [
        row
        for row, k in enumerate(fresh.table.index)
        if (is_now == k).any() and np.mean(was[is_now == k] == UNASSIGNED) >= NOVEL_FROM
    ]
    centroids = np.concatenate([_moved(vectors, was, earlier), fresh.centroids[novel]])
    cutoffs = np.concatenate([earlier.cutoffs, fresh.cutoffs[novel]])
    with one_thread_per_sum():
        while len(centroids):
            best, _ = nearest(vectors, centroids)
            enough = np.bincount(best, minlength=len(centroids)) >= FEWEST
            if enough.all():
                centroids = mean_directions(vectors, best)
                break
            centroids, cutoffs = centroids[enough], cutoffs[enough]
    found, similarity = assigned(vectors, centroids, cutoffs)
    drawn = fresh.members[["x", "y"]].reindex(papers.index).to_numpy()
    members = members_table(papers.index, found, similarity, drawn)
    counts = word_counts(documents(papers))
    terms = class_terms(counts, vectors, found, centroids)
    table = topic_table(papers, members, terms, np.nan)
    key = fingerprint("continued", earlier.fingerprint, fresh.fingerprint)
    made = replace(
        fresh,
        table=table,
        members=members,
        centroids=centroids.astype(np.float32),
        cutoffs=cutoffs.astype(np.float32),
        ledger=births(table, key, "continued"),
        fingerprint=key,
        make_model=None,
    )
    like = match(fresh, made)
    pairs = {k: i for k, i in like.ids.items() if i in fresh.table.index}
    stability = pd.Series({k: fresh.table["stability"].get(i) for k, i in pairs.items()}, dtype=float)
    return replace(made, table=table.assign(stability=stability.reindex(table.index).to_numpy()))


def _moved(vectors: np.ndarray, was: np.ndarray, earlier: Topics) -> np.ndarray:
    """Return each earlier topic's centroid as its papers have it now; of an empty one as it was."""
    found = earlier.centroids.copy()
    for row, k in enumerate(earlier.table.index):
        if (was == k).any():
            found[row] = mean_directions(vectors[was == k], np.zeros(int((was == k).sum()), dtype=int))[0]
    return found
