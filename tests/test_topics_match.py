"""match and renumber: ids that stay, begin and end, on partitions whose truth is planted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trends as tr
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED
from trends.topics import match, renumber
from trends.topics._assign import members_table
from trends.topics._ledger import births
from trends.topics._tables import topic_table


def planted(placed, ids=None, directions=None, start=0):
    """Topics of papers p<start>, p<start+1>, ...: `placed` holds each one's topic."""
    placed = np.asarray(placed)
    ids = sorted({*placed.tolist()} - {UNASSIGNED}) if ids is None else list(ids)
    names = pd.Index([f"p{start + n:04d}" for n in range(len(placed))], name="paper_id", dtype="str")
    papers = pd.DataFrame({"date": pd.Timestamp("2024-05-01")}, index=names)
    papers["date"] = papers["date"].astype("datetime64[us]")
    rows = np.array([ids.index(k) if k != UNASSIGNED else UNASSIGNED for k in placed], dtype=int)
    members = members_table(names, rows, np.full(len(rows), 0.5), np.zeros((len(rows), 2)))
    table = topic_table(papers, members, [[(f"word{k}", 1.0)] for k in ids], 0.9)
    members["topic_id"] = placed.astype("int32")
    table.index = pd.Index(ids, dtype="int32", name="topic_id")
    directions = np.eye(64, dtype=np.float32)[: len(ids)] if directions is None else directions
    return Topics(
        table=table,
        members=members,
        centroids=np.asarray(directions, dtype=np.float32),
        cutoffs=np.full(len(ids), 0.3, dtype=np.float32),
        ledger=births(table, "made up", "toy"),
        parameters={},
        fingerprint="made up",
    )


def told(matching):
    events = matching.events
    return list(zip(events["event"], events["old_ids"], events["new_ids"]))


placements = st.lists(st.integers(-1, 6), min_size=1, max_size=60)


@settings(deadline=None)
@given(placements)
def test_identical_fits_keep_everything(placed):
    topics = planted(placed)
    found = match(topics, topics)
    assert found.ids == {k: k for k in map(int, topics.table.index)}
    kept = found.events
    assert set(kept["event"]) <= {"keep"}
    assert (kept["jaccard"] == 1).all()
    assert kept["cosine"].to_numpy() == pytest.approx(1)


@settings(deadline=None)
@given(placements, st.randoms())
def test_permuted_numbers_and_rows_keep_everything(placed, random):
    topics = planted(placed)
    ids = list(map(int, topics.table.index))
    shuffled = random.sample(range(10), len(ids))
    other = renumber(topics, dict(zip(ids, shuffled)), 0)
    other = replace(other, members=other.members.sample(frac=1, random_state=random.randrange(99)))
    found = match(topics, other)
    assert found.ids == dict(zip(shuffled, ids)) | {}
    assert renumber(other, found.ids, topics.next_id).table.equals(topics.table)
    assert renumber(other, found.ids, topics.next_id).members.sort_index().equals(topics.members)


@settings(max_examples=150, deadline=None)
@given(placements, placements, st.booleans(), st.integers(0, 30))
def test_ids_are_unique_and_never_reused_and_every_topic_is_explained(before, after, same, start):
    earlier, later = planted(before), planted(after, start=start)
    earlier = replace(earlier, parameters={"next_id": 40})
    found = match(earlier, later, same_encoder=same)
    assert sorted(found.ids) == sorted(map(int, later.table.index))
    assert len(set(found.ids.values())) == len(found.ids)
    old, new = set(map(int, earlier.table.index)), set(found.ids.values())
    assert all(k in old or k >= 40 for k in new)
    events = found.events
    first = events[events["event"].isin(["keep", "birth"])]
    assert sorted(k for ids in first["new_ids"] for k in ids) == sorted(new)
    kept = {ids[0] for ids in events.loc[events["event"] == "keep", "old_ids"]}
    assert kept == old & new
    for k in old - kept:
        last = events[events["old_ids"].map(lambda ids, k=k: k in ids)]
        assert len(last), f"topic {k} ended without a word"
        assert set(last["event"]) <= {"merge", "split", "death"}
        assert ("death" in set(last["event"])) == (len(last["new_ids"].sum()) == 0)
    later_again = renumber(later, found.ids, earlier.next_id)
    assert later_again.next_id >= earlier.next_id


def test_a_merge_keeps_the_better_id_and_ends_the_other():
    earlier = planted([0] * 20 + [1] * 12 + [2] * 10)
    later = planted([0] * 32 + [1] * 10, directions=np.eye(64)[[0, 2]])
    found = match(earlier, later)
    assert found.ids == {0: 0, 1: 2}
    assert told(found)[-1] == ("merge", (0, 1), (0,))
    row = found.events.iloc[-1]
    assert (row["n_shared"], row["jaccard"], row["cosine"]) == (32, 1.0, 0.5)


def test_a_split_keeps_the_larger_part_and_tells_both():
    earlier = planted([0] * 30 + [1] * 10)
    later = planted([0] * 20 + [1] * 10 + [2] * 10, directions=np.eye(64)[[0, 5, 1]])
    found = match(earlier, later)
    assert found.ids == {0: 0, 1: 2, 2: 1}
    assert told(found) == [
        ("keep", (0,), (0,)), ("keep", (1,), (1,)), ("birth", (), (2,)), ("split", (0,), (0, 2)),
    ]  # fmt: skip


def test_a_topic_whose_papers_scatter_dies():
    earlier = planted([0] * 10 + [1] * 30)
    later = planted([*[UNASSIGNED] * 8, 0, 0, *[0] * 30], directions=np.eye(64)[[1]])
    found = match(earlier, later)
    assert told(found) == [("keep", (1,), (1,)), ("death", (0,), ())]


def test_papers_alone_decide_where_the_encoder_changed():
    earlier = planted([0] * 20 + [1] * 20)
    turned = planted([0] * 20 + [1] * 20, directions=np.eye(8)[[1, 0]])
    assert match(earlier, turned, same_encoder=False).ids == {0: 0, 1: 1}
    with pytest.raises(tr.InputError, match="pass same_encoder=False"):
        match(earlier, turned)


def test_labels_play_no_part():
    earlier = planted([0] * 20 + [1] * 20)
    table = earlier.table.assign(label=["word1", "word0"]).astype({"label": "str"})
    assert match(earlier, replace(earlier, table=table)).ids == {0: 0, 1: 1}


def test_renumber_says_what_is_wrong():
    topics = planted([0] * 5 + [1] * 5)
    with pytest.raises(tr.InputError, match="lacks that of topic 1"):
        renumber(topics, {0: 3}, 5)
    with pytest.raises(tr.InputError, match="different whole numbers"):
        renumber(topics, {0: 3, 1: 3}, 5)
