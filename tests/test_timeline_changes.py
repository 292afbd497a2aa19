"""Change points: worked by hand, null tables, planted steps, and a plain search over all sets of breaks."""

import itertools
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.planted.counts import plant
from trends.core.errors import DependencyError, InputError
from trends.timeline import _changes, change_points, measure

pytest.importorskip("ruptures")


def measured(series, n_total=1000, freq="QS", **columns):
    """Measure one list of counts per topic."""
    n = len(next(iter(series.values())))
    starts = pd.date_range("2015-01-01", periods=n, freq=freq)
    table = pd.DataFrame(
        {
            "topic_id": np.repeat(list(series), n),
            "period": np.tile(starts, len(series)),
            "n_papers": np.concatenate([np.asarray(v) for v in series.values()]),
            "n_total": np.tile(np.broadcast_to(n_total, n), len(series)),
        }
    )
    return measure(table.assign(**columns))


STEP = [10, 12, 9, 11, 10, 12, 30, 33, 29, 31, 32, 30]
FLAT = [20, 21, 19, 20, 22, 18, 20, 21, 19, 20, 19, 21]


def steps(levels, dispersion, n_topics, seed=0):
    rng = np.random.default_rng(seed)
    mean = np.broadcast_to(levels, (n_topics, len(levels)))
    if dispersion == 1:
        return dict(enumerate(rng.poisson(mean)))
    return dict(enumerate(rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion)))


def test_a_step_is_dated_and_described():
    trends = measured({3: STEP, 5: FLAT, -1: [900] * 12})
    found = change_points(trends)
    assert list(found.columns) == ["label", "period", "share_before", "share_after", "p"]
    assert list(found["label"]) == [trends.calls.loc[3, "label"]]
    assert found.index.name == "topic_id"
    assert list(found.index) == [3]
    row = found.iloc[0]
    assert row["period"] == pd.Timestamp("2016-07-01")
    assert row["share_before"] == pytest.approx(64 / 6000)
    assert row["share_after"] == pytest.approx(185 / 6000)
    # Of 924 ways to part twelve values, two set the six larger apart; a few more do as well elsewhere.
    assert row["p"] <= 0.01


def test_several_breaks_share_their_segments():
    series = [10, 11, 9, 10, 12, 10, 40, 42, 39, 41, 40, 38, 11, 9, 10, 12, 10, 11]
    found = change_points(measured({0: series}))
    assert list(found["period"]) == list(pd.to_datetime(["2016-07-01", "2018-01-01"]))
    assert found["share_after"].iloc[0] == found["share_before"].iloc[1] == pytest.approx(0.04)


@pytest.mark.parametrize("n", [1, 5, 11])
def test_short_series_have_none(n):
    assert change_points(measured({0: (STEP * 2)[:n]})).empty


def test_only_complete_periods_with_papers_count():
    complete = np.array([True] * 11 + [False])
    assert change_points(measured({0: STEP}, complete=complete)).empty
    totals = np.array([1000] * 6 + [0] + [1000] * 6)
    series = STEP[:6] + [0] + STEP[6:]
    found = change_points(measured({0: series}, totals))
    assert list(found["period"]) == [pd.Timestamp("2016-10-01")]


def test_constant_and_empty_topics_have_none():
    empty = change_points(measured({0: [0] * 14, 1: [5] * 14}))
    assert empty.empty
    full = change_points(measured({0: STEP}))
    assert list(empty.columns) == list(full.columns)
    assert list(empty.dtypes) == list(full.dtypes)
    assert empty.index.dtype == full.index.dtype


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
@pytest.mark.parametrize("n_periods", [12, 24])
def test_unchanged_topics_seldom_change(n_periods, dispersion):
    trends = measure(plant(1, n_periods=n_periods, dispersion=dispersion, n_growing=0).table)
    # One topic may be asked at several breaks, so a little above .05.
    assert change_points(trends).index.nunique() / 200 <= 0.1


