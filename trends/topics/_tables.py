"""The tables of a Topics record, made from members and words."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trends.core.tables import UNASSIGNED
from trends.topics._terms import Terms

N_EXEMPLARS = 5


def topic_table(
    papers: pd.DataFrame, members: pd.DataFrame, terms: Sequence[Terms], stability: np.ndarray | float
) -> pd.DataFrame:
    """Return one row per topic, 0 and up; `terms` gives each topic's best words with weights."""
    n_topics = len(terms)
    ids = pd.RangeIndex(n_topics, name="topic_id").astype("int32")
    inside = members[members["topic_id"] != UNASSIGNED]
    dates = papers["date"].reindex(inside.index).groupby(inside["topic_id"])
    best = inside.reset_index().sort_values(
        ["topic_id", "similarity", "paper_id"], ascending=[True, False, True]
    )
    exemplars = {k: tuple(found.head(N_EXEMPLARS)) for k, found in best.groupby("topic_id")["paper_id"]}
    labels = [", ".join(word for word, _ in terms[k][:3]) or f"topic {k}" for k in ids]
    weights = [tuple(round(float(weight), 4) for _, weight in terms[k]) for k in ids]
    cohesion = inside.groupby("topic_id")["similarity"].mean().reindex(ids)
    return pd.DataFrame(
        {
            "label": pd.Series(labels, index=ids, dtype="str"),
            "terms": pd.Series([tuple(word for word, _ in terms[k]) for k in ids], index=ids, dtype=object),
            "term_weights": pd.Series(weights, index=ids, dtype=object),
            "n_papers": inside["topic_id"].value_counts().reindex(ids, fill_value=0).astype("int64"),
            "first_date": dates.min().reindex(ids).astype("datetime64[us]"),
            "last_date": dates.max().reindex(ids).astype("datetime64[us]"),
            "stability": stability,
            "cohesion": cohesion.astype("float64").round(4),
            "exemplars": pd.Series([exemplars.get(k, ()) for k in ids], index=ids, dtype=object),
        },
        index=ids,
    )
