"""Statistics: known answers, other packages as judges, and tables whose truth was planted."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.planted.counts import plant
from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.tables import STATUSES
from trends.core.wilson import wilson
from trends.timeline import measure, period_label
from trends.timeline._calls import chance, number
from trends.timeline._ranks import mann_kendall


def table(series, n_total=1000, start="2020-01-01", freq="QS", **columns):
    """Make a plain table from one list of counts per topic."""
    n_periods = len(next(iter(series.values())))
    starts = pd.date_range(start, periods=n_periods, freq=freq)
    rows = pd.DataFrame(
        {
            "topic_id": np.repeat(list(series), n_periods),
            "period": np.tile(starts, len(series)),
            "n_papers": np.concatenate([np.asarray(v) for v in series.values()]),
            "n_total": np.tile(np.broadcast_to(n_total, n_periods), len(series)),
        }
    )
    return rows.assign(**columns)


RISING = [12, 13, 12, 15, 16, 19, 18, 22, 24, 27, 29, 33]
FLAT = [20, 21, 19, 20, 22, 18, 20, 21, 19, 20, 19, 21]


def random_table(seed, n_topics=30, n_periods=12):
    rng = np.random.default_rng(seed)
    totals = rng.integers(300, 900, n_periods)
    share = rng.uniform(0.01, 0.1, (n_topics, 1)) * np.exp(rng.normal(0, 0.3, (n_topics, n_periods)))
    return table(dict(enumerate(rng.binomial(totals, share))), totals)


# ---- other packages as judges ----


def sparse_dispersion(model, papers, totals):
    """Give Fletcher's (2012) dispersion from a fit of statsmodels."""
    share = model.fittedvalues
    tilt = ((1 - 2 * share) * (np.asarray(papers) - totals * share) / (totals * share * (1 - share))).mean()
    return model.pearson_chi2 / model.df_resid / (1 + tilt)


@pytest.mark.parametrize("freq", ["YS", "QS", "MS", "W-MON"])
def test_growth_is_the_quasi_binomial_slope_of_statsmodels(freq):
    import statsmodels.api as sm
    from scipy import stats

    series = dict(enumerate(np.random.default_rng(3).binomial(700, 0.03, (6, 12))))
    series[6] = np.array(RISING)
    starts = "2020-01-06" if freq == "W-MON" else "2020-01-01"
    counts = table(series, np.arange(700, 820, 10), starts, freq)
    calls = measure(counts).calls
    begin = pd.DatetimeIndex(counts["period"].unique())
    end = begin.append(pd.DatetimeIndex([begin[-1] + pd.tseries.frequencies.to_offset(freq)]))[1:]
    years = np.asarray(((begin - begin[0]) + (end - pd.Timedelta(days=1) - begin) / 2).days / 365.2425)
    if freq != "W-MON":  # whole days are half a day off where a period has an even number of them
        years = np.asarray(
            ((begin - begin[0]) + (end - pd.Timedelta(days=1) - begin) / 2) / pd.Timedelta(1, "D")
        )
        years = years / 365.2425
    totals = np.arange(700, 820, 10)
    for topic_id, papers in series.items():
        papers = np.asarray(papers)
        model = sm.GLM(
            np.column_stack([papers, totals - papers]), sm.add_constant(years), family=sm.families.Binomial()
        ).fit(tol=1e-12)
        own = sparse_dispersion(model, papers, totals)
        row = calls.loc[topic_id]
        assert row["growth"] == pytest.approx(np.exp(model.params[1]), rel=1e-6)
        assert row["dispersion"] == pytest.approx(max(1, own), rel=1e-6)
        serial = row["serial_correlation"]
        error = model.bse[1] * np.sqrt(max(1, own) * (1 + serial) / (1 - serial))
        assert row["df"] == 10
        reach = stats.t.ppf(0.975, 10) * error
        assert row["growth_low"] == pytest.approx(np.exp(model.params[1] - reach), rel=1e-6)
        assert row["growth_high"] == pytest.approx(np.exp(model.params[1] + reach), rel=1e-6)
        assert row["p"] == pytest.approx(2 * stats.t.sf(abs(model.params[1] / error), 10), rel=1e-5)
        assert row["smallest_detectable"] == pytest.approx(np.exp(2.8 * error), rel=1e-6)