@pytest.mark.parametrize(("dispersion", "power"), [(1, 0.9), (3, 0.55)])
def test_planted_steps_are_found(dispersion, power):
    trends = measured(steps([12.0] * 12 + [26.0] * 12, dispersion, 40), 4000)
    found = change_points(trends)
    near = (found["period"] - pd.Timestamp("2018-01-01")).abs().dt.days <= 92
    assert found.index[near].nunique() / 40 >= power


def test_a_lower_alpha_keeps_fewer():
    trends = measured(steps([12.0] * 6 + [22.0] * 6, 3, 40), 4000)
    strict, loose = change_points(trends, alpha=0.005), change_points(trends, alpha=0.2)
    assert len(strict) < len(loose)
    assert (strict["p"] < 0.005).all() and (loose["p"] < 0.2).all()


def test_a_topic_does_not_depend_on_its_company():
    series = steps([12.0] * 10 + [30.0] * 8, 3, 12)
    whole = change_points(measured(series, 4000))
    few = change_points(measured({k: series[k] for k in (7, 2)}, 4000))
    pd.testing.assert_frame_equal(whole.loc[whole.index.isin([2, 7])], few.sort_index(kind="stable"))


@settings(max_examples=30, deadline=None)
@example(4245)
@given(st.integers(0, 10**6))
def test_pelt_proposes_breaks_that_cost_hardly_more_than_the_cheapest(seed):
    from ruptures import Pelt

    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1, 12) + np.where(np.arange(12) >= rng.integers(3, 10), rng.uniform(0, 4), 0)
    penalty = 3 * np.log(12) * _changes._noise(z) ** 2

    def paid(breaks):
        return sum(((part - part.mean()) ** 2).sum() + penalty for part in np.split(z, breaks)) - penalty

    allowed = [
        breaks
        for many in range(4)
        for breaks in itertools.combinations(range(3, 10), many)
        if min(np.diff([0, *breaks, 12])) >= 3
    ]
    proposed = Pelt(model="l2", min_size=3, jump=1).fit(z).predict(pen=penalty)[:-1]
    # Now and then ruptures gives a candidate up before a segment from it may be long enough.
    assert paid(proposed) <= min(paid(b) for b in allowed) + penalty


def test_the_sum_of_squares_is_what_a_break_explains():
    z = np.random.default_rng(0).normal(size=9)
    explained = [
        ((z - z.mean()) ** 2).sum() - sum(((part - part.mean()) ** 2).sum() for part in np.split(z, [at]))
        for at in range(1, 9)
    ]
    np.testing.assert_allclose(_changes._parting(z[None])[0], explained)


def test_the_least_sure_break_goes_first_and_the_rest_is_asked_again():
    z = np.array([0.0, 0.1, -0.1, 0.05, 0.0, 2.0, 2.1, 1.9, 2.05, 2.0, 2.1, 1.95, 2.0, 1.9])
    kept, p = _changes._sure(z, [5, 9], 0.05)
    assert kept == [5]
    assert p == [_changes._break_p(z, 5)]
    assert _changes._sure(np.arange(12) % 2 * 1.0, [4, 8], 0.05) == ([], [])


def test_noise_is_hardly_touched_by_breaks():
    rng = np.random.default_rng(0)
    z = rng.normal(0, 0.3, 400)
    broken = z + np.repeat([0, 5, -3, 4], 100)
    assert _changes._noise(z) == pytest.approx(0.3, rel=0.15)
    assert _changes._noise(broken) == pytest.approx(_changes._noise(z), rel=0.05)
    assert _changes._noise(np.ones(12)) == 0


def test_without_ruptures_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ruptures", None)
    with pytest.raises(DependencyError, match=r"trends\[changepoints\]"):
        change_points(measured({0: STEP}))


@pytest.mark.parametrize("alpha", [0, 1, -0.1, np.nan, "0.05"])
def test_alpha_lies_between_0_and_1(alpha):
    with pytest.raises(InputError, match="alpha"):
        change_points(measured({0: STEP}), alpha=alpha)
