"""Bursts: every path tried by hand, null tables, planted bursts, and nothing that depends on company."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.planted.bursts import measure_bursts, plant_bursts
from trends.core.errors import InputError
from trends.timeline import _bursts
from trends.timeline._bursts import find_bursts, separate

TYPES = {
    "topic": "int64",
    "kind": "str",
    "start": "int64",
    "end": "int64",
    "weight": "float64",
    "n_papers": "int64",
    "n_total": "int64",
    "share_inside": "float64",
    "share_outside": "float64",
    "p": "float64",
    "q": "float64",
}


def path_cost(states, y, total, ratio, cost):
    """Kleinberg's cost of one path, from the binomial chances themselves."""
    from scipy.stats import binom

    usual = y.sum() / total.sum()
    raised = min(ratio * usual, 0.9999)
    paid = -binom.logpmf(y, total, np.where(states, raised, usual)).sum()
    steps_up = np.diff(np.concatenate([[0], states])) == 1
    return paid + cost * np.log(len(y)) * steps_up.sum()


def runs_of(states):
    """Return (start, end) of each stretch of ones."""
    return [
        (group[0][0], group[-1][0])
        for state, group in ((k, list(g)) for k, g in itertools.groupby(enumerate(states), lambda x: x[1]))
        if state
    ]


@st.composite
def small_topics(draw):
    n = draw(st.integers(1, 8))
    total = np.array(draw(st.lists(st.integers(1, 300), min_size=n, max_size=n)))
    y = np.array([draw(st.integers(0, int(t))) if draw(st.booleans()) else min(3, int(t)) for t in total])
    return y, total


# ---- the automaton ----


@settings(max_examples=150, deadline=None)
@given(small_topics(), st.sampled_from([1.3, 2.0, 3.0]), st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_no_path_is_cheaper_than_the_one_found(topic, ratio, cost):
    y, total = topic
    gains = _bursts._gains(y[None], total, ratio)
    states = _bursts._upper(gains, cost * np.log(len(y)))[0].astype(int)
    usual = y.sum() / total.sum()
    if usual == 0 or min(ratio * usual, 0.9999) <= usual:
        assert not states.any()
        return
    every = np.array(list(itertools.product([0, 1], repeat=len(y))))
    cheapest = min(path_cost(path, y, total, ratio, cost) for path in every)
    assert path_cost(states, y, total, ratio, cost) == pytest.approx(cheapest, rel=1e-9, abs=1e-7)


@settings(max_examples=150, deadline=None)
@given(small_topics(), st.sampled_from([1.3, 2.0]), st.sampled_from([0.0, 0.5, 1.0]), st.randoms())
def test_orders_are_judged_by_the_runs_of_their_cheapest_path(topic, ratio, cost, random):
    y, total = topic
    order = list(range(len(y)))
    random.shuffle(order)
    gains, price = _bursts._gains(y[None], total, ratio), cost * np.log(len(y))
    shuffled = gains[:, order]
    runs = runs_of(_bursts._upper(shuffled, price)[0])
    inside = [shuffled[0, a : b + 1] for a, b in runs]
    expected = max([0.0, *(run.sum() - run.max() for run in inside)])
    orders, first = np.array([order], np.int32), np.zeros(1, dtype=int)
    for follow in (_bursts._follow, _bursts._compiled()):
        assert follow(gains, price, orders)[0, 0] == pytest.approx(expected, abs=1e-9)
    together = _bursts._follow_together(gains, price, orders, first, first)
    assert together[0] == _bursts._follow(gains, price, orders)[0, 0]
    assert _bursts._at_most(gains, orders)[0, 0] >= expected - 1e-9


def test_a_burst_worked_by_hand():
    # 5 of 100 but for two periods of 20: p0 = 70/800, p1 = 140/800.
    y = np.array([[5, 5, 5, 20, 20, 5, 5, 5]])
    found = find_bursts(y, np.full(8, 100))
    assert list(found.columns) == list(TYPES)
    row = found.iloc[0]
    assert len(found) == 1
    assert (row["topic"], row["kind"], row["start"], row["end"]) == (0, "run", 3, 4)
    assert (row["n_papers"], row["n_total"]) == (40, 200)
    assert row["weight"] == pytest.approx(40 * np.log(2) + 160 * np.log((1 - 0.175) / (1 - 0.0875)))
    assert row["share_inside"] == pytest.approx(0.2)
    assert row["share_outside"] == pytest.approx(0.05)
    # Two of eight periods are neighbours in 7 of 28 orders, and .95 of the error is for runs.
    assert row["p"] == pytest.approx(0.25 / 0.95, abs=0.08)
    assert row["q"] == row["p"]


def test_beginning_a_burst_costs_and_ending_one_does_not():
    y = np.array([[0, 0, 9, 0, 9, 0, 0, 0]])
    total = np.full(8, 40)
    dear, free = find_bursts(y, total, cost=1.0), find_bursts(y, total, cost=0.0)
    gains = _bursts._gains(y, total, 2.0)
    between, price = -gains[0, 3], np.log(8)
    assert between > price
    assert list(zip(dear["start"], dear["end"])) == [(2, 2), (4, 4)] == list(zip(free["start"], free["end"]))
    # Leaving and coming back costs more than staying.
    stays = find_bursts(y, total, cost=2 * between / price)
    assert list(zip(stays["start"], stays["end"])) in ([(2, 4)], [])
    assert find_bursts(y, total, cost=1e6).empty


# ---- the noise ----


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_unchanged_topics_seldom_burst(dispersion):
    figures = measure_bursts(
        25, first_seed=900, dispersion=dispersion, n_topics=40, n_bursting=0, settings={"n_permutations": 999}
    )
    assert figures["unchanged"] == 1000
    assert figures["false_bursts"] <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 1000)