def test_serial_correlation_is_that_of_the_pearson_residuals():
    import statsmodels.api as sm

    counts = random_table(5, n_topics=8, n_periods=11)
    measured = measure(counts).calls["serial_correlation"].unique()
    begin = pd.DatetimeIndex(counts["period"].unique())
    middle = begin + (begin + pd.DateOffset(months=3) - pd.Timedelta(days=1) - begin) / 2
    design = sm.add_constant(np.asarray((middle - begin[0]) / pd.Timedelta(days=365.2425)))
    correlations = []
    for _, group in counts.groupby("topic_id"):
        sides = np.column_stack([group["n_papers"], group["n_total"] - group["n_papers"]])
        r = sm.GLM(sides, design, family=sm.families.Binomial()).fit(tol=1e-12).resid_pearson
        correlations.append((r[1:] * r[:-1]).sum() / (r**2).sum())
    left = np.eye(11) - design @ np.linalg.inv(design.T @ design) @ design.T
    brought = np.diagonal(left, 1).sum() / 9
    assert brought == pytest.approx(-2 / 11, abs=0.04)
    assert measured == pytest.approx([np.clip(np.mean(correlations) - brought, 0, 0.9)], abs=1e-6)


def test_growth_with_a_season_is_that_of_statsmodels():
    import statsmodels.api as sm

    months = np.arange(48)
    random = np.random.default_rng(2)
    truth = 0.05 * np.exp(0.2 * months / 12) * (1 + 0.5 * np.cos(2 * np.pi * (months % 12) / 12))
    totals = random.integers(3000, 6000, 48)
    counts = table(dict(enumerate(random.binomial(totals, truth, (5, 48)))), totals, "2018-01-01", "MS")
    calls = measure(counts).calls
    assert (calls["season"] == "modelled").all()
    assert calls["reason"].str.contains("season taken out").all()
    begin = pd.DatetimeIndex(counts["period"].unique())
    years = ((begin - begin[0]) + (begin.days_in_month - 1) * pd.Timedelta(hours=12)) / pd.Timedelta(
        "365.2425D"
    )
    dummies = pd.get_dummies(begin.month, drop_first=True, dtype=float).to_numpy()
    design = sm.add_constant(np.column_stack([np.asarray(years), dummies]))
    for topic_id, papers in counts.groupby("topic_id")["n_papers"]:
        sides = np.column_stack([papers, totals - papers])
        fit = sm.GLM(sides, design, family=sm.families.Binomial()).fit(tol=1e-12)
        row = calls.loc[topic_id]
        # The pull on the months' effects, four papers at most, is all that lies between the two.
        assert np.log(row["growth"]) == pytest.approx(fit.params[1], abs=2e-3)
        assert row["dispersion"] == pytest.approx(max(1, sparse_dispersion(fit, papers, totals)), rel=5e-3)
        serial = row["serial_correlation"]
        error = fit.bse[1] * np.sqrt(row["dispersion"] * (1 + serial) / (1 - serial))
        assert np.log(row["smallest_detectable"]) == pytest.approx(2.8 * error, rel=5e-3)
        assert row["df"] == 35


def test_a_month_without_papers_has_a_finite_effect():
    papers = np.tile([9, 8, 7, 9, 8, 9, 0, 0, 8, 9, 7, 8], 4)
    calls = measure(table({0: papers}, 900, "2018-01-01", "MS")).calls
    assert calls.loc[0, "season"] == "modelled"
    assert calls.loc[0, ["growth", "growth_low", "growth_high"]].notna().all()
    assert calls.loc[0, "status"] == "steady"


def test_a_season_takes_two_years_of_months_and_one_that_is_there():
    def season(n, freq, wave, start="2018-01-01"):
        place = np.arange(n) / {"MS": 12, "QS": 4, "YS": 1, "W-MON": 365.2425 / 7}[freq]
        papers = np.round(60 * (1 + wave * np.cos(2 * np.pi * place))).astype(int)
        return (
            measure(table({0: papers, 1: papers[::-1]}, 2000, start, freq)).calls["season"].unique().tolist()
        )

    assert season(23, "MS", 0.5) == ["not separable"]
    assert season(24, "MS", 0.5) == season(36, "MS", 0.5) == season(12, "QS", 0.5) == ["modelled"]
    assert season(24, "MS", 0.0) == season(12, "QS", 0.0) == ["none found"]
    assert season(11, "QS", 0.5) == ["not separable"]
    assert season(12, "YS", 0.5) == ["none by year"]
    assert season(103, "W-MON", 0.5, "2018-01-01") == ["not separable"]
    assert season(104, "W-MON", 0.5, "2018-01-01") == ["modelled"]


