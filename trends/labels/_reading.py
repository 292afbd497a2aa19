"""Which papers are read for labels: the most typical ones of each topic, and some of no topic.

A topic's words are told by a few hundred of its papers as well as by all of them, so that the cost of naming
grows with the number of topics and not with the corpus. What the chosen papers use is weighed by the sizes of
the topics they stand for.
"""

import hashlib

import numpy as np
import pandas as pd

READ = 5000
"""At most about so many papers are read; what small topics leave of their part goes to the larger ones. Of
the most typical papers alone names come out sharper than of all (DECISIONS.md)."""

LEAST = 40
"""So many papers of each topic are read even where the topics are many."""


def chosen(members: pd.DataFrame) -> pd.Index:
    """Return the ids of the papers to read, sorted.

    Parameters
    ----------
    members
        paper_id: `topic_id` and `similarity`; all papers of a topic with at most the quota are read, of the
        others those nearest the topic's centre. Unassigned papers are at the edge of every topic, so of
        them any may do, and a hash of their ids decides.
    """
    sizes = np.sort(members["topic_id"].value_counts().to_numpy())
    quota = max(_quota(sizes), LEAST)
    if not len(sizes) or quota >= sizes[-1]:
        return members.index.sort_values()
    topic_id = members["topic_id"].to_numpy()
    rank = np.where(topic_id >= 0, -np.round(members["similarity"].fillna(-1).to_numpy(np.float64), 6), 0)
    loose = np.flatnonzero(topic_id < 0)
    rank[loose] = [int(hashlib.sha256(str(k).encode()).hexdigest()[:8], 16) for k in members.index[loose]]
    order = pd.DataFrame({"topic": topic_id, "rank": rank, "id": members.index})
    order = order.sort_values(["topic", "rank", "id"])
    return pd.Index(order.groupby("topic")["id"].head(quota).sort_values(), dtype=members.index.dtype)


def _quota(sizes: np.ndarray) -> int:
    """Return the number of papers per topic that adds up to `READ`; `sizes` rise."""
    left = READ
    for k, size in enumerate(sizes.tolist()):
        part = left // (len(sizes) - k)
        if size > part:
            return part
        left -= size
    return int(sizes[-1]) if len(sizes) else 0
