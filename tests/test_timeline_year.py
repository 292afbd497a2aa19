"""A year ago: the same months of two years, odds ratios with intervals that clumped papers do not fool."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio

from trends.core.errors import InputError
from trends.timeline import measure, year_on_year


def table(starts, n_papers, n_total, complete=True):
    rows = pd.DataFrame({"topic_id": 0, "period": starts, "n_papers": n_papers, "n_total": n_total})
    rest = rows.assign(topic_id=1, n_papers=rows["n_total"] - rows["n_papers"])
    return pd.concat([rows, rest]).assign(complete=np.tile(np.broadcast_to(complete, len(rows)), 2))


def months(n, first="2023-01-01"):
    return pd.date_range(first, periods=n, freq="MS")


def test_two_whole_years_by_hand():
    # 2023: 10 of 100 each month, 2024: 20 of 110; the unfinished January is not used.
    counted = table(
        months(25), [10] * 12 + [20] * 12 + [90], [100] * 12 + [110] * 12 + [100], [True] * 24 + [False]
    )
    row = year_on_year(measure(counted)).loc[0]
    assert row[["n_before", "total_before", "n_after", "total_after"]].tolist() == [120, 1200, 240, 1320]
    assert row["share_before"] == 0.1 and row["share_after"] == pytest.approx(240 / 1320)
    assert row["ratio"] == pytest.approx((240 / 1080) / (120 / 1080))
    assert row["ratio_low"] < 2 < row["ratio_high"]
    assert row["same_months"] == "12 months, 2024-01 to 2024-12 against 2023-01 to 2023-12"
    assert row["reason"] == ""


def test_under_two_years_the_same_months_are_compared():
    counted = table(months(15), [1] * 3 + [50] * 9 + [2, 2, 2], 100)
    row = year_on_year(measure(counted)).loc[0]
    assert row["same_months"] == "3 months, 2024-01 to 2024-03 against 2023-01 to 2023-03"
    assert row[["n_before", "n_after"]].tolist() == [3, 6]


def test_months_that_either_year_lacks_are_left_out_of_both():
    total = np.full(24, 100)
    total[[3, 14]] = 0
    counted = table(months(24), np.where(total, 5, 0), total)
    row = year_on_year(measure(counted)).loc[0]
    assert row["total_before"] == row["total_after"] == 1000
    assert row["same_months"] == (
        "10 months, 2024-01 to 2024-02, 2024-05 to 2024-12 against 2023-01 to 2023-02, 2023-05 to 2023-12"
    )


@pytest.mark.parametrize("n", [0, 1, 5, 12])
def test_under_thirteen_months_there_is_a_reason(n):
    row = year_on_year(measure(table(months(n), 5, 100), every="month"))
    if n:
        assert row[["share_before", "share_after", "ratio", "ratio_low", "ratio_high"]].isna().all(axis=None)
        assert row["reason"].str.contains("13 complete months needed").all()
        assert (row["same_months"] == "").all()


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        (
            pd.date_range("2023-01-01", periods=8, freq="QS"),
            "4 quarters, 2024 Q1 to 2024 Q4 against 2023 Q1 to 2023 Q4",
        ),
        (pd.date_range("2020-01-01", periods=5, freq="YS"), "1 year, 2024 against 2023"),
        (pd.date_range("2023-01-02", periods=53, freq="W-MON"), "1 week, 2024-W01 against 2023-W01"),
    ],
)
def test_other_periods_have_their_own_year(starts, said):
    assert (year_on_year(measure(table(starts, 5, 100)))["same_months"] == said).all()


def by_hand(n_papers, dispersion=1.0, serial=0.0):
    """Compare two years of 1,200 papers each with noise that is known."""
    found = measure(table(months(24), n_papers, 100))
    return year_on_year(
        replace(
            found,
            calls=found.calls.assign(dispersion=dispersion, serial_correlation=serial, df=np.inf),
        )
    ).loc[0]


def test_empty_cells_leave_one_end_open():
    rising = by_hand([0] * 12 + [2] * 12)
    # Half a paper in each cell: log odds ratio 3.912, standard error 1.430.
    assert rising["ratio"] == rising["ratio_high"] == np.inf
    assert rising["ratio_low"] == pytest.approx(
        np.exp(
            np.log(24.5 / 1176.5 * 1200.5 / 0.5) - 1.959964 * np.sqrt(1 / 24.5 + 1 / 1176.5 + 2 + 1 / 1200.5)
        )
    )
    falling = by_hand([2] * 12 + [0] * 12)
    assert falling["ratio"] == falling["ratio_low"] == 0
    assert falling["ratio_high"] == pytest.approx(1 / rising["ratio_low"])
    never = by_hand([0] * 24)
    assert np.isnan(never["ratio"]) and never["reason"] == "no papers of this topic in either year"
    assert never["share_before"] == 0


def test_clumps_and_serial_correlation_widen_the_interval_as_fewer_papers_would():
    plain, clumped = by_hand([10] * 12 + [20] * 12), by_hand([10] * 12 + [20] * 12, dispersion=4.0)
    serial = by_hand([10] * 12 + [20] * 12, serial=0.6)
    width = {k: np.log(r["ratio_high"] / r["ratio_low"]) for k, r in zip("pcs", (plain, clumped, serial))}
    assert width["c"] == pytest.approx(2 * width["p"], rel=0.01)
    assert width["s"] == width["c"]
    assert plain["ratio"] == clumped["ratio"] == pytest.approx((240 / 960) / (120 / 1080))


def test_two_years_alone_cannot_tell_how_papers_clump():
    row = year_on_year(measure(table(pd.date_range("2023-01-01", periods=2, freq="YS"), [30, 60], 1000))).loc[
        0
    ]
    assert "independent" in row["reason"]
    exact = odds_ratio(np.array([[60, 940], [30, 970]]), kind="sample").confidence_interval(0.95)
    assert row["ratio_low"] == pytest.approx(exact.low, rel=0.02)
    assert row["ratio_high"] == pytest.approx(exact.high, rel=0.02)


@settings(max_examples=40, deadline=None)
@example(n_papers=[1, 1] + [0] * 10 + [2], first="2019-05-01")
@given(
    n_papers=st.lists(st.integers(0, 30), min_size=13, max_size=30),
    first=st.sampled_from(["2019-05-01", "2020-02-01"]),
)
def test_wild_counts_keep_their_order(n_papers, first):
    trends = measure(table(months(len(n_papers), first), n_papers, 30))
    known = year_on_year(trends).dropna(subset="ratio")
    assert ((known["ratio_low"] <= known["ratio"]) & (known["ratio"] <= known["ratio_high"])).all()
    # Two topics that make up the whole: what one gains the other loses.
    if len(known) == 2 and 0 < known.loc[0, "ratio"] < np.inf:
        assert known.loc[0, "ratio"] * known.loc[1, "ratio"] == pytest.approx(1)
    # Each interval is widened by the topic's own noise; a turn of one alone makes these differ.
    noise = trends.calls[["dispersion", "df", "serial_correlation"]]
    alike = np.allclose(noise.iloc[0], noise.iloc[-1], equal_nan=True)
    if len(known) == 2 and alike and 0 < known.loc[0, "ratio"] < np.inf:
        assert known.loc[0, "ratio_low"] * known.loc[1, "ratio_high"] == pytest.approx(1)


@pytest.mark.parametrize("dispersion", [1, 3])
def test_the_interval_covers_an_unchanged_topic(dispersion):
    rng = np.random.default_rng(4)
    n_topics, n = 300, 24
    total, share = 400, 0.02
    if dispersion == 1:
        drawn = rng.binomial(total, share, (n_topics, n))
    else:
        weight = (total - dispersion) / (dispersion - 1)
        drawn = rng.binomial(total, rng.beta(share * weight, (1 - share) * weight, (n_topics, n)))
    rows = pd.DataFrame(
        {
            "topic_id": np.repeat(np.arange(n_topics), n),
            "period": np.tile(months(n).to_numpy(), n_topics),
            "n_papers": drawn.ravel(),
            "n_total": total,
        }
    )
    found = year_on_year(measure(rows))
    covered = ((found["ratio_low"] <= 1) & (found["ratio_high"] >= 1)).mean()
    assert 0.92 <= covered <= 0.99


def test_other_things_are_refused():
    with pytest.raises(InputError, match="trends must be Trends"):
        year_on_year(table(months(24), 5, 100))