def test_a_season_alone_raises_few_alarms():
    for shape in ({"n_periods": 24}, {"n_periods": 36}, {"every": "quarter", "n_periods": 16}):
        p = pd.concat(
            [measure(plant(s, season=0.5, n_growing=0, **shape).table).calls["p"] for s in range(5)]
        )
        assert (p <= 0.05).mean() <= 0.055


def test_the_seasonal_rank_test_compares_a_month_with_its_like_only():
    # 1 below 2 and 3 below 5 in their seasons: two of two pairs; across seasons 2 > 3 would not agree.
    tau, _ = mann_kendall(np.array([[1.0, 3.0, 2.0, 5.0]]), np.array([0, 1, 0, 1]))
    assert tau[0] == 1
    from scipy.stats import norm

    random = np.random.default_rng(0)
    shares, place = random.random((1, 40)), np.arange(40) % 4
    score = sum(
        np.sign(shares[0, j] - shares[0, i])
        for i in range(40)
        for j in range(i + 1, 40)
        if place[i] == place[j]
    )
    variance = 4 * 10 * 9 * 25 / 18
    tau, p = mann_kendall(shares, place)
    assert tau[0] == pytest.approx(score / (4 * 45))
    assert p[0] == pytest.approx(2 * norm.sf(abs(score) / variance**0.5))


# ---- turns ----

UP_AND_DOWN = [2, 3, 5, 8, 12, 20, 31, 50, 78, 60, 44, 35, 25, 20, 14, 11]


def test_a_topic_that_peaked_is_called_by_what_it_did_since():
    counts = table({0: UP_AND_DOWN, 1: [20] * 16, 2: [0] * 16}, 1000, "2005-01-01", "YS")
    trends = measure(counts)
    row = trends.calls.loc[0]
    assert row["status"] == "declining"
    assert row["turned"] == row["first_period"] == pd.Timestamp("2013-01-01")
    assert row["growth_before"] == pytest.approx(1.6, abs=0.15)
    assert row["growth_low"] < 0.75 < row["growth_high"]
    assert (row["n_periods"], row["n_papers"], row["n_total"]) == (8, sum(UP_AND_DOWN[8:]), 8000)
    assert "since they turned in 2013, before which they changed ×1.6" in row["reason"]
    assert trends.calls.loc[1, "status"] == "steady"
    assert trends.calls["turned"].isna().tolist() == [False, True, True]
    phases = trends.phases[trends.phases["topic_id"] == 0]
    assert phases["start"].dt.year.tolist() == [2005, 2013]
    assert phases["end"].dt.year.tolist() == [2013, 2020]
    assert (phases["growth"] > 1).tolist() == [True, False]
    assert phases["n_papers"].tolist() == [sum(UP_AND_DOWN[:9]), sum(UP_AND_DOWN[8:])]
    straight = measure(counts, turns=False)
    assert straight.calls.loc[0, "turned"] is pd.NaT
    assert len(straight.phases) == 3


def test_one_early_paper_hides_no_emerging_theme():
    # Its expected number is 1e-9 there, so Pearson's statistic alone would be a billion.
    papers = [0, 0, 1, *[0] * 12, 1, 2, 5, 12, 30, 70, 150, 300]
    row = measure(table({0: papers}, 3000, "2000-01-01", "YS")).calls.loc[0]
    assert row["status"] == "emerging"
    assert row["dispersion"] < 5


def test_the_last_phase_alone_must_hold_what_a_call_needs():
    papers = [2, 4, 6, 10, 16, 26, 40, 30, 14, 4, 1, 0, 0, 1, 0]
    calls = measure(table({0: papers}, 1000, "2005-01-01", "YS"), min_papers=120).calls
    assert calls.loc[0, "turned"] is pd.NaT


def test_planted_turns_are_found_in_place_and_straight_topics_do_not_turn():
    planted = plant(3, n_periods=24, turn=True, growth=1.15)
    calls = measure(planted.table).calls
    turns = planted.growth < 1
    assert calls["turned"].notna()[turns].mean() > 0.9
    assert calls["turned"].notna()[~turns].mean() < 0.02
    assert (calls["status"][turns] == "declining").mean() > 0.9
    months = (calls["turned"][turns] - pd.Timestamp("2011-01-01")).abs()
    assert (months < pd.Timedelta(days=75)).mean() > 0.9
    straight = measure(plant(4, n_periods=24).table).calls
    assert straight["turned"].notna().mean() < 0.02


