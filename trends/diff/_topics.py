"""Which topics continue, which were born, ended, merged or split, and how papers flow between them."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from trends.core.tables import UNASSIGNED
from trends.diff._side import Side
from trends.topics._match import match

EVENTS = ("born", "ended", "replaced", "merged", "split", "renamed", "kept")
COLUMNS = [
    "event", "earlier_ids", "topic_ids", "before", "now", "n_before", "n_papers", "n_shared", "jaccard",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Lineage:
    """How the topics of one study continue in the other.

    Attributes
    ----------
    kept
        earlier topic_id -> the later one that is the same topic.
    heirs
        earlier topic_id -> all later ones that it went into by name: kept, merged or split.
    table
        The events, as in `Diff.topics`.
    """

    kept: dict[int, int]
    heirs: dict[int, frozenset[int]]
    table: pd.DataFrame

    @property
    def earlier_of(self) -> dict[int, int]:
        """later topic_id -> the earlier one that is the same topic."""
        return {later: earlier for earlier, later in self.kept.items()}


def lineage(earlier: Side, later: Side, flows: pd.DataFrame) -> Lineage:
    """Match the topics and say what became of each."""
    one_space = (
        not earlier.from_page
        and earlier.encoder == later.encoder
        and earlier.topics.centroids.shape[1] == later.topics.centroids.shape[1]
    )
    matching = match(earlier.topics, later.topics, same_encoder=one_space)
    # The matching numbers later topics on from the earlier ones.
    later_of = {int(continued): int(own) for own, continued in matching.ids.items()}
    known = {int(t) for t in earlier.topics.table.index}
    kept = {old: own for old, own in later_of.items() if old in known}
    heirs = {old: {own} for old, own in kept.items()}
    found: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = []
    events = [row for row in matching.events.itertuples() if row.event in ("merge", "split")]
    torn = {int(old) for row in events if row.event == "split" for old in row.old_ids}
    for row in events:
        olds = tuple(sorted(map(int, row.old_ids)))
        owns = tuple(sorted(later_of.get(int(new), int(new)) for new in row.new_ids))
        for old in olds:
            heirs.setdefault(old, set()).update(owns)
        alone = row.event == "merge" and len(olds) == 1
        if not (alone and olds[0] in torn):
            name = "split" if row.event == "split" else "replaced" if alone else "merged"
            found.append((name, olds, owns))
    seen_before = {old for _, olds, _ in found for old in olds}
    seen_now = {own for _, _, owns in found for own in owns}
    found += [("ended", (old,), ()) for old in sorted(known - seen_before - set(kept))]
    for own in sorted(set(later_of.values()) - seen_now - set(kept.values())):
        found.append(("born", (), (own,)))
    labels = earlier.topics.table["label"], later.topics.table["label"]
    for old, own in sorted(kept.items()):
        if old not in seen_before:
            same = labels[0][old] == labels[1][own]
            found.append(("kept" if same else "renamed", (old,), (own,)))
    return Lineage(
        kept,
        {old: frozenset(owns) for old, owns in heirs.items()},
        _table(earlier, later, flows, sorted(found, key=lambda row: (EVENTS.index(row[0]), row[1:]))),
    )


def _table(
    earlier: Side,
    later: Side,
    flows: pd.DataFrame,
    found: list[tuple[str, tuple[int, ...], tuple[int, ...]]],
) -> pd.DataFrame:
    shared = flows.dropna(subset=["earlier_id", "topic_id"])
    rows: list[tuple[Any, ...]] = []
    for event, olds, owns in found:
        old, own = (shared[name].isin(ids) for name, ids in (("earlier_id", olds), ("topic_id", owns)))
        both = int(shared.loc[old & own, "n_papers"].sum())
        either = int(shared.loc[old | own, "n_papers"].sum())
        before, now = earlier.topics.table.loc[list(olds)], later.topics.table.loc[list(owns)]
        rows.append(
            (
                event, olds, owns, tuple(before["label"]), tuple(now["label"]), int(before["n_papers"].sum()),
                int(now["n_papers"].sum()), both, both / either if either else 0.0,
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def flow(earlier: Side, later: Side) -> pd.DataFrame:
    """Count the papers by their topic in both studies; missing where a paper is in one of them alone."""
    pairs = pd.DataFrame({"earlier_id": earlier.topic_of(), "topic_id": later.topic_of()}).astype("Int64")
    sizes = pairs.value_counts(dropna=False).rename("n_papers").reset_index()
    return sizes.sort_values(["earlier_id", "topic_id"], na_position="last", ignore_index=True)


def labelled(flows: pd.DataFrame, earlier: Side, later: Side, kept: dict[int, int]) -> pd.DataFrame:
    """Add the labels of both sides, and the topic that continues the earlier one."""
    before = flows["earlier_id"].map(earlier.topics.labels).fillna("").astype(str)
    now = flows["topic_id"].map(later.topics.labels).fillna("").astype(str)
    heir = flows["earlier_id"].map({**kept, UNASSIGNED: UNASSIGNED}).astype("Int64")
    return flows.assign(label_before=before, label=now, heir=heir)
