"""steps: the best split of a topic too small to test, with what chance could do."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from trends.timeline import measure, steps


def counted(rows, totals, start=2016):
    periods = pd.to_datetime([f"{start + k}-01-01" for k in range(len(totals))]).as_unit("us")
    tables = [
        pd.DataFrame({"topic_id": k, "period": periods, "n_papers": row, "n_total": totals})
        for k, row in enumerate(rows)
    ]
    return measure(pd.concat(tables, ignore_index=True))


def test_the_split_agrees_with_fishers_test():
    found = steps(counted([[0, 1, 0, 6, 5]], [40, 50, 45, 60, 55]))
    row = found.loc[0]
    assert row["period"] == pd.Timestamp("2019-01-01")
    assert (row["n_before"], row["total_before"], row["n_after"], row["total_after"]) == (1, 135, 11, 115)
    table = [[1, 134], [11, 104]]
    one_sided = fisher_exact(table, alternative="less").pvalue
    assert row["p"] == pytest.approx(2 * one_sided, rel=1e-9)
    assert row["low_before"] < 1 / 135 < row["high_before"] < row["low_after"] < 11 / 115
    assert row["adjusted"] == pytest.approx(3 * row["p"])
    assert row["clear"]


def test_a_fall_is_a_step_too():
    assert steps(counted([[9, 8, 0, 0]], [50, 50, 50, 50])).loc[0, "clear"]


def test_called_and_large_topics_and_thin_sides_are_left_out():
    falling = [16, 9, 5, 3, 2, 1, 1, 0]
    trends = counted([falling, [25, 24, 26, 25, 24, 26, 0, 0], [0] * 7 + [9]], [200] * 7 + [20])
    assert str(trends.calls.loc[0, "status"]) == "declining"
    assert trends.calls.loc[0, "n_papers"] < 40
    found = steps(trends)
    assert list(found.index) == [2]
    # The last period alone holds too few papers to be a side of its own.
    assert found.loc[2, "total_after"] >= 0.2 * 1420


def test_no_periods_give_an_empty_table():
    trends = counted([[1]], [10])
    found = steps(trends)
    assert found.empty
    assert "clear" in found.columns


def test_unchanged_topics_rarely_make_a_clear_step():
    random = np.random.default_rng(0)
    totals = [20, 25, 70, 120]
    n_clear = sum(
        int(steps(counted([random.binomial(totals, 0.05) for _ in range(10)], totals))["clear"].any())
        for _ in range(100)
    )
    assert n_clear <= 8