def test_since_leaves_earlier_periods_out_of_the_growth_alone():
    counts = table({0: [40, 38, 30, 25, 22, 20, *RISING], 1: [20] * 18}, 1000, "2005-01-01", "YS")
    whole, late = measure(counts), measure(counts, since="2011-01-01", turns=False)
    pd.testing.assert_frame_equal(
        whole.shares.drop(columns=["band_low", "band_high"]),
        late.shares.drop(columns=["band_low", "band_high"]),
    )
    assert late.calls.loc[0, "status"] == "growing"
    assert late.calls.loc[0, "first_period"] == pd.Timestamp("2011-01-01")
    alone = measure(counts[counts["period"] >= "2011-01-01"], turns=False).calls
    pd.testing.assert_frame_equal(late.calls, alone)
    with pytest.raises(InputError, match="since must be a date such as"):
        measure(counts, since="lately")


def test_shared_dispersion_follows_the_moments_of_its_logarithm():
    from scipy.optimize import brentq
    from scipy.special import digamma, polygamma

    counts = plant(11, dispersion=8.0, n_topics=60, n_growing=0).table
    # Without sharing, the dispersion is each topic's own (floored at 1, so choose a noisy table).
    own = measure(counts, share_dispersion_from=61).calls["dispersion"]
    kept = own > 1
    assert kept.all(), "a floored dispersion would hide the topic's own"
    logs = np.log(own.to_numpy()) - digamma(5) + np.log(5)
    half = brentq(lambda a: polygamma(1, a) - (logs.var(ddof=1) - polygamma(1, 5)), 0.1, 1e6)
    usual = np.exp(logs.mean() + digamma(half) - np.log(half))
    shared = measure(counts).calls
    blended = (2 * half * usual + 10 * own) / (2 * half + 10)
    np.testing.assert_allclose(shared["dispersion"], np.maximum(own, blended), rtol=1e-6)
    np.testing.assert_allclose(shared["df"], min(10 + 2 * half, 600), rtol=1e-6)


def test_q_is_that_of_scipy():
    from scipy.stats import false_discovery_control

    calls = measure(plant(1).table).calls
    np.testing.assert_allclose(calls["q"], false_discovery_control(calls["p"]), rtol=1e-12)


@pytest.mark.parametrize(("y", "n"), [(0, 50), (1, 50), (7, 200), (50, 50), (3, 1_000_000)])
def test_wilson_is_that_of_statsmodels(y, n):
    from statsmodels.stats.proportion import proportion_confint

    low, high = wilson(np.array([y]), np.array([n]))
    assert (low[0], high[0]) == pytest.approx(proportion_confint(y, n, method="wilson"), abs=1e-7)
    assert low[0] <= y / n <= high[0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=50), st.booleans())
def test_mann_kendall_is_that_of_scipy(values, distinct):
    from scipy.stats import kendalltau

    shares = np.array(values, float)
    if distinct:
        shares = shares + np.arange(len(shares))[::-1] * 1e-3 * (-1.0) ** np.arange(len(shares))
    tau, p = mann_kendall(shares[None, :])
    ties = len(np.unique(shares)) < len(shares)
    exact = not ties and len(shares) <= 33
    expected = kendalltau(np.arange(len(shares)), shares, method="exact" if exact else "asymptotic")
    assert tau[0] == pytest.approx(expected.statistic, nan_ok=True)
    assert p[0] == pytest.approx(expected.pvalue, nan_ok=True)


# ---- planted truth ----


@pytest.fixture(scope="module", params=[1.0, 3.0], ids=["dispersion 1", "dispersion 3"])
def small_grid(request):
    """Measure 50 planted tables of 200 topics and 12 quarters at one dispersion."""
    rows = []
    for seed in range(50):
        planted = plant(seed, every="quarter", dispersion=request.param)
        calls = measure(planted.table).calls
        counts = planted.table["n_papers"].to_numpy().reshape(-1, 12)[1:]
        rows.append(
            calls[["p", "q", "growth", "growth_low", "growth_high", "status"]].assign(
                truth=planted.growth, table=seed, raw_p=mann_kendall(counts.astype(float))[1]
            )
        )
    return request.param, pd.concat(rows)