@pytest.mark.parametrize(("dispersion", "level"), [(1.0, 0.2), (3.0, 0.2), (3.0, 0.05), (3.0, 0.5)])
def test_p_is_no_smaller_than_uniform_at_any_level(dispersion, level):
    below = []
    for seed in range(15):
        planted = plant_bursts(seed, n_bursting=0, n_topics=60, dispersion=dispersion)
        found = find_bursts(planted.n_papers, planted.n_total, n_permutations=399)
        below += list(found.groupby("topic")["p"].min().reindex(range(60), fill_value=1.0) <= level)
    assert np.mean(below) <= level + 2.5 * np.sqrt(level * (1 - level) / len(below))


@pytest.mark.parametrize(("dispersion", "power"), [(1.0, 0.96), (3.0, 0.64)])
def test_planted_bursts_are_found_where_they_are(dispersion, power):
    figures = measure_bursts(
        10, first_seed=900, dispersion=dispersion, n_bursting=30, settings={"n_permutations": 1999}
    )
    assert figures["power"] >= power
    assert figures["placed_of_found"] >= 0.9
    assert figures["false_discoveries"] <= 0.05


def test_a_spike_is_seen_and_called_one():
    y = np.full((1, 24), 12)
    y[0, 7] = 70
    y[0, ::2] += 3
    found = find_bursts(y, np.full(24, 4000))
    assert list(found["kind"]) == ["spike"]
    assert found["start"].item() == found["end"].item() == 7
    assert found["p"].item() < 1e-4
    # The same spike in a topic that is all spikes is none.
    wild = np.where(np.arange(24) % 3 == 0, 60, 0)
    wild[0] = 70
    assert (find_bursts(wild[None], np.full(24, 4000))["p"] == 1).all()


def test_a_spike_takes_nothing_from_a_run():
    y = np.full((1, 24), 10)
    y[0, 10:14] = 40
    alone = find_bursts(y, np.full(24, 4000))
    y[0, 20] = 200
    found = find_bursts(y, np.full(24, 4000), ratio=1.5).set_index("kind")
    assert alone["p"].item() < 0.01
    # Beside any of the raised periods, as in a third of the orders, the spike makes a heavier run.
    assert found.loc["spike", "weight"] > found.loc["run", "weight"]
    assert found.loc["run", "p"] < 0.02
    assert found.loc["spike", "p"] < 0.01


def test_the_tail_of_the_beta_binomial_is_scipys():
    from scipy.stats import betabinom, binom

    total = np.array([50, 400, 4000, 4000])
    share = np.array([0.05, 0.02, 0.003, 0.5])
    y = np.array([6, 30, 40, 2200])
    dispersion = np.array([1.5, 3.0, 2.0, 8.0])
    alike = (dispersion - 1) / (total - 1)
    a, b = share * (1 - alike) / alike, (1 - share) * (1 - alike) / alike
    tail = _bursts._beta_binomial_tail(y, total, share, dispersion)
    np.testing.assert_allclose(tail, betabinom.sf(y - 1, total, a, b), rtol=1e-6)
    plain = _bursts._beta_binomial_tail(y, total, share, np.ones(4))
    np.testing.assert_allclose(plain, binom.sf(y - 1, total, share), rtol=1e-3)
    whole = _bursts._beta_binomial_tail(np.array([30]), np.array([30]), np.array([0.2]), np.array([2.0]))
    assert 0 < whole[0] < 1e-8


