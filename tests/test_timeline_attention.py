"""Attention: upvotes against all papers of the same time, with intervals that heavy tails do not fool."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from test_timeline_count import make_papers, make_topics

from trends.core.errors import InputError
from trends.timeline import attention


def corpus(topic, votes, years=None):
    years = [2020] * len(topic) if years is None else years
    papers = make_papers([(f"{year}-01-01", "year") for year in years])
    papers["upvotes"] = np.asarray(votes, dtype=float)
    return papers, make_topics(papers, topic)


def test_one_period_by_hand():
    topic, votes = [0] * 5 + [1] * 6 + [-1], [1, 3, 7, 15, 31, 0, 0, 1, 1, 3, 3, np.nan]
    found = attention(*corpus(topic, votes), every="year")
    row = found.topics.loc[0]
    assert row[["n_papers", "n_rated"]].tolist() == [5, 5] and row["mean_upvotes"] == 57 / 5
    # 1 + upvotes are 2, 4, 8, 16, 32: geometric mean 8.
    assert row["typical_upvotes"] == pytest.approx(7)
    logs = np.log(2) * np.array([1, 2, 3, 4, 5]), np.log(2) * np.array([0, 0, 1, 1, 2, 2])
    low, high = stats.t.interval(0.95, 4, logs[0].mean(), stats.sem(logs[0]))
    assert row["typical_low"] == pytest.approx(np.expm1(low))
    assert row["typical_high"] == pytest.approx(np.expm1(high))
    # The corpus's geometric mean is 2 ** (21 / 11).
    assert row["relative"] == pytest.approx(2 ** (3 - 21 / 11))
    welch = stats.ttest_ind(*logs, equal_var=False)
    interval = welch.confidence_interval(0.95)
    assert row["p"] == pytest.approx(welch.pvalue)
    # The topic is itself 5 of 11: its distance from the whole is 6/11 of that from the rest.
    assert np.log(row["relative_low"]) == pytest.approx(6 / 11 * interval.low)
    assert np.log(row["relative_high"]) == pytest.approx(6 / 11 * interval.high)
    unrated = found.topics.loc[-1]
    assert unrated[["n_papers", "n_rated"]].tolist() == [1, 0] and np.isnan(unrated["typical_upvotes"])
    period = found.periods.set_index("topic_id").loc[0]
    shared = ["mean_upvotes", "typical_low", "relative", "relative_low", "relative_high"]
    assert np.allclose(period[shared].astype(float), row[shared].astype(float))


def test_papers_are_compared_with_their_own_time():
    # In 2021 every paper has ten times the upvotes; topic 0 is of 2021 mostly and is no different.
    topic = [0] * 2 + [1] * 20 + [0] * 20 + [1] * 2
    votes = np.expm1(np.log1p([3, 5] * 11 + [39, 59] * 11))
    found = attention(*corpus(topic, votes, [2020] * 22 + [2021] * 22), every="year").topics
    assert found.loc[0, "relative"] == pytest.approx(1)
    assert found.loc[0, "mean_upvotes"] > 4 * found.loc[1, "mean_upvotes"]


@pytest.mark.parametrize("n", [5, 12, 40])
def test_intervals_cover_log_normal_upvotes(n):
    rng = np.random.default_rng(n)
    covered = np.zeros((300, 2))
    years = np.tile([2020, 2021], 200)
    level = np.where(years == 2021, 1.0, 0.0)
    truth = 0.5 * (1 - n / 400)
    for run in range(300):
        topic = np.full(400, 1)
        # As many of either year, so that half of the topic's weight is in each.
        topic[rng.permutation(400)[:n]] = 0
        log = rng.normal(2 + level + 0.5 * (topic == 0), np.where(topic == 0, 1.4, 1.0))
        papers, topics = corpus(topic, np.expm1(np.fmax(log, 0)), years)
        row = attention(papers, topics, every="year").topics.loc[0]
        covered[run, 0] = np.log(row["relative_low"]) <= truth <= np.log(row["relative_high"])
        centre = 2.5 + level[topic == 0].mean()
        covered[run, 1] = np.log1p(row["typical_low"]) <= centre <= np.log1p(row["typical_high"])
    assert (covered.mean(axis=0) > 0.91).all(), covered.mean(axis=0)
    assert covered[:, 0].mean() < 0.985


def test_an_even_corpus_gives_few_small_q():
    rng = np.random.default_rng(3)
    papers, _ = corpus(np.zeros(2000, int), np.round(rng.lognormal(2, 1, 2000)))
    found = attention(papers, make_topics(papers, rng.integers(-1, 40, 2000), 40), every="year").topics
    assert np.isnan(found.loc[-1, "q"])
    assert (found["q"] < 0.05).sum() == 0
    assert 0 < (found["p"] < 0.2).sum() < 20


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(-1, 2), st.one_of(st.none(), st.integers(0, 10**6)), st.integers(2018, 2021)),
        min_size=1,
        max_size=40,
    )
)
def test_wild_upvotes(rows):
    votes = [np.nan if v is None else v for _, v, _ in rows]
    papers, topics = corpus([t for t, _, _ in rows], votes, [y for _, _, y in rows])
    if np.isnan(votes).all():
        with pytest.raises(InputError, match="no upvotes"):
            attention(papers, topics, every="year")
        return
    found = attention(papers, topics, every="year")
    assert found.topics["n_rated"].sum() == np.isfinite(votes).sum()
    assert found.periods["n_papers"].sum() == len(rows)
    for table in (found.topics, found.periods):
        known = table.dropna(subset="relative_low")
        assert (known["relative_low"] <= known["relative"]).all()
        assert (known["relative"] <= known["relative_high"]).all()
        assert (table["relative_low"].isna() | (table["n_rated"] >= 5)).all()
        rated = table[table["n_rated"] > 0]
        assert (rated["typical_upvotes"] <= rated["mean_upvotes"] * (1 + 1e-9) + 1e-9).all()


def test_no_upvotes_and_wrong_upvotes_are_refused():
    papers, topics = corpus([0, 1], [1, 2])
    for bad in (papers.drop(columns="upvotes"), papers.assign(upvotes=np.nan), papers[:0]):
        with pytest.raises(InputError, match="no upvotes"):
            attention(bad, topics)
    with pytest.raises(InputError, match="0 or more, not -3 as of the paper 'p00001'"):
        attention(papers.assign(upvotes=[1.0, -3.0]), topics)


def test_undated_papers_and_a_lone_topic_have_no_interval():
    papers, topics = corpus([0] * 6, [1, 2, 3, 4, 5, 6])
    lone = attention(papers, topics, every="year").topics.loc[0]
    assert lone["relative"] == pytest.approx(1) and np.isnan(lone["relative_low"])
    undated = papers.assign(date=pd.Series(pd.NaT, index=papers.index, dtype="datetime64[us]"))
    nothing = attention(undated, topics)
    assert nothing.periods.empty and (nothing.topics["n_rated"] == 0).all()
