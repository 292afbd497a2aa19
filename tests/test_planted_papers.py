"""Papers whose trends were planted: the truth holds, and the flow finds it again from text alone."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trends as tr

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from benchmarks.planted import papers as planted_papers  # noqa: E402
from benchmarks.planted.papers import CLUMP, CURVES, Curve, plant_papers, read  # noqa: E402
from benchmarks.planted.readings import call_measured, call_signals, call_slope, call_weak_signals  # noqa: E402
from benchmarks.planted.scores import counted, judged, merged, scored, themes_of  # noqa: E402
from benchmarks.planted.texts import OFF_TOPIC  # noqa: E402

N_SMALL = 1_200
SMALL = (
    Curve("visual token pruning", 0.06, 2.0),
    Curve("sparse autoencoders", 0.025, 2.5, absent=5 / 3),
    Curve("reinforcement learning", 0.14, 0.6),
    Curve("recurrent translation", 0.06, 0.5),
    Curve("mixture of experts", 0.15),
    Curve("graph networks", 0.1),
    Curve("speech recognition", 0.1),
)


@pytest.fixture(scope="module")
def small():
    return plant_papers(0, n_papers=N_SMALL, curves=SMALL)


# ---- the truth ----


def test_the_seed_decides_everything(small):
    papers, truth = plant_papers(0, n_papers=N_SMALL, curves=SMALL)
    pd.testing.assert_frame_equal(papers, small[0])
    pd.testing.assert_frame_equal(truth, small[1])
    other, _ = plant_papers(1, n_papers=N_SMALL, curves=SMALL)
    assert set(other["title"]) != set(papers["title"])


def test_load_keeps_every_paper_and_reads_only_text_and_dates(small):
    papers, truth = small
    loaded, theme = read(papers)
    assert len(loaded) == len(papers) == truth["n_papers"].sum()
    assert (loaded["date_precision"] == "day").all()
    assert theme.notna().all()
    assert "theme" not in loaded.columns


def test_dates_are_shuffled_and_within_the_time(small):
    dates = pd.to_datetime(small[0]["date"])
    assert not dates.is_monotonic_increasing
    assert dates.min() >= pd.Timestamp("2020-01-01") and dates.max() <= pd.Timestamp("2024-12-31")
    assert abs(np.corrcoef(dates.astype("int64"), np.arange(len(dates)))[0, 1]) < 0.1


def test_shares_follow_the_curves():
    """Pooled over seeds, a logistic slope of the planted themes gives the planted odds ratio."""
    sm = pytest.importorskip("statsmodels.api")
    tables = [plant_papers(seed, n_papers=3_000)[0] for seed in range(4)]
    months = pd.concat(tables)["date"].str[:7]
    years = (pd.PeriodIndex(months, freq="M") - pd.Period("2020-01", "M")).map(lambda gap: gap.n) / 12
    pooled = pd.DataFrame({"years": np.asarray(years, float), "theme": pd.concat(tables)["theme"].to_numpy()})
    totals = pooled.groupby("years").size()
    for curve in CURVES:
        mine = pooled[pooled["theme"] == curve.theme].groupby("years").size()
        n_papers = mine.reindex(totals.index, fill_value=0)
        after = totals.index >= curve.absent
        assert n_papers[~after].sum() == 0
        table = np.column_stack([n_papers, totals - n_papers])[after]
        fit = sm.GLM(table, sm.add_constant(totals.index[after]), family=sm.families.Binomial()).fit()
        error = fit.bse[1] * np.sqrt((1 + CLUMP) / 2)
        assert abs(fit.params[1] - np.log(curve.growth)) < 3.5 * error, curve
        # A share, and no count: the flat theme's papers multiply with the corpus.
    flat = pooled[pooled["theme"] == "mixture of experts"]["years"]
    assert (flat >= 4).sum() > 2 * (flat < 1).sum()


def test_papers_clump_as_said():
    """The variance of a month's papers over the binomial one is (1 + clump) / 2, and 1 without clumps."""
    for clump in (1, 3):
        tables = [plant_papers(seed, n_papers=3_000, clump=clump)[0] for seed in range(4)]
        chi2 = cells = 0
        for table in tables:
            counts = pd.crosstab(table["date"].str[:7], table["theme"])
            totals = counts.sum(axis=1).to_numpy()[:, None]
            flat = [curve for curve in CURVES if curve.growth == 1]
            share = np.array([curve.share for curve in flat])
            seen = counts[[curve.theme for curve in flat]].to_numpy()
            chi2 += ((seen - totals * share) ** 2 / (totals * share * (1 - share))).sum()
            cells += seen.size
        assert chi2 / cells == pytest.approx((1 + clump) / 2, rel=0.12)