# ---- who is beside whom ----


def test_a_topic_does_not_depend_on_its_company():
    planted = plant_bursts(3, dispersion=3.0)
    whole = find_bursts(planted.n_papers, planted.n_total)
    few = [31, 2, 0]
    part = find_bursts(planted.n_papers[few], planted.n_total)
    for row, topic in enumerate(few):
        one = part[part["topic"] == row].drop(columns=["topic", "q"]).reset_index(drop=True)
        same = whole[whole["topic"] == topic].drop(columns=["topic", "q"]).reset_index(drop=True)
        pd.testing.assert_frame_equal(one, same)


def test_only_the_seed_draws():
    planted = plant_bursts(4, dispersion=3.0)
    first, again = (find_bursts(planted.n_papers, planted.n_total, seed=5) for _ in range(2))
    other = find_bursts(planted.n_papers, planted.n_total, seed=6)
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(first.drop(columns=["p", "q"]), other.drop(columns=["p", "q"]))
    assert not first["p"].equals(other["p"])
    np.testing.assert_allclose(first["p"], other["p"], atol=0.2)


def test_input_is_left_as_it_was():
    planted = plant_bursts(5)
    before = planted.n_papers.copy()
    find_bursts(planted.n_papers, planted.n_total)
    assert (planted.n_papers == before).all()


def test_threads_slices_and_the_compiler_change_nothing(monkeypatch):
    monkeypatch.setattr(_bursts, "_WORTH_COMPILING", 0)
    planted = plant_bursts(6, n_topics=150, n_bursting=100, dispersion=3.0)
    gains = _bursts._gains(planted.n_papers, planted.n_total, 2.0)
    orders = np.random.default_rng(0).permuted(np.tile(np.arange(24, dtype=np.int32), (50, 1)), axis=1)
    alone = _bursts._follow(gains, np.log(24), orders)
    sliced = _bursts._most_lasting(gains, np.log(24), orders, np.zeros(len(gains)))
    np.testing.assert_array_equal(sliced, alone)
    monkeypatch.setattr(_bursts, "_WORTH_COMPILING", 10**9)
    enough = np.quantile(alone, 0.9, axis=1)
    together = _bursts._most_lasting(gains, np.log(24), orders, enough)
    reached = alone >= enough[:, None]
    np.testing.assert_array_equal(together[reached], alone[reached])
    assert (together[~reached] < np.broadcast_to(enough[:, None], alone.shape)[~reached]).all()


# ---- q ----


def q_by_search(p, topics, n_topics):
    """Try every rate at which the answer can change: the smallest at which a burst is found."""
    surest = pd.Series(p).groupby(topics).min().to_numpy()
    candidates = sorted({min(1.0, v * n_topics / k) for v in p for k in range(1, len(p) + 1)} | {1.0})

    def n_found(rate):
        ordered = np.sort(surest)
        fits = np.flatnonzero(ordered <= rate * np.arange(1, len(ordered) + 1) / n_topics * (1 + 1e-12))
        return fits[-1] + 1 if len(fits) else 0

    return [
        next((rate for rate in candidates if value <= rate * n_found(rate) / n_topics * (1 + 1e-12)), 1.0)
        for value in p
    ]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.0005, 0.004, 0.01, 0.03, 0.2, 1.0])), min_size=1,
             max_size=9),
    st.integers(0, 6),
)  # fmt: skip
def test_q_is_the_least_rate_that_finds_the_burst(pairs, extra):
    topics, p = np.array([t for t, _ in pairs]), np.array([v for _, v in pairs])
    n_topics = len(np.unique(topics)) + extra
    found = _bursts._adjusted(p, topics, n_topics)
    np.testing.assert_allclose(found, q_by_search(p, topics, n_topics), rtol=1e-9)


def test_q_of_single_bursts_is_benjamini_and_hochbergs():
    from scipy.stats import false_discovery_control

    p = np.random.default_rng(0).uniform(0, 1, 30) ** 2
    np.testing.assert_allclose(_bursts._adjusted(p, np.arange(30), 30), false_discovery_control(p))


# ---- the edges ----


