"""as_of and backtest: nothing of after a date reaches its calls, and the scores are those done by hand."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import Table2x2

import trends.embeddings as embeddings_room
from trends import backtest
from trends.backtest import Backtest, _known, as_of, score
from trends.backtest._rules import bertrend, last_change, order, popularity, share, slope
from trends.backtest._score import DRAWS
from trends.backtest._truth import truth
from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.tables import PRECISION_TYPE
from trends.core.wilson import wilson
from trends.testing import HashingEncoder, papers

START, DAYS = pd.Timestamp("2021-01-01"), 1_460


def growing(n_papers: int = 480, seed: int = 0) -> pd.DataFrame:
    """Return toy papers over sixteen quarters; graph networks (every fourth) come ever more often."""
    toy = papers(n_papers, seed=seed)
    turn = (np.arange(n_papers) // 4) / (n_papers / 4)
    late = np.where(np.arange(n_papers) % 4 == 0, np.cbrt(turn), turn)
    toy["date"] = (START + pd.to_timedelta((late * DAYS).astype(int), unit="D")).astype("datetime64[us]")
    return toy


OPTIONS = {"every": "quarter", "n_topics": 4}
LOOK_BACK = {"encoder": "lsa", "observed_until": "2024-12-31", **OPTIONS}


@pytest.mark.parametrize("encoder", ["lsa", HashingEncoder()])
def test_later_papers_change_nothing_of_what_was_known(encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(embeddings_room, "TEACH_ABOVE", 100)
    for name, value in {"TAUGHT_BY_WORDS": 80}.items():
        monkeypatch.setattr(f"trends.embeddings._distil.{name}", value)
    toy = growing(240)
    # Later papers bring words of their own, which would show in vocabulary, weights and topics.
    later = toy["date"] >= "2023-07-01"
    toy.loc[later, "abstract"] += " Zyx wvu quux."
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "a"))
    with_later = as_of(toy, "2023-07-01", encoder=encoder, **OPTIONS)
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "b"))
    without = as_of(toy[~later].sample(frac=1, random_state=1), "2023-07-01", encoder=encoder, **OPTIONS)
    assert with_later.fingerprint == without.fingerprint
    assert fingerprint(
        with_later.embeddings, with_later.topics.table, with_later.trends.calls
    ) == fingerprint(without.embeddings, without.topics.table, without.trends.calls)
    assert with_later.papers["date"].max() < pd.Timestamp("2023-07-01")
    assert with_later.counts.periods["complete"].all()
    assert with_later.parameters["as_of"] == "2023-07-01"


def test_when_a_paper_is_known():
    toy = papers(8)
    toy["date"] = pd.to_datetime(
        [
            "2024-02-29",
            "2024-03-01",
            "2024-02-01",
            "2024-02-01",
            "2024-01-01",
            "2023-01-01",
            None,
            "2020-01-01",
        ]
    ).astype("datetime64[us]")
    precision = ["day", "day", "day", "month", "year", "year", "day", "unknown"]
    toy["date_precision"] = pd.Series(precision, index=toy.index).astype(PRECISION_TYPE)
    day = pd.Timestamp("2024-03-01")
    assert _known(toy, day, 0).tolist() == [True, False, True, True, False, True, False, False]
    assert _known(toy, day, 1).tolist() == [False, False, True, False, False, True, False, False]
    told = ["2024-03-05", "2024-02-01", None, "2024-03-01", None, None, "2024-01-01", None]
    toy["known_at"] = pd.to_datetime(told)
    assert _known(toy, day, 0).tolist() == [False, True, True, False, False, True, True, False]
    with pytest.raises(InputError, match="known_at must hold dates"):
        _known(toy.assign(known_at="soon"), day, 0)
    with pytest.raises(InputError, match="settle_days"):
        _known(toy, day, -1)


def test_naive_rules_by_hand():
    n_papers = np.array([[1.0, 2, 3, 6], [8, 6, 4, 4], [0, 0, 5, 0]])
    shares = n_papers / 10
    assert last_change(shares) == pytest.approx([0.3, 0, -0.5])
    assert share(shares) == pytest.approx([0.6, 0.4, 0])
    # (-1.5 × .1 - .5 × .2 + .5 × .3 + 1.5 × .6) / 5 and so on
    assert slope(shares) == pytest.approx([0.16, -0.14, 0.05])
    assert slope(shares) == pytest.approx(np.polyfit(np.arange(4), shares.T, 1)[0])
    assert order(np.array([1.0, 2, 2, 2]), np.array([9, 5, 7, 5]), np.array([0, 3, 2, 1])).tolist() == [
        2,
        3,
        1,
        0,
    ]


def test_popularity_fades_by_hand():
    found = popularity(np.array([[3.0, 0, 0, 2, 0]]))[0]
    one, two = 3 * np.exp(-0.01), 3 * np.exp(-0.01) * np.exp(-0.04)
    assert found == pytest.approx([3, one, two, two + 2, (two + 2) * np.exp(-0.01)])


def test_bertrend_ranks_by_slope_and_puts_noise_last():
    # Popularity: 1..8 rising by 1; 30 and fading; 10, 10.. rising by 2 to 24; .1 of a paper never again.
    n_papers = np.zeros((4, 8))
    n_papers[0] = 1
    n_papers[1, 0] = 30
    n_papers[2] = [10, 2, 2, 2, 2, 2, 2, 2]
    n_papers[3, 0] = 0.1
    found = bertrend(n_papers)
    window = popularity(n_papers)[:, -7:]
    low, high = np.percentile(window[window > 1e-5], [10, 75])
    now = window[:, -1]
    assert now[3] < low and low <= now[1] <= high and now[2] > high
    assert found[0] == pytest.approx(1) and found[2] == pytest.approx(2)
    assert np.isneginf(found[[1, 3]]).all()  # between the two and falling; below both
    assert np.isneginf(bertrend(np.zeros((2, 3)))).all()


def test_truth_against_statsmodels():
    rng = np.random.default_rng(0)
    before, after = rng.integers(0, 60, 40), rng.integers(0, 90, 40)
    found = truth(before, np.array(500), after, np.array(600), np.ones(40))
    for k in range(40):
        table = np.array([[after[k], 600 - after[k]], [before[k], 500 - before[k]]]) + 0.5
        oracle = Table2x2(table, shift_zeros=False)
        assert found["odds_ratio"][k] == pytest.approx(oracle.oddsratio)
        assert found.loc[k, ["low", "high"]].tolist() == pytest.approx(
            oracle.oddsratio_confint(0.1), rel=1e-5
        )
    assert (found["rose"] == (found["odds_ratio"] >= 1.25) & (found["low"] > 1)).all()
    assert found["rose"].any() and found["fell"].any() and not (found["rose"] & found["fell"]).any()
    wide = truth(before, np.array(500), after, np.array(600), np.full(40, 4.0))
    assert np.log(wide["high"] / wide["low"]).to_numpy() == pytest.approx(
        2 * np.log(found["high"] / found["low"]).to_numpy()
    )
    # A quarter more of a large topic is sure, and less than a quarter is no rise however sure.
    many = truth(np.array([5_000]), np.array(100_000), np.array([6_000]), np.array(100_000), np.ones(1))
    assert many["low"][0] > 1 and not many["rose"][0]


def outcome(as_of: str, rose: list[bool], called: list[int], rule: list[float]) -> pd.DataFrame:
    """Return calls of one date by hand: `called` topics in order of rank, all naive rules scoring alike."""
    n = len(rose)
    ranks = pd.Series(pd.NA, index=range(n), dtype="Int64")
    ranks.loc[called] = range(1, len(called) + 1)
    status = ["growing" if k in called else "steady" for k in range(n)]
    return pd.DataFrame(
        {
            "as_of": pd.Timestamp(as_of),
            "horizon": 2,
            "topic_id": range(n),
            "status": status,
            "rank": ranks,
            "n_papers": 50,
            "odds_ratio": np.where(rose, 2.0, 0.9),
            "rose": rose,
            "fell": False,
        }
        | dict.fromkeys(("last change", "share", "slope", "bertrend"), rule)
    )


def test_scores_by_hand():
    rose = [True, True, False, False, False, True, False, False]
    calls = outcome("2024-01-01", rose, [5, 2, 0], [0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    calls.loc[7, "status"], calls.loc[7, "rank"] = "declining", 1
    found = score(calls, every="quarter")
    table = found.scores.set_index(["rule", "k"])
    assert table.loc[("calls", "5"), ["n_ranked", "n_rose", "precision"]].tolist() == [3, 2, 2 / 3]
    assert table.loc[("calls", "5"), "lift"] == pytest.approx(2 / 3 / (3 / 8))
    assert table.loc[("slope", "5"), ["n_ranked", "n_rose", "precision"]].tolist() == [5, 2, 0.4]
    assert table.loc[("slope", "10"), ["n_ranked", "n_rose"]].tolist() == [8, 3]
    assert table.loc[("slope", "called"), ["n_ranked", "n_rose"]].tolist() == [3, 2]
    assert table.loc[("random", "5"), ["precision", "lift"]].tolist() == [3 / 8, 1]
    rising, falling = found.directions.loc[(2, "rising")], found.directions.loc[(2, "falling")]
    assert rising[["n_calls", "n_right"]].tolist() == [3, 2]
    assert falling[["n_calls", "n_right", "share"]].tolist() == [1, 1, 1]
    assert found.directions.loc[(2, "both"), ["n_calls", "n_right"]].tolist() == [4, 3]
    assert rising[["low", "high"]].tolist() == pytest.approx(wilson(np.array([2.0]), np.array([3.0])).ravel())
    assert "too few dates" in found.verdict
    assert any("Fewer than 10 topics" in note for note in found.notes)


DATES = [f"{year}-01-01" for year in range(2016, 2024)]
FORWARD, BACKWARD = list(np.arange(12.0)), list(np.arange(12.0)[::-1])


def many(called, rule, dates=DATES):
    return pd.concat([outcome(date, [k < 3 for k in range(12)], called, rule) for date in dates])


def test_a_claim_needs_both_comparisons():
    better = score(many([0, 1, 2], FORWARD), every="quarter")
    assert "2 quarters ahead: better than the best naive rule" in better.verdict
    ours = better.summary.set_index(["rule", "k"]).loc[("calls", "10")]
    assert ours["precision"] == 1 and ours["best"] == "random" and ours["n_ranked"] == 24
    # Random's expectation among ten of twelve is its share of all, a quarter.
    assert ours["difference"] == ours["difference_low"] == pytest.approx(0.75)
    # The naive rules find the same three at the same number; only the fixed ten makes them look worse.
    unfair = score(many([0, 1, 2], BACKWARD), every="quarter")
    assert "no better than the naive rule" in unfair.verdict
    table = unfair.summary.set_index(["rule", "k"])
    assert table.loc[("calls", "10"), "difference_low"] > 0
    assert table.loc[("calls", "called"), "difference"] == 0
    worse = score(many([9, 10, 11], BACKWARD), every="quarter")
    assert "no better" in worse.verdict
    assert worse.summary.set_index(["rule", "k"]).loc[("calls", "called"), "difference_high"] == -1
    none = score(many([], BACKWARD), every="quarter")
    assert "no topic was called" in none.verdict
    assert "too few dates" in score(many([0], FORWARD, DATES[:4]), every="quarter").verdict


def test_the_bootstrap_over_dates_against_plain_resampling():
    rng = np.random.default_rng(4)
    tables = []
    for date in DATES:
        rose = (rng.random(12) < 0.4).tolist()
        tables.append(outcome(date, rose, rng.permutation(12)[: rng.integers(1, 6)].tolist(), FORWARD))
    found = score(pd.concat(tables), every="quarter", seed=3)
    scores = found.scores[found.scores["k"] == "10"].pivot_table(
        index="as_of", columns="rule", values=["n_rose", "n_ranked"]
    )
    drawn = rng.integers(0, len(DATES), (DRAWS, len(DATES)))
    ours, theirs = (
        scores["n_rose"][rule].to_numpy()[drawn].sum(1) / scores["n_ranked"][rule].to_numpy()[drawn].sum(1)
        for rule in ("calls", "slope")
    )
    table = found.summary.set_index(["rule", "k"])
    assert table.loc[("calls", "10"), ["low", "high"]].tolist() == pytest.approx(
        np.percentile(ours, [5, 95]), abs=0.03
    )
    assert table.loc[("slope", "10"), ["difference_low", "difference_high"]].tolist() == pytest.approx(
        np.percentile(ours - theirs, [5, 95]), abs=0.03
    )
    again = score(pd.concat(tables[::-1]), every="quarter", seed=3)
    pd.testing.assert_frame_equal(again.summary, found.summary, check_exact=True)
    assert again.fingerprint == found.fingerprint


@pytest.fixture(scope="module")
def found():
    return backtest.run(growing(), ["2023-10-01", "2024-01-01"], **LOOK_BACK)


def test_the_flow_of_a_backtest(found):
    assert isinstance(found, Backtest) and found.leak_free
    calls = found.calls
    assert calls.groupby(["as_of", "horizon"]).size().tolist() == [4, 4, 4, 4]
    graph = calls[calls["label"].str.contains("graph", case=False)]
    assert len(graph) == 4
    assert graph["status"].isin(["growing", "emerging"]).all()
    assert graph.loc[graph["horizon"] == 4, "rose"].all()
    others = calls.drop(graph.index)
    assert not others["status"].isin(["growing", "emerging"]).any()
    assert set(found.scores["rule"]) == {"calls", "last change", "share", "slope", "bertrend", "random"}
    assert "too few dates" in found.verdict and "2 quarters ahead" in found.verdict
    assert "leak" not in repr(found)
    assert any("too narrow" in note for note in found.notes)


def test_the_past_is_counted_as_it_was_and_the_future_in_full(found):
    toy = growing()
    then = as_of(toy, "2024-01-01", encoder="lsa", **OPTIONS)
    mine = found.calls[(found.calls["as_of"] == "2024-01-01") & (found.calls["horizon"] == 4)].set_index(
        "topic_id"
    )
    last = then.counts.table[then.counts.table["period"].isin(then.counts.periods.index[-4:])]
    past = last.groupby("topic_id")["n_papers"].sum()
    assert mine["n_before"].tolist() == past.drop(index=-1).tolist()
    assert (mine["total_before"] == past.sum()).all()
    assert (mine["total_after"] == (toy["date"] >= "2024-01-01").sum()).all()
    assert mine["n_after"].sum() > 0.8 * mine["total_after"].iloc[0]


def test_a_backtest_does_not_hang_on_the_order_of_rows(found):
    mixed = growing().sample(frac=1, random_state=3)
    again = backtest.run(mixed, found.parameters["dates"], **LOOK_BACK)
    assert again.fingerprint == found.fingerprint


def test_given_vectors_and_late_knowledge():
    toy = growing()
    toy["known_at"] = toy["date"] + pd.Timedelta(days=40)
    vectors = np.stack([np.eye(4)[k % 4] + 0.01 for k in range(len(toy))])
    vectors += np.random.default_rng(0).normal(0, 0.05, vectors.shape)
    late = backtest.run(toy, ["2024-01-01"], every="quarter", horizons=(1,), encoder=vectors, n_topics=4)
    # The last quarter of 2023 is known in part only, but its outcome is counted whole.
    third = toy["date"].between("2023-10-01", "2023-12-31").sum()
    assert (late.calls["total_before"] == third).all()
    assert any("given vectors" in note for note in late.notes)


def test_the_cheap_mode_says_that_it_leaks():
    cheap = backtest.run(growing(), horizons=(2,), leaky=True, **LOOK_BACK)
    assert not cheap.leak_free
    assert cheap.verdict.startswith("Not leak-free")
    assert "not leak-free" in repr(cheap)
    assert cheap.notes[0].startswith("Not leak-free")
    assert cheap.parameters["leaky"]
    dates = pd.to_datetime(cheap.parameters["dates"])
    assert dates[0] == pd.Timestamp("2023-01-01") and dates[-1] <= pd.Timestamp("2024-07-01")
    assert cheap.calls.loc[cheap.calls["as_of"] == "2023-01-01", "label"].str.contains("Graph").sum() == 1
    assert cheap.calls["label"].nunique() == 4  # one set of topics at all dates


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"horizons": ()}, "horizons must be whole numbers"),
        ({"horizons": (0,)}, "horizons must be whole numbers"),
        ({"horizons": (12,)}, "8 before a date and 12 after it"),
        ({"every": "auto"}, "every must be one of"),
        ({"dates": ["some day"]}, "date must be a date"),
        ({"dates": ["2020-01-01"]}, "No paper was known"),
    ],
)
def test_bad_options_are_told(options, told):
    given = {"every": "quarter", "encoder": "lsa", "n_topics": 4} | options
    with pytest.raises(InputError, match=told):
        backtest.run(growing(120), **given)


def test_scores_need_calls():
    with pytest.raises(InputError, match="lacks the columns"):
        score(pd.DataFrame({"as_of": []}), every="year")
    with pytest.raises(InputError, match="is empty"):
        score(outcome("2024-01-01", [True], [0], [1.0]).iloc[:0], every="year")
