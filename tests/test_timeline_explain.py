"""Explaining a change: parts sum to it, groups are taken away exactly, and the planted one is named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_timeline_count import make_papers, make_topics

from trends.core.errors import InputError
from trends.timeline import count, explain, measure


def corpus(rows):
    """Make papers of (date, topic, venue)."""
    papers = make_papers([(date, "day") for date, _, _ in rows])
    papers["venue"] = pd.Series([venue for _, _, venue in rows], index=papers.index, dtype=str)
    papers["title"] = pd.Series(
        ["Sparse routing" if topic == 0 else "Dense kernels" for _, topic, _ in rows],
        index=papers.index,
        dtype=str,
    )
    return papers, make_topics(papers, [topic for _, topic, _ in rows])


def workshop(years=2):
    """Four papers of topic 0 in 40 a month; in the last month ten more on one day, of a venue W."""
    rows = []
    for start in pd.date_range("2022-01-01", periods=12 * years, freq="MS"):
        for i in range(40):
            topic = 0 if i % 10 == 0 else -1 if i % 10 == 5 else 1 + i % 2
            rows.append((f"{start:%Y-%m}-{1 + i * 7 % 28:02d}", topic, "AB"[i // 20]))
    rows += [(f"{2021 + years}-12-28", 1, "A"), (f"{2021 + years}-12-31", 1, "A")]
    rows += [(f"{2021 + years}-12-17", 0, "W")] * 10
    return corpus(rows)


def test_one_workshop_day_by_hand():
    papers, topics = workshop()
    found = explain(papers, topics, 0, every="month")
    assert found.before == (pd.Timestamp("2023-11-01"),) and found.after == (pd.Timestamp("2023-12-01"),)
    assert (found.n_before, found.total_before, found.n_after, found.total_after) == (4, 40, 14, 52)
    assert found.change == pytest.approx(14 / 52 - 4 / 40)
    venue = found.groups[found.groups["by"] == "venue"].set_index("group")
    assert venue.index[0] == "W"
    row = venue.loc["W"]
    assert row["part"] == pytest.approx(10 / 52)
    # Without the workshop: 4 of 42 after.
    assert row["without"] == pytest.approx(4 / 42 - 4 / 40)
    assert row["influence"] == pytest.approx(found.change - row["without"])
    assert row["influence_share"] > 1 and row["decisive"] and not venue.loc["A", "decisive"]
    assert venue["part"].sum() == pytest.approx(found.change)
    day = found.groups[found.groups["by"] == "day"].iloc[0]
    assert day["group"] == "2023-12-17" and day["decisive"]
    assert (
        "All of the rise is one venue, W (10 of the topic's 14 papers after and 0 of 4 before)" in found.text
    )
    assert "one day, 2023-12-17" in found.text and "due to" not in found.text
    listed = found.papers[(found.papers["by"] == "venue") & (found.papers["group"] == "W")]
    assert len(listed) == 10 and (listed["time"] == "after").all()
    assert listed["title"].unique().tolist() == ["Sparse routing"]


def test_the_call_without_a_group_is_that_of_the_other_papers_counted_again():
    papers, topics = planted_venue()
    found = explain(papers, topics, 0, by="venue", every="year")
    assert found.status in ("growing", "emerging")
    row = found.groups.set_index("group").loc["A"]
    rest = papers[papers["venue"] != "A"]
    again = measure(count(rest, topics, every="year")).calls["status"][0]
    assert row["status_without"] == str(again) != found.status
    assert row["decisive"] and f"the call is {again}, not {found.status}" in found.text
    assert not found.groups.set_index("group").loc["B", "decisive"]


def planted_venue():
    """Topic 0 grows in venue A only, which never holds half of its papers at first."""
    rng = np.random.default_rng(0)
    rows = []
    for year in range(8):
        for venue, share in (("A", 0.03 + 0.05 * year), ("B", 0.1), ("C", 0.1)):
            drawn = rng.choice(3, 150, p=[share, (1 - share) / 2, (1 - share) / 2])
            rows += [(f"{2016 + year}-{1 + i % 12:02d}-15", topic, venue) for i, topic in enumerate(drawn)]
        rows.append((f"{2016 + year}-01-01", 1, "B"))
        rows.append((f"{2016 + year}-12-31", 1, "B"))
    return corpus(rows)


GROUPED = st.lists(
    st.tuples(
        st.dates(pd.Timestamp("2020-01-01").date(), pd.Timestamp("2021-12-31").date()).map(str),
        st.integers(-1, 2),
        st.sampled_from(["", "a", "b", "c"]),
    ),
    min_size=2,
    max_size=40,
)


@settings(max_examples=15, deadline=None)
@given(rows=GROUPED, topic_id=st.integers(-1, 2))
def test_parts_of_a_partition_sum_to_the_change(rows, topic_id):
    rows = [("2020-01-01", 0, "a"), ("2021-12-31", 1, "b"), *rows]
    papers, topics = corpus(rows)
    found = explain(papers, topics, topic_id, by=["venue", "day"], every="year")
    counts = count(papers, topics, every="year")
    cells = counts.table[counts.table["topic_id"] == topic_id].set_index("period")
    share = cells["n_papers"] / cells["n_total"]
    assert found.change == pytest.approx(share.iloc[1] - share.iloc[0])
    assert found.change_low <= found.change <= found.change_high
    for _, group in found.groups.groupby("by"):
        assert group["part"].sum() == pytest.approx(found.change)
        assert group[["n_before", "total_before", "n_after", "total_after"]].sum().tolist() == [
            found.n_before,
            found.total_before,
            found.n_after,
            found.total_after,
        ]
    for _, row in found.groups[found.groups["by"] == "venue"].iterrows():
        rest = papers[papers["venue"] != ("" if row["group"] == "none stated" else row["group"])]
        years = rest["date"].dt.year
        of_topic = topics.members["topic_id"].reindex(rest.index) == topic_id
        if {2020, 2021} <= set(years):
            again = of_topic[years == 2021].mean() - of_topic[years == 2020].mean()
            assert row["without"] == pytest.approx(again)
        else:
            assert np.isnan(row["without"])


def test_times_can_be_named_and_joined():
    papers, topics = workshop()
    one = explain(papers, topics, 0, before="2022-03", after="2023-12-05", every="month", by="venue")
    assert one.before == (pd.Timestamp("2022-03-01"),) and one.after == (pd.Timestamp("2023-12-01"),)
    two = explain(
        papers,
        topics,
        0,
        before=["2022-01", "2022-02"],
        after=("2023-11", "2023-12"),
        every="month",
        by="day",
    )
    assert (two.n_before, two.total_before, two.n_after, two.total_after) == (8, 80, 18, 92)
    assert "2022-01 to 2022-02" in two.text
    quarter = explain(papers, topics, 0, after="2023 Q4", every="quarter", by="venue")
    assert quarter.before == (pd.Timestamp("2023-07-01"),)


def test_the_largest_jump_is_found_and_said_to_be_looked_for():
    papers, topics = workshop()
    moved = papers["date"].where(papers["venue"] != "W", pd.Timestamp("2022-07-14"))
    found = explain(papers.assign(date=moved.dt.as_unit("us")), topics, 0, after="largest", every="month")
    assert found.after == (pd.Timestamp("2022-07-01"),)
    assert "some period always does" in found.text


def test_a_change_within_chance_has_no_culprit():
    papers, topics = workshop()
    found = explain(papers, topics, 1, before="2022-03", after="2022-04", every="month")
    assert found.change == 0 and not found.groups["decisive"].any()
    assert "stayed the same, from 40.0% (16 of 40 papers, 2022-03) to 40.0%" in found.text
    assert "No single venue, day or week changes the call" in found.text
    assert "chance alone" in found.text and "half" not in found.text and "Words" not in found.text


@pytest.mark.parametrize(("n_after", "said"), [(1_000, "stayed the same, from"), (1_004, "rose from")])
def test_a_change_that_rounds_to_nothing_is_no_rise(n_after, said):
    # 1,000 of 2,001 papers before; 1,000 or 1,004 of 2,000 after, .02 and .2 percentage points more.
    before = [("2022-01-05", int(i >= 1_000), "A") for i in range(2_001)]
    papers, topics = corpus(before + [("2022-02-28", int(i >= n_after), "A") for i in range(2_000)])
    found = explain(papers, topics, 0, by="venue", before="2022-01", after="2022-02", every="month")
    assert found.change > 0 and said in found.text


def test_a_tag_that_is_the_topic_explains_nothing():
    papers, topics = workshop()
    is_topic = (topics.members["topic_id"] == 0).to_numpy()
    papers["tags"] = [("routing",) if mine else ("kernels", "dense") for mine in is_topic]
    found = explain(papers, topics, 0, by="tags", every="month")
    row = found.groups.set_index("group").loc["routing"]
    assert row["overlapping"] and row["influence_share"] == pytest.approx(1) and not row["decisive"]
    # Without the papers of all other topics its share would be 1 at both times: that is no reason either.
    assert not found.groups["decisive"].any()
    assert "kernels" not in found.text and "dense" not in found.text


def test_a_tag_of_a_topic_that_had_no_papers_before_explains_nothing():
    papers, topics = corpus(
        [("2022-01-05", 1, "A")] * 60 + [("2022-02-05", 1, "A")] * 40 + [("2022-02-28", 0, "W")] * 20
    )
    is_topic = (topics.members["topic_id"] == 0).to_numpy()
    papers["tags"] = [("routing",) if mine else ("kernels", "dense") for mine in is_topic]
    found = explain(papers, topics, 0, by=["tags", "venue"], before="2022-01", after="2022-02", every="month")
    rows = found.groups.set_index(["by", "group"])
    assert found.n_before == 0 and rows.loc[("tags", "routing"), "influence_share"] == pytest.approx(1)
    assert not rows.loc[("tags", "routing"), "decisive"]
    alone = explain(papers, topics, 0, by="tags", before="2022-01", after="2022-02", every="month")
    assert "but for routing, which most of the topic's papers share" in alone.text
    assert rows.loc[("venue", "W"), "decisive"] and "one venue, W (20 of the topic's 20" in found.text


def test_topics_of_chance_have_no_culprit_among_hundreds_of_tags():
    rng = np.random.default_rng(1)
    papers, _ = planted_venue()
    papers["tags"] = [tuple(f"tag {k}" for k in rng.choice(300, 4)) for _ in range(len(papers))]
    topics = make_topics(papers, rng.integers(0, 10, len(papers)), 10)
    found = [explain(papers, topics, k, by=["tags", "venue"], every="year") for k in range(4)]
    assert sum(bool(one.groups["decisive"].any()) for one in found) <= 1


def test_new_words_and_what_else_changed():
    papers, topics = workshop()
    last = papers["venue"] == "W"
    papers.loc[last, "title"] = "Lottery pruning"
    papers["sources"] = [("new.csv",) if later else ("old.csv",) for later in papers["date"] >= "2023-12-01"]
    found = explain(papers, topics, 0, every="month")
    assert set(found.words["word"][:2]) == {"lottery", "pruning"}
    row = found.words.set_index("word").loc["lottery"]
    assert (row["n_before"], row["n_after"], bool(row["new"])) == (0, 10, True)
    # 10 of 14 papers after; before half of a paper in 4 + 1.
    assert row["weight"] == pytest.approx(10 / 14 * np.log(10 / 14 / (0.5 / 5)))
    assert found.changes.loc[["source new.csv", "source old.csv"], "changed"].all()
    assert not found.changes.loc[["dated to the day", "unassigned", "incomplete periods"], "changed"].any()
    assert "source new.csv (0% to 100%)" in found.text
    assert found.changes.loc["papers a day", ["before", "after"]].tolist() == pytest.approx(
        [40 / 30, 52 / 31]
    )


def test_words_are_counted_among_papers_of_one_kind_and_lost_abstracts_are_told():
    papers, topics = workshop()
    before, after = papers["date"] < "2023-12-01", papers["venue"] == "W"
    assert explain(papers, topics, 0, every="month").changes.index.isin(["without abstract"]).sum() == 0
    papers["abstract"] = papers["abstract"].where(before, "Kernels are dense. Lottery tickets.")
    whole = explain(papers, topics, 0, every="month")
    # All papers before lack an abstract and none after does: there is nothing of their kind to compare with.
    assert whole.words.empty
    assert whole.changes.loc["without abstract", ["before", "after"]].tolist() == [1.0, 0.0]
    assert whole.changes.loc["without abstract", "changed"]
    assert "without abstract (100% to 0%)" in whole.text
    # One of the topic's four papers before has one, too.
    one = papers.index[(topics.members["topic_id"] == 0).to_numpy() & (papers["date"] >= "2023-11-01")][0]
    papers.loc[one, "abstract"] = "Lottery tickets."
    papers.loc[after, "title"] = "Winning tickets"
    found = explain(papers, topics, 0, every="month").words.set_index("word")
    assert found.loc["winning", ["n_before", "n_after"]].tolist() == [0, 10]
    assert found.loc["lottery", ["n_before", "share_before"]].tolist() == [1, 1.0]


def test_a_jump_of_the_unassigned_is_explained_without_a_call():
    papers, topics = workshop()
    members = topics.members.assign(
        topic_id=np.where(papers["venue"] == "W", -1, topics.members["topic_id"]).astype("int32")
    )
    found = explain(papers, make_topics(papers, members["topic_id"]), -1, by="venue", every="month")
    assert found.status == "" and (found.groups["status_without"] == "").all()
    assert found.groups.iloc[0]["group"] == "W" and found.changes.loc["unassigned", "changed"]


def test_one_group_alone_cannot_be_taken_away():
    papers, topics = workshop()
    papers["venue"] = "A"
    found = explain(papers, topics, 0, by="venue", every="month")
    row = found.groups.iloc[0]
    assert row["part"] == pytest.approx(found.change) and np.isnan(row["without"]) and not row["decisive"]
    assert "No single venue" in found.text


@pytest.mark.parametrize(
    ("topic_id", "options", "match"),
    [
        (9, {}, "topic_id must be one of -1, 0, 1, 2, not 9"),
        (0, {"after": "2031-01"}, "lies in no month with papers"),
        (0, {"after": "soon"}, "after must be a period"),
        (0, {"after": "2022-01"}, "no period with papers before"),
        (0, {"after": "2022-03", "before": ["2022-02", "2022-03"]}, "must not share a period"),
        (0, {"by": "lab"}, "by must be a column"),
        (0, {"by": []}, "at least one kind"),
        (0, {"by": "abstract"}, "No paper states"),
        (0, {"top": 0}, "top must be"),
        (0, {"observed_until": "2022-01-05"}, "too few to compare"),
    ],
)
def test_what_cannot_be_explained_is_refused(topic_id, options, match):
    papers, topics = workshop()
    with pytest.raises(InputError, match=match):
        explain(papers, topics, topic_id, **({"every": "month"} | options))


def test_papers_without_dates_or_groups_are_refused():
    papers, topics = workshop()
    undated = papers.assign(date=pd.Series(pd.NaT, index=papers.index, dtype="datetime64[us]"))
    with pytest.raises(InputError, match="too few to compare"):
        explain(undated, topics, 0)
    bare = make_papers([("2020-01-01", "year"), ("2021-01-01", "year")])
    with pytest.raises(InputError, match="nothing to group them by"):
        explain(bare, make_topics(bare, [0, 1]), 0)