def test_planted_tables(small_grid):
    dispersion, calls = small_grid
    grows = calls["truth"] > 1
    called = calls["status"].isin(["emerging", "growing", "declining"])
    covered = (calls["growth_low"] <= calls["truth"]) & (calls["truth"] <= calls["growth_high"])
    # 8,000 unchanged and 2,000 growing topics: two standard errors are .005 and .02 or less.
    assert (calls["p"][~grows] <= 0.05).mean() <= 0.05
    assert called[~grows].mean() <= 0.01
    assert (calls["p"][grows] <= 0.05).mean() >= {1.0: 0.91, 3.0: 0.46}[dispersion]
    assert 0.92 <= covered.mean() <= 0.98
    found = calls[calls["q"] <= 0.05]
    rates = (found["truth"] == 1).groupby(found["table"]).mean().reindex(range(50), fill_value=0)
    assert rates.mean() <= 0.05
    # "Steady" promises that the truth lies within 1.5 a year.
    steady = calls[calls["status"] == "steady"]
    assert (steady["truth"] > 1.5).mean() <= 0.05


def test_ranks_of_raw_counts_fail_where_shares_do_not(small_grid):
    dispersion, calls = small_grid
    null = calls["truth"] == 1
    if dispersion == 1:
        assert (calls["raw_p"][null] <= 0.05).mean() > 0.3
    assert (calls["raw_p"][null] <= 0.05).mean() > 2 * (calls["p"][null] <= 0.05).mean()


def test_serial_correlation_costs_few_false_alarms():
    p = np.concatenate(
        [
            measure(plant(seed, dispersion=3.0, correlation=0.3, n_growing=0).table).calls["p"]
            for seed in range(15)
        ]
    )
    assert (p <= 0.05).mean() <= 0.075


# ---- calls and reasons ----


def test_each_status_from_a_table_made_for_it():
    counts = table(
        {
            0: [0, 0, 1, 2, 2, 5, 9, 14, 22, 30, 41, 60],
            1: RISING,
            2: RISING[::-1],
            3: [200, 210, 190, 205, 198, 202, 207, 195, 201, 199, 204, 200],
            4: [1, 4, 0, 2, 5, 1, 3, 0, 4, 2, 1, 3],
            5: [0] * 9 + [9, 9, 9],
            6: [0] * 10 + [20, 20],
            7: [1] * 12,
            8: [0] * 12,
            9: [0] * 11 + [40],
        }
    )
    calls = measure(counts).calls
    expected = ["emerging", "growing", "declining", "steady", "too few to say"]
    assert calls["status"].tolist()[:5] == expected
    assert calls["status"].cat.categories.tolist() == list(STATUSES)
    assert (calls["status"][6:] == "too few to say").all()
    # Topic 5 has papers in just the 3 periods it needs.
    assert calls["status"][5] == "emerging"
    assert calls["rank"].dropna().to_dict() == {0: 1, 5: 2, 1: 3, 2: 1}
    assert calls.loc[6:, "p"].isna().all()
    assert "papers in 2 complete quarters, 3 needed" in calls.loc[6, "reason"]
    assert "12 papers in complete quarters, 20 needed" in calls.loc[7, "reason"]
    assert "0 papers in complete quarters, 20 needed" in calls.loc[8, "reason"]
    assert "growth and decline are both possible" in calls.loc[4, "reason"]
    # All papers in the last period: every steeper slope fits better, so there is none.
    assert calls.loc[[8, 9], ["growth", "growth_low", "growth_high"]].isna().all(axis=None)
    assert calls.loc[6, "growth"] > 1


def test_too_few_periods_are_said():
    calls = measure(table({0: [10, 20, 30, 40]})).calls
    assert calls.loc[0, "status"] == "too few to say"
    assert np.isnan(calls.loc[0, "p"])
    assert "4 complete quarters, 5 needed" in calls.loc[0, "reason"]


def test_significant_is_not_enough_for_a_trend():
    # Very many papers make a rise of 3 % a year certain; it is still too small to be called growing.
    papers = np.round(30_000 * 1.0075 ** np.arange(12)).astype(int)
    calls = measure(table({0: papers}, 1_000_000)).calls
    assert calls.loc[0, "q"] < 0.001
    assert 1 < calls.loc[0, "growth"] < 1.05
    assert calls.loc[0, "status"] == "steady"


