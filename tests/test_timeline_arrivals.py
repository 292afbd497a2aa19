"""Arrivals: waiting times with exact intervals, against the clock and against a growing corpus."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from test_timeline_count import make_papers, make_topics

from trends.core.errors import InputError
from trends.timeline import arrivals, count


def day(n):
    return str(np.datetime64("2020-01-01") + n)


def corpus(days_by_topic, precision="day"):
    """Make papers from the days, since 2020-01-01, of each topic."""
    rows = [(topic, n) for topic, days in days_by_topic.items() for n in days]
    papers = make_papers([(day(n), precision) for _, n in rows])
    return papers, make_topics(papers, [topic for topic, _ in rows], 3)


def test_one_topic_by_hand():
    # Topic 1 begins on day 400 and has a paper every tenth day; topic 0 has one every day.
    papers, topics = corpus({0: range(730), 1: range(400, 520, 10), 2: [600, 640]})
    found = arrivals(papers, topics, every="month")
    row = found.topics.loc[1]
    assert row["first_date"] == pd.Timestamp("2021-02-04")
    assert row[["days_to_5", "days_to_10", "n_papers", "n_used", "days"]].tolist() == [40, 90, 12, 10, 90]
    # The later share is 11 of 332 papers and 400 papers came before.
    assert row["chance_before"] == pytest.approx((1 - 11 / (344 - 1)) ** 400, rel=0.01)
    assert bool(row["reached"]) and bool(row["start_seen"]) and row["note"] == ""
    # Nine papers in 90 days, when the corpus had 90 + 9: half of the first and last day's two papers each.
    assert row["rate"] == pytest.approx(9 / 90 * 365.2425)
    assert row["exposure"] == 99 and row["per_1000"] == pytest.approx(9 / 99 * 1000)
    bounds = stats.chi2.ppf([0.025, 0.975], 18) / 2
    assert row[["rate_low", "rate_high"]].tolist() == pytest.approx(list(bounds / 90 * 365.2425))
    assert row[["per_1000_low", "per_1000_high"]].tolist() == pytest.approx(list(bounds / 99 * 1000))
    few = found.topics.loc[2]
    assert not few["reached"] and np.isnan(few["days_to_5"])
    # One paper after the first, until the end of day 729.
    assert few["days"] == 129.5
    garwood = stats.chi2.ppf(0.025, 2) / 2, stats.chi2.ppf(0.975, 4) / 2
    assert few[["rate_low", "rate_high"]].tolist() == pytest.approx([g / 129.5 * 365.2425 for g in garwood])
    assert found.topics.loc[0, "note"] == "present from the first period"
    assert not found.topics.loc[0, "start_seen"]
    assert "the start of 2 of 3 topics was seen" in repr(found)


def test_new_topics_per_period():
    papers, topics = corpus({0: range(0, 730, 5), 1: range(400, 520, 10), 2: [600, 640]})
    new = arrivals(papers, topics, every="quarter", first=5).new_topics.set_index("period")
    assert new["n_new"].tolist() == [1, 0, 0, 0, 1, 0, 1, 0]
    assert new["n_seen"].tolist() == [0, 0, 0, 0, 1, 0, 1, 0]
    assert new["n_known"].iloc[-1] == 3
    # The fifth paper of topic 1 comes on day 440, of topic 0 on day 20; topic 2 has no fifth.
    assert new["n_reached"].tolist() == [1, 0, 0, 0, 1, 0, 0, 0]
    assert new["complete"].tolist() == count(papers, topics, every="quarter").periods["complete"].tolist()


def test_a_growing_corpus_does_not_fake_speed():
    # Topics of one in ten papers, begun when the corpus had 1 paper a day and when it had 10 a day.
    early = {0: [n for n in range(1000) if n % 10], 1: range(200, 1000, 10)}
    late = {0: np.repeat(np.arange(1000, 1200), 9), 2: range(1000, 1200)}
    days = {k: [*early.get(k, []), *late.get(k, [])] for k in range(3)}
    found = arrivals(*corpus(days)).topics
    assert found.loc[2, "rate"] == pytest.approx(10 * found.loc[1, "rate"])
    assert found.loc[2, "per_1000"] == pytest.approx(found.loc[1, "per_1000"], rel=0.05)


def test_intervals_cover_the_rate_of_papers_that_come_by_chance():
    rng = np.random.default_rng(1)
    n_topics, per_day = 400, 0.05
    for horizon, least in ((2000, 0.92), (120, 0.93)):
        days = [np.sort(rng.integers(0, horizon, rng.poisson(per_day * horizon))) for _ in range(n_topics)]
        rows = [(k, n) for k, found in enumerate(days) for n in found]
        papers = make_papers([(day(n), "day") for _, n in rows])
        topics = make_topics(papers, [k for k, _ in rows], n_topics)
        table = arrivals(papers, topics, observed_until=day(horizon - 1)).topics
        table = table[(table["n_papers"] >= 1) & (table["days"] > 0)]
        truth = per_day * 365.2425
        covered = (table["rate_low"] <= truth) & (truth <= table["rate_high"])
        assert covered.mean() >= least, (horizon, covered.mean())
        share = 1000 / n_topics
        inside = (table["per_1000_low"] <= share) & (share <= table["per_1000_high"])
        assert inside.mean() >= 0.91, (horizon, inside.mean())


def test_coarser_dates_are_placed_nowhere_and_cast_doubt():
    papers, topics = corpus({0: range(0, 700, 3), 1: range(500, 600, 5), 2: [500, 510]})
    odd = make_papers([("2021-01-01", "year"), ("2020-02-01", "month"), (None, "unknown")])
    odd.index = ["q0", "q1", "q2"]
    everything = pd.concat([papers, odd]).rename_axis("paper_id")
    topic = [*topics.members["topic_id"], 1, 2, 2]
    found = arrivals(everything, make_topics(everything, topic), every="month").topics
    assert found.loc[1, "n_unplaced"] == 1 and found.loc[2, "n_unplaced"] == 2
    assert found.loc[1, "first_date"] == pd.Timestamp(day(500))
    assert not found.loc[[1, 2], "start_seen"].any()
    assert "may be earlier" in found.loc[1, "note"]


def test_topics_that_were_always_there_are_seldom_said_to_begin():
    rng = np.random.default_rng(2)
    papers = make_papers([(day(n), "day") for n in np.sort(rng.integers(0, 900, 9000))])
    topics = make_topics(papers, rng.choice(100, 9000, p=np.arange(1, 101) / 5050), 100)
    assert arrivals(papers, topics, every="month").topics["start_seen"].sum() <= 3


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 300)), min_size=1, max_size=60),
    first=st.integers(2, 12),
)
def test_wild_arrivals(rows, first):
    papers = make_papers([(day(n), "day") for _, n in rows])
    found = arrivals(papers, make_topics(papers, [t for t, _ in rows]), first=first, every="month")
    table = found.topics
    assert table.index.tolist() == [0, 1, 2]
    assert table["n_papers"].sum() == sum(t >= 0 for t, _ in rows)
    for name in ("rate", "per_1000"):
        known = table.dropna(subset=name)
        assert (known[f"{name}_low"] <= known[name]).all() and (known[name] <= known[f"{name}_high"]).all()
        assert np.isfinite(known[f"{name}_high"]).all()
    assert found.new_topics["n_new"].sum() == table["first_date"].notna().sum()
    assert (table["exposure"].dropna() <= len(rows)).all()


def test_nothing_dated_and_papers_of_one_day():
    undated, topics = corpus({0: [1, 2], 1: [3]}, "unknown")
    table = arrivals(undated, topics).topics
    assert (table["note"] == "no paper is dated to the day").all() and table["rate"].isna().all()
    papers, topics = corpus({0: [0, 1, 500], 1: [400] * 12})
    crowd = arrivals(papers, topics, every="month").topics.loc[1]
    assert np.isnan(crowd["rate"]) and crowd["note"] == "the papers used came on one day"
    assert crowd["days_to_10"] == 0
    yearly, topics = corpus({0: [1, 2], 1: [3]}, "year")
    assert arrivals(yearly, topics).topics["first_date"].isna().all()


@pytest.mark.parametrize("first", [1, 0, 2.5, True, "ten"])
def test_first_must_be_a_number(first):
    with pytest.raises(InputError, match="first must be a whole number of at least 2"):
        arrivals(*corpus({0: [1, 2]}), first=first)