@pytest.mark.parametrize(
    ("n_papers", "n_total"),
    [
        (np.zeros((3, 6), int), np.full(6, 50)),
        (np.full((2, 6), 50), np.full(6, 50)),
        (np.array([[7]]), np.array([9])),
        (np.zeros((0, 6), int), np.full(6, 50)),
        (np.zeros((2, 0), int), np.zeros(0, int)),
        (np.full((1, 12), 8), np.full(12, 400)),
    ],
)
def test_nothing_bursts_where_nothing_can(n_papers, n_total):
    found = find_bursts(n_papers, n_total)
    assert found.empty
    assert {name: str(kind) for name, kind in found.dtypes.items()} == TYPES


def test_all_papers_in_one_period_cannot_be_judged():
    y = np.zeros((1, 12), int)
    y[0, 4] = 30
    found = find_bursts(y, np.full(12, 300))
    assert list(found["kind"]) == ["spike"]
    assert found["share_outside"].item() == 0
    # Nothing tells whether these 30 are one clump or 30 chances.
    assert found["p"].item() == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 10**6), st.sampled_from([1.01, 2.0, 1e4]))
def test_wild_tables_give_bounded_numbers(seed, n, most, ratio):
    rng = np.random.default_rng(seed)
    total = rng.integers(1, most + 1, n)
    y = rng.binomial(total, rng.uniform(0, 1, (4, n)) ** rng.integers(1, 9))
    found = find_bursts(y, total, ratio=ratio, n_permutations=99)
    assert found[["p", "q"]].gt(0).all(axis=None) and found[["p", "q"]].le(1).all(axis=None)
    assert (found["q"] >= found["p"] - 1e-12).all()
    assert (found["weight"] > 0).all()
    assert (found["share_inside"] > found["share_outside"]).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_papers": np.zeros(4, int)}, "topics by periods"),
        ({"n_total": np.full(3, 9)}, "one number per period"),
        ({"n_papers": np.full((2, 4), 0.5)}, "whole numbers"),
        ({"n_papers": np.full((2, 4), np.nan)}, "whole numbers"),
        ({"n_total": np.array([9, 0, 9, 9])}, "period 1"),
        ({"n_papers": np.array([[1, 1, 1, 1], [1, 1, 10, 1]])}, "topic 1 has 10 of 9 papers in period 2"),
        ({"n_papers": np.full((2, 4), -1)}, "topic 0 has -1"),
        ({"ratio": 1.0}, "ratio"),
        ({"ratio": np.nan}, "ratio"),
        ({"ratio": "2"}, "ratio"),
        ({"cost": -0.1}, "cost"),
        ({"cost": np.inf}, "cost"),
        ({"n_permutations": 0}, "n_permutations"),
        ({"n_permutations": 9.5}, "n_permutations"),
        ({"seed": -1}, "seed"),
        ({"seed": True}, "seed"),
    ],
)
def test_bad_input_is_named(change, said):
    given = {"n_papers": np.ones((2, 4), int), "n_total": np.full(4, 9)} | change
    with pytest.raises(InputError, match=said):
        find_bursts(given.pop("n_papers"), given.pop("n_total"), **given)


def test_the_end_of_a_trend_is_no_separate_burst():
    y = np.full((3, 12), 5)
    y[:, 9:] = 40
    y[2, 9:] = 5
    y[2, 1:4] = 40
    found = find_bursts(y, np.full(12, 900))
    kept = separate(found, {0, 2}, 12)
    assert list(found["topic"]) == [0, 1, 2]
    assert list(kept["topic"]) == [1, 2]
    assert list(kept.index) == [0, 1]
    assert len(separate(found, [], 12)) == 3


def test_the_high_beginning_of_a_fall_is_no_separate_burst():
    y = np.full((2, 12), 5)
    y[:, :3] = 40
    found = find_bursts(y, np.full(12, 900))
    assert list(found["start"]) == [0, 0]
    assert list(separate(found, {0}, 12)["topic"]) == [1]


# ---- the compiler ----


def test_timeline_is_imported_without_the_compiler():
    code = "import sys, trends.timeline, trends.timeline._bursts; sys.exit('numba' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or sys.platform == "win32", reason="needs folders' rights")
def test_bursts_are_found_where_no_folder_may_be_written_to(tmp_path):
    copy = tmp_path / "trends"
    shutil.copytree(Path(_bursts.__file__).parents[1], copy, ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        "import numba.core.caching as caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "import numpy as np, trends.timeline._bursts as b\n"
        f"assert b.__file__.startswith({str(tmp_path)!r})\n"
        "b._WORTH_COMPILING = 0\n"
        "y = np.array([[1, 1, 9, 9, 1, 1]])\n"
        "assert len(b.find_bursts(y, np.full(6, 99)))\n"
    )
    environment = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=tmp_path)
