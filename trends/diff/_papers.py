"""Which papers are new, gone or elsewhere now, and what that makes of the counts of earlier periods."""

import numpy as np
import pandas as pd

from trends.core.tables import UNASSIGNED
from trends.diff._side import Side, named
from trends.diff._topics import Lineage

PAPERS = ["change", "title", "date", "topic_id", "earlier_id", "before", "now", "late"]
CHANGES = ("new", "gone", "another period", "another topic")
COUNTS = ["label", "n_before", "n_now", "n_added", "n_gone", "n_moved_in", "n_moved_out", "complete_before"]


def paper_changes(earlier: Side, later: Side, found: Lineage) -> pd.DataFrame:
    """Return one row for each change of a paper, as in `Diff.papers`."""
    every = later.counts.every
    both = pd.DataFrame(
        {
            "earlier_id": earlier.topic_of(),
            "topic_id": later.topic_of(),
            "then": earlier.periods(),
            "since": later.periods(),
        }
    ).rename_axis("paper_id")
    both[["earlier_id", "topic_id"]] = both[["earlier_id", "topic_id"]].astype("Int64")
    new, gone = both["earlier_id"].isna(), both["topic_id"].isna()
    shared = ~new & ~gone
    moved = shared & ~_same(both["then"], both["since"])
    # Papers that went the way of their topic, into a merge or a split, are told by the topic.
    known = {**found.heirs, UNASSIGNED: frozenset({UNASSIGNED})}
    followed = [
        not stays or int(own) in known.get(int(old), frozenset())
        for stays, old, own in zip(shared, both["earlier_id"], both["topic_id"])
    ]
    labels = earlier.topics.labels, later.topics.labels
    parts = []
    for change, rows in zip(CHANGES, (new, gone, moved, ~np.array(followed, bool))):
        part = both[rows.to_numpy() if isinstance(rows, pd.Series) else rows]
        if change == "another period":
            before = [named(period, every) for period in part["then"]]
            now = [named(period, every) for period in part["since"]]
        else:
            before = ["" if pd.isna(t) else str(labels[0][int(t)]) for t in part["earlier_id"]]
            now = ["" if pd.isna(t) else str(labels[1][int(t)]) for t in part["topic_id"]]
        parts.append(part.assign(change=change, before=before, now=now))
    table = pd.concat(parts)
    known_papers = pd.concat([later.papers, earlier.papers])[["title", "date"]]
    known_papers = known_papers[~known_papers.index.duplicated()].loc[table.index]
    whole = set(earlier.complete())
    table["late"] = table["change"].eq("new") & table["since"].isin(whole)
    table = table.assign(title=known_papers["title"].to_numpy(), date=known_papers["date"].to_numpy())
    order = table["change"].map(CHANGES.index)
    table = table.assign(_order=order, _id=table.index).sort_values(["_order", "date", "_id"])
    return table[PAPERS].astype({"change": str, "before": str, "now": str, "title": str})


def count_changes(earlier: Side, later: Side) -> pd.DataFrame:
    """Return the earlier study's periods that hold other papers now, as in `Diff.counts`."""
    then, since = earlier.periods(), later.periods()
    both = then.index.intersection(since.index)
    moved = both[~_same(then[both], since[both]).to_numpy()]
    parts = {
        "n_before": then,
        "n_now": since,
        "n_added": since[since.index.difference(both)],
        "n_gone": then[then.index.difference(both)],
        "n_moved_in": since[moved],
        "n_moved_out": then[moved],
    }
    periods = earlier.counts.periods
    table = pd.DataFrame(
        {name: days.value_counts().reindex(periods.index, fill_value=0) for name, days in parts.items()}
    ).rename_axis("period")
    table.insert(0, "label", [named(period, earlier.counts.every) for period in table.index])
    table["complete_before"] = periods["complete"].to_numpy(bool)
    changed = table[["n_added", "n_gone", "n_moved_in", "n_moved_out"]].any(axis="columns")
    return table.loc[changed, COUNTS].astype({"label": str})


def _same(one: pd.Series, other: pd.Series) -> pd.Series:
    return (one == other) | (one.isna() & other.isna())
