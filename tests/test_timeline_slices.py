"""Slices: parts of one corpus in the same periods, which add up, and one false discovery rate over all."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from test_timeline_count import make_papers, make_topics

from trends.core.errors import InputError
from trends.core.records import Counts
from trends.timeline import count, measure, slices


def corpus(n=240, years=8, venues=("A", "B", "C")):
    rows = [(f"{2016 + i % years}-{1 + i % 12:02d}-{1 + i % 27:02d}", "day") for i in range(n)]
    papers = make_papers(rows)
    papers["venue"] = [venues[(i * 7 // 3) % len(venues)] for i in range(n)]
    papers["tags"] = [tuple(("x", "y", "z")[: i % 4]) for i in range(n)]
    return papers, make_topics(papers, [(i * i) % 4 - 1 for i in range(n)])


def wide(counts):
    return counts.table.pivot_table("n_papers", "period", "topic_id", aggfunc="sum")


def total(parts):
    parts = list(parts)
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def assert_same(one: Counts, two: Counts):
    for name in ("table", "periods", "left_out"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_freq=False)
    assert (one.every, one.observed_from, one.observed_until) == (
        two.every,
        two.observed_from,
        two.observed_until,
    )


DATES = st.tuples(
    st.dates(pd.Timestamp("2019-01-01").date(), pd.Timestamp("2023-12-31").date()).map(str),
    st.sampled_from(["day", "month", "year", "unknown"]),
)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(DATES, st.integers(-1, 2), st.sampled_from(["", "a", "b", "c", "other"])),
        min_size=1,
        max_size=40,
    ),
    every=st.sampled_from(["week", "month", "year", "auto"]),
    top=st.integers(1, 4),
    min_papers=st.integers(1, 3),
)
def test_a_partition_adds_up_to_the_whole(rows, every, top, min_papers):
    papers = make_papers([date for date, _, _ in rows])
    papers["venue"] = pd.Series([venue for _, _, venue in rows], index=papers.index, dtype=str)
    topics = make_topics(papers, [topic for _, topic, _ in rows])
    whole = count(papers, topics, every=every)
    try:
        found = slices(papers, topics, "venue", every=every, top=top, min_papers=min_papers)
    except InputError as error:
        named = papers["venue"][~papers["venue"].isin(["", "other"])]
        assert named.empty or named.value_counts().max() < min_papers
        assert "venue" in str(error)
        return
    assert_same(found.whole, whole)
    assert not found.overlapping
    assert not found.groups["overlaps"].any()
    cells = found.counts.groupby(["topic_id", "period"])[["n_papers", "n_total"]].sum().reset_index()
    pd.testing.assert_frame_equal(cells.astype({"topic_id": "int32"}), whole.table)
    assert_same(total(found.parts.values()), whole)
    assert found.groups["n_papers"].sum() == len(papers)
    assert found.groups["n_dated"].sum() == whole.periods["n_total"].sum()
    for group in found.parts:
        assert found[group].periods.index.equals(whole.periods.index)
        assert found[group].periods["complete"].equals(whole.periods["complete"])


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_was_added_can_be_taken_away(data):
    n = data.draw(st.integers(1, 30))
    papers = make_papers([data.draw(DATES) for _ in range(n)])
    topics = make_topics(papers, data.draw(st.lists(st.integers(-1, 2), min_size=n, max_size=n)))
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    whole = count(papers, topics, every="year")
    part = count(papers[chosen], topics, every="year") if chosen.any() else whole - whole
    rest = whole - part
    cells = count(papers[~chosen], topics, every="year").table.set_index(["topic_id", "period"])
    left = rest.table.set_index(["topic_id", "period"])
    pd.testing.assert_series_equal(
        left["n_papers"], cells["n_papers"].reindex(left.index, fill_value=0), check_names=False
    )
    pd.testing.assert_frame_equal((rest + part).table, whole.table)
    assert (rest.left_out + part.left_out).equals(whole.left_out)


def test_only_papers_that_are_there_can_be_taken_away():
    papers, topics = corpus()
    whole, part = count(papers, topics, every="year"), count(papers[:100], topics, every="year")
    with pytest.raises(InputError, match="among these can be taken away: topic"):
        part - whole
    with pytest.raises(InputError, match="by month cannot be taken from counts by year"):
        whole - count(papers, topics, every="month")
    undated = make_papers([(None, "unknown")])
    with pytest.raises(InputError, match="more papers were left out"):
        count(make_papers([("2020-01-01", "day")]), make_topics(undated, [0]), every="year") - count(
            undated, make_topics(undated, [0]), every="year"
        )
    later = make_papers([("2031-01-01", "day")])
    with pytest.raises(InputError, match="2031-01-01"):
        whole - count(later, make_topics(later, [0]), every="year")


def test_merged_topics_hold_their_parts():
    papers, topics = corpus()
    whole = count(papers, topics, every="year")
    merged = whole.merge_topics({2: 0})
    cells = wide(whole)
    new = wide(merged)
    assert (new[0] == cells[0] + cells[2]).all()
    assert (new[1] == cells[1]).all()
    assert merged.labels.to_dict() == {-1: "unassigned", 0: "theme 0", 1: "theme 1"}
    assert whole.merge_topics({0: 7, 1: 7}).labels[7] == "theme 0 + theme 1"
    assert whole.merge_topics(pd.Series({1: -1})).table["topic_id"].unique().tolist() == [-1, 0, 2]
    # Moving topics in a ring renames them and changes no number.
    ring = whole.merge_topics({0: 1, 1: 0})
    assert (wide(ring)[0] == cells[1]).all()
    for mapping, match in (({9: 0}, "lack"), ({-1: 0}, "must not move -1"), ({0: -2}, "-1")):
        with pytest.raises(InputError, match=match):
            whole.merge_topics(mapping)


def test_complete_counts_give_the_same_calls():
    papers, topics = corpus()
    whole = count(papers, topics, every="year", observed_until="2023-08-01")
    short = whole.complete()
    assert len(short.periods) == 7 and short.periods["complete"].all()
    columns = ["status", "growth", "growth_low", "growth_high", "q", "dispersion"]
    pd.testing.assert_frame_equal(measure(short).calls[columns], measure(whole).calls[columns])
    assert len((short + short).periods) == 7 and (short + short).periods["complete"].all()
    nothing = count(papers[:5], topics, every="year", observed_until="2015-01-01").complete()
    assert nothing.table.empty and nothing.observed_from is None


def test_overlapping_groups_say_so_and_count_in_each():
    papers, topics = corpus()
    found = slices(papers, topics, "tags", every="year", min_papers=1)
    assert found.overlapping and "overlapping" in repr(found)
    # Tags are the first 0 to 3 of x, y, z in turn: 180, 120 and 60 of 240 papers have them.
    assert found.groups["n_papers"].to_dict() == {"x": 180, "y": 120, "z": 60, "none stated": 60}
    assert found.groups["overlaps"].to_dict() == {"x": True, "y": True, "z": True, "none stated": False}
    few = slices(papers, topics, "tags", every="year", top=1)
    # y and z are left out, not put together, and their papers state something.
    assert few.groups["n_papers"].to_dict() == {"x": 180, "none stated": 60}
    assert few.n_more == 2


def test_small_groups_go_together_and_keep_the_order():
    papers, topics = corpus(12, 3, ("A",))
    papers["venue"] = ["B"] * 4 + ["A"] * 4 + ["other", "C", "", ""]
    found = slices(papers, topics, "venue", every="year", top=2, min_papers=2)
    assert found.groups["n_papers"].to_dict() == {"A": 4, "B": 4, "other": 2, "none stated": 2}
    assert list(found.groups.index) == ["A", "B", "other", "none stated"]
    assert found.n_more == 2
    with pytest.raises(InputError, match="group must be one of A, B, other, none stated"):
        found["C"]


def test_a_mapping_or_series_gives_the_groups():
    papers, topics = corpus(8, 2)
    ids = list(papers.index)
    given = {ids[0]: "a", ids[1]: {"a", "b"}, ids[2]: None, ids[3]: ["b", "b"], "stranger": "c"}
    found = slices(papers, topics, given, every="year", min_papers=1)
    assert found.groups["n_papers"].to_dict() == {"a": 2, "b": 2, "none stated": 5}
    series = pd.Series(given, name="lab")
    assert slices(papers, topics, series, every="year", min_papers=1).by == "lab"
    with pytest.raises(InputError, match="repeats the paper"):
        slices(papers, topics, pd.Series(["a", "b"], index=[ids[0], ids[0]]))
    papers["n_authors"] = [1.0, 2.0, np.nan, 1.0, 1.0, 1.0, 2.0, 2.0]
    numbers = slices(papers, topics, "n_authors", every="year", min_papers=1)
    assert numbers.groups["n_papers"].to_dict() == {"1": 4, "2": 3, "none stated": 1}
    papers["sources"] = [("one",), ("one", "two"), ()] * 2 + [("two",)] * 2
    files = slices(papers, topics, "source", every="year", min_papers=1)
    assert files.groups["n_papers"].to_dict() == {"one": 4, "two": 4, "none stated": 2}


@pytest.mark.parametrize(
    ("by", "options", "match"),
    [
        ("lab", {}, "by must be a column of the papers"),
        ("abstract", {}, "No paper states a value to group by 'abstract'"),
        ({}, {}, "No paper states a value"),
        (3, {}, "not int"),
        ("venue", {"top": 0}, "top must be a whole number"),
        ("venue", {"min_papers": True}, "min_papers must be a whole number"),
        ("venue", {"min_papers": 500}, "No group by 'venue' has 500 papers; the largest, A, has"),
        ("venue", {"every": "day"}, "every must be one of"),
    ],
)
def test_what_cannot_be_sliced_is_refused(by, options, match):
    papers, topics = corpus()
    with pytest.raises(InputError, match=match):
        slices(papers, topics, by, **options)


def test_one_group_and_undated_papers():
    papers, topics = corpus(60, 6, ("A",))
    found = slices(papers, topics, "venue", every="year")
    assert_same(found["A"], found.whole)
    undated = papers.assign(date=pd.Series(pd.NaT, index=papers.index, dtype="datetime64[us]"))
    nothing = slices(undated, topics, "venue", every="year")
    assert nothing.groups.loc["A", ["n_papers", "n_dated"]].tolist() == [60, 0]
    assert nothing.counts.empty
    assert (nothing.measure()["status"] == "too few to say").all()


def planted(seed=0):
    """Topic 0 grows in venue A only, from 5 to 33 % in eight years; all else is even."""
    rng = np.random.default_rng(seed)
    rows, venue, topic = [], [], []
    for year in range(8):
        for name in ("A", "B"):
            share = 0.05 + 0.04 * year if name == "A" else 0.1
            drawn = rng.choice(4, 250, p=[share, *[(1 - share) / 3] * 3]) - 0
            rows += [(f"{2016 + year}-06-01", "year")] * 250
            venue += [name] * 250
            topic += list(np.where(drawn == 3, -1, drawn))
    papers = make_papers(rows)
    papers["venue"] = pd.Series(venue, index=papers.index, dtype=str)
    return papers, make_topics(papers, topic)


def test_calls_are_of_each_group_with_one_q_over_all():
    papers, topics = planted()
    found = slices(papers, topics, "venue")
    calls = found.measure()
    rows = calls.set_index(["group", "topic_id"])
    assert str(rows.loc[("A", 0), "status"]) in ("growing", "emerging")
    assert str(rows.loc[("B", 0), "status"]) in ("steady", "too few to say")
    alone = measure(found["A"]).calls
    assert np.allclose(rows.loc["A"]["growth"], alone["growth"])
    assert np.allclose(rows.loc["A"]["p"], alone["p"])
    np.testing.assert_allclose(calls["q"], false_discovery_control(calls["p"]))
    assert not np.allclose(rows.loc["A"]["q"], alone["q"])
    row = rows.loc[("B", 0)]
    assert f"q {row['q']:.3f}" in row["reason"]
    # Nobody passes a rate this strict, whatever its own group alone would say.
    strict = found.measure(fdr=1e-12)
    assert not strict["status"].isin(["growing", "emerging", "declining"]).any()
    assert calls["rank"].notna().sum() == calls["status"].isin(["growing", "emerging", "declining"]).sum()


def test_one_group_is_called_as_the_whole():
    papers, topics = planted()
    papers["venue"] = "A"
    calls = slices(papers, topics, "venue").measure().set_index("topic_id").drop(columns="group")
    usual = measure(count(papers, topics)).calls
    pd.testing.assert_frame_equal(calls, usual, check_index_type=False)