def test_curves_that_leave_nothing_are_refused():
    with pytest.raises(ValueError, match="must stay below 1"):
        plant_papers(0, n_papers=100, curves=[Curve("graph networks", 0.7), Curve("speech recognition", 0.4)])


# ---- from text to call ----


@pytest.fixture(scope="module")
def flow(small):
    papers, theme = read(small[0])
    topics = tr.cluster(papers, tr.embed(papers, "lsa"), seed=0)
    counts = tr.count(papers, topics, every="quarter", observed_until=planted_papers.LAST_DAY)
    return papers, theme, topics, counts


@pytest.mark.slow
def test_from_text_alone_every_riser_and_faller_is_called_and_nothing_flat(small, flow):
    papers, theme, topics, counts = flow
    topic = topics.members["topic_id"].reindex(papers.index)
    table = counted(papers, topic, counts.periods)
    result = judged(call_measured, table, themes_of(topic, theme), small[1])
    assert result["wrong"] == []
    assert (result["risers"], result["fallers"], result["flat called"]) == (2, 2, 0)
    assert (result["risers by topics"], result["fallers by topics"]) == (2, 2)
    # The same papers read by raw frequency call what only grows with the corpus.
    assert judged(call_slope, table, themes_of(topic, theme), small[1])["flat called"] == 3


@pytest.mark.slow
def test_shuffled_dates_give_no_calls(flow):
    papers, _, topics, counts = flow
    topic = topics.members["topic_id"].reindex(papers.index)
    called = planted_papers.shuffled(papers, topic, counts.periods, 0)
    assert called["measure"] <= 0.2
    assert called["raw slope"] > 5


@pytest.mark.slow
def test_counting_by_given_periods_is_what_count_does(flow):
    papers, _, topics, counts = flow
    mine = counted(papers, topics.members["topic_id"], counts.periods)
    columns = ["topic_id", "period", "n_papers", "n_total"]
    theirs = counts.table.sort_values(["topic_id", "period"])[columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine[columns], theirs, check_dtype=False)


# ---- the rules and the scores ----


def counts_of(rows):
    starts = pd.date_range("2020-01-01", periods=len(rows[0]), freq="QS")
    total = np.full(len(starts), 100)
    return pd.concat(
        [
            pd.DataFrame({"topic_id": k, "period": starts, "n_papers": row, "n_total": total})
            for k, row in enumerate(rows)
        ]
    )


def test_a_slope_is_read_without_the_absent_periods():
    table = counts_of([[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [3, 3, 3, 3, 3, 3], [1, 9, 2, 8, 1, 9]])
    assert call_slope(table).tolist() == [1, -1, 0, 0]
    # A topic that fell silent: with its zeros the slope is down, without them it is flat.
    silent = counts_of([[4, 5, 4, 5, 0, 0, 0, 0]])
    assert call_slope(silent).tolist() == [-1]
    assert call_slope(silent[silent["n_papers"] > 0]).tolist() == [0]


def test_signals_rise_with_every_running_number():
    # Popularity is a sum, so whatever still has papers rises: even the falling second one.
    table = counts_of([[3] * 8, [9, 8, 7, 6, 5, 4, 3, 2], [9, 0, 0, 0, 0, 0, 0, 0]])
    calls = call_signals(table)
    assert calls.tolist() == [1, 1, -1]
    # The largest is strong, and no weak signal, whatever its direction.
    sizes = counts_of([[9] * 8, [2] * 8, [2] * 8, [2] * 8])
    assert call_signals(sizes).tolist() == [1, 1, 1, 1]
    assert call_weak_signals(sizes).tolist() == [0, 1, 1, 1]


def test_scores_tell_missed_from_wrong():
    truth = pd.DataFrame({"kind": ["rising", "falling", "flat", "rest"]}, index=["a", "b", "c", OFF_TOPIC])
    theme_of = pd.Series({0: "a", 1: "a", 2: "c", 3: OFF_TOPIC})
    by_topic = pd.Series({0: 1, 1: -1, 2: 0, 3: -1})
    by_theme = pd.Series({"a": 1, "c": 1, OFF_TOPIC: 0})
    found = scored(by_topic, by_theme, theme_of, truth)
    assert found["risers"] == 1 and found["risers by topics"] == 0
    assert found["fallers"] == 0 and found["wrong"] == ["b", "c"]
    assert found["flat called"] == 1 and found["flat called by topics"] == 0
    assert found["off topic called"] == 1


def test_merged_topics_add_up():
    table = counts_of([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    added = merged(table, pd.Series({0: "b", 1: "b", 2: "a"}), ["a", "b"])
    assert added.loc[added["topic_id"] == 1, "n_papers"].tolist() == [5, 7, 9]
    assert added.loc[added["topic_id"] == 0, "n_papers"].tolist() == [7, 8, 9]