def test_ranks_put_sure_growth_first():
    counts = table({0: [1, 0, 1, 1, 2, 2, 3, 5, 6, 8, 9, 12], 1: [10 * v for v in RISING]}, 5000)
    calls = measure(counts).calls
    assert calls.loc[0, "growth"] > calls.loc[1, "growth"]
    assert calls.loc[0, "growth_low"] < 3 * calls.loc[1, "growth_low"]
    rising = calls[calls["rank"].notna()].sort_values("rank")
    assert rising["growth_low"].is_monotonic_decreasing
    assert len(rising) == 2


def expected_numbers(row, every):
    """List every number that a reason may hold, as it is written."""
    written = [number(row[name]) for name in ("growth", "growth_low", "growth_high", "smallest_detectable")]
    written += [chance(row["q"]), f"{row['base_share']:.0%}"]
    written += [f"{row[name]:,}" for name in ("n_papers", "n_total", "n_periods", "n_active_periods")]
    written += ["95", "5", "20", "3", number(1.5), number(1.1), "0.05"]
    if row["n_periods"]:
        written += [period_label(row["first_period"], every), period_label(row["last_period"], every)]
    text = " ".join(written) + " " + row["not_used"]
    return set(re.findall(r"\d[\d,.]*(?:e[+-]\d+)?", text))


@pytest.mark.parametrize("seed", range(8))
def test_every_number_of_a_reason_is_in_its_row(seed):
    counts = random_table(seed, n_topics=40, n_periods=4 + 2 * seed)
    counts["n_papers"] = (counts["n_papers"] * (counts["topic_id"] % 5) // 4).astype(int)
    counts["complete"] = counts["period"] < counts["period"].max()
    calls = measure(counts).calls
    for _, row in calls.iterrows():
        said = [text.rstrip(".,") for text in re.findall(r"\d[\d,.]*(?:e[+-]\d+)?", row["reason"])]
        assert set(said) <= {text.rstrip(".,") for text in expected_numbers(row, "quarter")}, row["reason"]
        assert row["reason"].startswith(str(row["status"]).capitalize() + ": ")
        assert row["reason"].endswith(f"{row['not_used']} is incomplete and not used.")
        assert row["reason"].count(". ") == 0
    assert calls["reason"].str.contains("nan|inf|None").sum() == 0


def test_the_reason_reads_as_a_sentence():
    counts = table({0: RISING})
    counts["complete"] = counts["period"] < pd.Timestamp("2022-10-01")
    row = measure(counts).calls.loc[0]
    assert row["reason"] == (
        f"Growing: the odds that a paper is in this topic rose ×{row['growth']:.2f} a year "
        f"(95% interval {row['growth_low']:.2f} to {row['growth_high']:.2f}, q {row['q']:.3f}); "
        "the rank test agrees; 207 of 11,000 papers in 11 quarters, 2020 Q1 to 2022 Q3; "
        "2022 Q4 is incomplete and not used."
    )


def test_several_incomplete_periods_are_named_or_numbered():
    counts = table({0: RISING})
    for n, words in ((2, "2022 Q3 and 2022 Q4 are"), (3, "3 quarters are")):
        last = np.sort(counts["period"].unique())[-n:]
        reason = measure(counts.assign(complete=~counts["period"].isin(last))).calls.loc[0, "reason"]
        assert reason.endswith(f"; {words} incomplete and not used.")


# ---- invariances ----


def test_an_incomplete_last_period_changes_no_call():
    counts = random_table(1)
    before = measure(counts)
    extra = counts[counts["period"] == counts["period"].max()].assign(
        period=pd.Timestamp("2023-01-01"), n_papers=5, n_total=200, complete=False
    )
    after = measure(pd.concat([counts.assign(complete=True), extra]))
    words = ["reason", "not_used"]
    pd.testing.assert_frame_equal(after.calls.drop(columns=words), before.calls.drop(columns=words))
    assert len(after.shares) == len(before.shares) + 30
    assert after.calls["reason"].str.endswith("2023 Q1 is incomplete and not used.").all()


def test_row_order_changes_nothing_and_arguments_stay():
    counts = random_table(2).assign(label="a", complete=True)
    before = fingerprint(counts)
    a, b = measure(counts), measure(counts.sample(frac=1, random_state=0))
    assert fingerprint(counts) == before
    pd.testing.assert_frame_equal(a.calls, b.calls)
    pd.testing.assert_frame_equal(a.shares, b.shares)
    assert a.fingerprint == b.fingerprint
    assert a.fingerprint != measure(counts, fdr=0.1).fingerprint


def test_periods_without_any_paper_carry_no_evidence():
    papers, totals = [*RISING[:6], 0, *RISING[6:]], [1000] * 6 + [0] + [1000] * 6
    trends = measure(table({0: papers, 1: [2 * v for v in papers]}, totals))
    assert (trends.calls["n_periods"] == 12).all()
    empty = trends.shares[trends.shares["n_total"] == 0]
    assert empty[["share", "share_low", "share_high", "band_low", "band_high"]].isna().all(axis=None)
    assert np.isfinite(trends.calls[["growth", "p", "tau"]]).all(axis=None)
    # The same table with the empty period left out is the same evidence.
    without = table({0: papers, 1: [2 * v for v in papers]}, totals).query("n_total > 0")
    pd.testing.assert_frame_equal(measure(without).calls, trends.calls)


def test_absent_rows_are_zero_papers():
    counts = table({0: RISING, 1: [0, 3, 0, 5, 4, 6, 0, 7, 8, 9, 10, 12]})
    pd.testing.assert_frame_equal(measure(counts[counts["n_papers"] > 0]).calls, measure(counts).calls)


def test_unassigned_papers_are_a_series_and_no_topic():
    counts = table({-1: [v * 3 for v in RISING], 0: RISING, 1: FLAT})
    trends = measure(counts)
    assert trends.calls.index.tolist() == [0, 1]
    assert trends.shares["topic_id"].unique().tolist() == [-1, 0, 1]
    alone = measure(counts[counts["topic_id"] >= 0])
    pd.testing.assert_frame_equal(alone.calls, trends.calls)


def test_the_band_is_never_narrower_than_the_plain_interval():
    shares = measure(plant(3, dispersion=3.0).table).shares
    assert (shares["band_low"] <= shares["share_low"]).all()
    assert (shares["band_high"] >= shares["share_high"]).all()
    assert (shares["band_high"] > shares["share_high"]).mean() > 0.9
    assert shares["share"].between(shares["share_low"], shares["share_high"]).all()


def test_labels_come_from_the_table_or_the_id():
    named = table({0: RISING, 7: FLAT}).assign(label=lambda t: t["topic_id"].map({0: "robots", 7: "parsing"}))
    assert measure(named).calls["label"].tolist() == ["robots", "parsing"]
    assert measure(named.drop(columns="label")).calls["label"].tolist() == ["topic 0", "topic 7"]


def test_bursts_and_forecasts_are_tables_of_the_same_columns_whether_or_not_there_are_any():
    few = measure(table({0: RISING}))
    assert few.bursts.empty and few.forecast.empty
    assert few.skill.loc[0, "reason"].startswith("too few periods for a back-test")
    random = np.random.default_rng(0)
    burst = random.poisson(np.where((np.arange(60) > 20) & (np.arange(60) < 30), 90, 20))
    rise = [20 * 1.04**k for k in range(60)]
    series = {k: random.poisson(rise) for k in range(1, 12)}
    many = measure(table({0: burst, **series}, 2000, "2008-01-01", "QS"))
    assert many.bursts.columns.tolist() == few.bursts.columns.tolist()
    assert many.bursts.dtypes.tolist()[:4] == few.bursts.dtypes.tolist()[:4]
    found = many.bursts.set_index("topic_id").loc[0]
    assert abs(found["start"] - pd.Timestamp("2013-04-01")) < pd.Timedelta(days=100)
    assert abs(found["end"] - pd.Timestamp("2015-04-01")) < pd.Timedelta(days=100)
    inside = many.shares[
        (many.shares["topic_id"] == 0) & many.shares["period"].between(found["start"], found["end"])
    ]
    assert found["n_papers"] == inside["n_papers"].sum()
    # The growing topics' last periods are no bursts, and their growth can be forecast.
    assert set(many.calls.index[many.calls["status"].isin(["emerging", "growing"])]) >= set(range(1, 12))
    assert set(many.bursts["topic_id"]) == {0}
    assert many.forecast.columns.tolist() == few.forecast.columns.tolist()
    assert many.forecast["period"].min() == pd.Timestamp("2023-01-01")
    assert (many.forecast.groupby("topic_id").size() == 6).all()
    assert set(many.forecast["topic_id"]) == set(many.skill.index[many.skill["shown"]])
    assert len(many.forecast)


def test_forecasts_and_bursts_can_be_left_out():
    random = np.random.default_rng(0)
    rise = [20 * 1.04**k for k in range(60)]
    counts = table({k: random.poisson(rise) for k in range(12)}, 2000, "2008-01-01", "QS")
    plain = measure(counts, bursts=False, forecast=False)
    assert plain.bursts.empty and plain.forecast.empty
    pd.testing.assert_frame_equal(plain.calls, measure(counts).calls)


@pytest.mark.parametrize(
    ("start", "freq", "every"),
    [("2020-01-06", "W-MON", "week"), ("2020-01-01", "MS", "month"), ("2020-04-01", "QS", "quarter"),
     ("2010-01-01", "YS", "year")],
)  # fmt: skip
def test_the_period_of_a_plain_table_is_found(start, freq, every):
    assert measure(table({0: RISING}, start=start, freq=freq)).every == every


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 25), st.integers(1, 9))
def test_no_table_breaks_it(seed, n_topics, n_periods):
    rng = np.random.default_rng(seed)
    totals = rng.choice([0, 1, 2, 5, 30, 200], n_periods)
    chances = [0, 0.02, 0.2, 0.9, 1]
    series = {k: rng.binomial(totals, rng.choice(chances, n_periods)) for k in range(-1, n_topics)}
    complete = rng.random(n_periods) < 0.8
    counts = table(series, totals, freq="MS")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        calls = measure(counts.assign(complete=np.tile(complete, len(series)))).calls
    assert len(calls) == n_topics
    known = calls[calls["growth"].notna()]
    assert (known["growth_low"] <= known["growth"]).all()
    assert (known["growth"] <= known["growth_high"]).all()
    tested = calls["p"].notna()
    assert (calls["q"].notna() == tested).all()
    assert (calls["q"][tested] >= calls["p"][tested]).all()
    assert (calls["status"][~tested] == "too few to say").all()
    assert not calls["reason"].str.contains("nan|None").any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="n_total"), "counts lacks the column n_total"),
        (lambda t: t.assign(n_papers=-1), r"row 0 \(from 0\): n_papers must not be negative, not -1"),
        (lambda t: t.assign(n_total=30), "row 11 .*: n_papers must not exceed n_total"),
        (lambda t: t.assign(n_papers=1.5), "n_papers must be a whole number, not 1.5"),
        (lambda t: t.assign(n_papers=np.nan), "n_papers must be a whole number, not nan"),
        (lambda t: t.assign(n_papers="7"), "the column n_papers must hold whole numbers"),
        (lambda t: t.assign(topic_id=-2), "topic_id must be -1"),
        (lambda t: t.assign(period="then"), "the column period must hold dates"),
        (lambda t: t.assign(period=2020), "the column period must hold dates.*not int64"),
        (lambda t: t.assign(period=pd.NaT), "row 0 .*: period must be a date"),
        (lambda t: t.assign(period=t["period"].dt.tz_localize("UTC")), "without a time zone"),
        (lambda t: t.assign(period=t["period"] + pd.Timedelta(days=1)), "not all first days"),
        (lambda t: pd.concat([t, t]), "row 12 .*: a topic must have one row per period"),
        (lambda t: t.assign(complete="yes"), "the column complete must hold True or False"),
        (lambda t: pd.concat([t, t.assign(topic_id=1, n_total=999)]), "n_total must be the same for all"),
        (lambda t: t.assign(label=[*"aaaaaaaaaaab"]), "a topic must have one label"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused_by_name(change, message):
    with pytest.raises(InputError, match=message):
        measure(change(table({0: RISING})))


def test_bad_parameters_are_refused_by_name():
    counts = table({0: RISING})
    for options, message in [
        ({"fdr": 0}, "fdr must lie between 0 and 1, not 0"),
        ({"fdr": "much"}, "fdr must be a number"),
        ({"smallest_growth": 0.9}, "smallest_growth must be 1 or more"),
        ({"min_periods": 2}, "min_periods must be 3 or more"),
        ({"every": "decade"}, "every must be one of week, month, quarter, year, not 'decade'"),
        ({"every": "year"}, r"row 1 \(from 0\): period must be the first day of a year, not 2020-04-01"),
    ]:
        with pytest.raises(InputError, match=message):
            measure(counts, **options)
    for thing in ([1, 2], None, counts["n_papers"]):
        with pytest.raises(InputError, match="counts must be Counts or a pandas DataFrame"):
            measure(thing)
