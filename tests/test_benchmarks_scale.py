"""Large corpora of which the truth is known: the same bytes, the planted trends, bounded memory."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trends as tr

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from benchmarks.planted.papers import FIRST  # noqa: E402
from benchmarks.planted.texts import OFF_TOPIC  # noqa: E402
from benchmarks.scale import corpus, texts  # noqa: E402
from benchmarks.scale.corpus import BLOCK, REPEATED, Source, theme_of_papers, themes, write  # noqa: E402
from benchmarks.scale.costs import line, model  # noqa: E402
from benchmarks.scale.curves import ABSENT, BURST, N_MONTHS, WAVER, plan  # noqa: E402
from benchmarks.scale.judging import bursts_judged, topics_judged  # noqa: E402
from benchmarks.scale.runs import differing  # noqa: E402
from benchmarks.scale.watching import watched  # noqa: E402
from benchmarks.scale.words import N_UNITS, gather, words  # noqa: E402

N_PAPERS = 2 * BLOCK + 500


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("corpus")
    write(made, N_PAPERS, n_parts=3)
    return made


def rows_of(folder):
    return pa.concat_tables(pq.read_table(path) for path in sorted((folder / "papers").iterdir()))


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---- words ----


def test_every_topic_has_as_many_units_and_a_name_of_its_own():
    told = words()
    assert {len(units) for units in told.units} == {N_UNITS}
    assert len(set(told.names)) == len(told.names) == len(told.units)
    assert (np.diff(told.frequencies) <= 0).all()


def test_gathered_words_tell_their_topic_from_the_others():
    papers = pd.DataFrame(
        {"title": ["Token pruning", "Graph networks"], "abstract": ["token cost", "graph cost"]},
        index=pd.Index(["a", "b"], name="paper_id"),
    )
    made = gather(papers, pd.Series([0, 1], index=papers.index))
    assert made["topics"][0]["units"][0] == "token"
    assert "token pruning" in made["topics"][0]["units"]
    assert made["topics"][1]["name"] == "graph networks"
    assert made["background"]["cost"] == 2


# ---- what is planted ----


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_months_sum_to_one_whatever_the_seed(seed):
    planned = plan(seed)
    np.testing.assert_allclose(planned.shares.sum(axis=0), 1)
    assert (planned.shares >= 0).all() and planned.shares[-1].min() > 0
    assert planned.months.sum() == pytest.approx(1)


def test_planned_shares_move_as_the_truth_says():
    planned = plan(0)
    years = (np.arange(N_MONTHS) + 0.5) / 12
    for (_, row), shares in zip(planned.truth.iterrows(), planned.shares):
        if row["kind"] == "rest":
            continue
        there = shares > 0
        assert (there == (years >= ABSENT)).all() if row["kind"] == "emerging" else there.all()
        odds = np.log(shares[there] / (1 - shares[there]))
        if row["kind"] == "bursting":
            start = planned.truth.index.get_loc(row.name)
            in_burst = (starts() >= row["burst_start"]) & (starts() <= row["burst_end"])
            assert in_burst.sum() == 4
            inside, outside = planned.shares[start][in_burst], planned.shares[start][~in_burst]
            assert inside.mean() / outside.mean() == pytest.approx(BURST, rel=0.15)
            continue
        slope = np.polyfit(years[there], odds, 1)[0]
        assert slope == pytest.approx(np.log(row["growth"]), abs=4 * WAVER / np.sqrt(there.sum()))


def starts():
    return pd.DatetimeIndex(np.datetime64(FIRST, "M") + np.arange(N_MONTHS)).as_unit("us")


def test_every_kind_is_planted():
    kinds = plan(0).truth["kind"].value_counts()
    assert {"rising", "falling", "emerging", "bursting", "flat", "rest"} == set(kinds.index)
    assert kinds["rising"] == kinds["falling"] == 8


# ---- the files ----


def test_the_seed_decides_every_byte(folder, tmp_path):
    write(tmp_path / "again", N_PAPERS, n_parts=3)
    assert contents(tmp_path / "again") == contents(folder)
    write(tmp_path / "other", BLOCK, seed=1)
    assert rows_of(tmp_path / "other").slice(0, 5) != rows_of(folder).slice(0, 5)


def test_parts_and_size_change_no_paper(folder, tmp_path):
    write(tmp_path / "seven", N_PAPERS, n_parts=7)
    assert rows_of(tmp_path / "seven").equals(rows_of(folder))
    pd.testing.assert_series_equal(theme_of_papers(tmp_path / "seven"), theme_of_papers(folder))
    write(tmp_path / "smaller", BLOCK + 30, n_parts=1)
    assert rows_of(tmp_path / "smaller").equals(rows_of(folder).slice(0, BLOCK + 30))
    known = theme_of_papers(tmp_path / "smaller")
    pd.testing.assert_series_equal(known, theme_of_papers(folder).iloc[: len(known)])


def test_lines_of_json_hold_the_same(folder, tmp_path):
    write(tmp_path, 300, n_parts=2, jsonl=True)
    files = sorted((tmp_path / "papers").iterdir())
    lines = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
    assert lines == rows_of(folder).slice(0, 300).to_pylist()


def test_repeated_papers_are_whole_copies_and_true_once(folder):
    table = rows_of(folder).to_pandas()
    table["tags"] = table["tags"].map(tuple)
    again = table[table["doi"].duplicated(keep=False)]
    assert len(again) / 2 == pytest.approx(REPEATED * N_PAPERS, rel=0.5)
    assert len(again.drop_duplicates()) == len(again) // 2
    known = theme_of_papers(folder)
    assert known.index.is_unique
    assert set(known.index) == set("doi:" + table["doi"])
    assert themes(folder)["n_papers"].sum() == len(known)


def test_texts_look_like_abstracts(folder):
    table = rows_of(folder).to_pandas()
    n_words = table["abstract"].str.split().str.len()
    assert 120 < n_words.median() < 180
    assert table["abstract"].str.endswith(".").all() and table["abstract"].str[0].str.islower().sum() == 0
    used = table["abstract"].head(2_000).str.lower().str.findall(r"[\w-]+").explode().value_counts()
    ranks = np.arange(10, 1_000)
    slope = np.polyfit(np.log(ranks), np.log(used.to_numpy()[ranks]), 1)[0]
    assert -1.3 < slope < -0.6  # Zipf's law
    assert not table["title"][~table["doi"].duplicated()].str.casefold().duplicated().any()


def test_papers_follow_the_planted_shares(folder):
    truth, known = themes(folder), theme_of_papers(folder)
    expected = plan(0).shares @ plan(0).months * len(known)
    counted = known.value_counts().sort_index().to_numpy()
    assert (np.abs(counted - expected) < 5 * np.sqrt(expected)).all()
    assert (truth["n_papers"].to_numpy() == counted).all()
    assert truth.index[-1] == OFF_TOPIC


def test_load_takes_every_paper_with_its_date_tags_and_venue(folder):
    papers = tr.load(str(folder / "papers" / "part-00000.parquet"))
    assert set(papers.index) <= set(theme_of_papers(folder).index)
    precision = papers["date_precision"].value_counts(normalize=True)
    assert precision["day"] == pytest.approx(corpus.DATED["day"], abs=0.02)
    assert precision["unknown"] == pytest.approx(corpus.DATED["not at all"], abs=0.01)
    dates = papers["date"].dropna()
    assert dates.min() >= pd.Timestamp("2020-01-01") and dates.max() <= pd.Timestamp("2024-12-31")
    assert papers["tags"].map(len).mean() > 0.8 and papers["venue"].nunique() == texts.N_VENUES


def test_memory_does_not_grow_with_the_corpus():
    def most(n_blocks):
        pool = pa.default_memory_pool()
        before, seen = pool.bytes_allocated(), []
        for _ in Source(0).blocks(n_blocks * BLOCK):
            seen.append(pool.bytes_allocated() - before)
        return max(seen)

    assert most(6) < 1.2 * most(3)


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(ValueError, match="3 papers cannot be written as 4 files"):
        write(tmp_path, 3, n_parts=4)


# ---- what runs are told by ----


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc, which is Linux's")
def test_a_process_and_its_children_are_watched():
    code = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', sys.argv[1]]); p.wait()"
    child = "x = bytes(range(256)) * (1 << 20); import time; time.sleep(1)"
    started = subprocess.Popen([sys.executable, "-c", code, child])
    with watched(started.pid) as seen:
        started.wait()
    assert len(seen) == 2
    assert max(process.peak for process in seen.values()) > 256 << 20
    assert seen[started.pid].peak < 256 << 20
    assert not any(process.is_worker for process in seen.values())


def test_only_what_differs_is_named():
    one = {"hashes": {"counts": "a", "report": "b"}, "members": "c"}
    assert differing([one, dict(one)]) == []
    assert differing([one, one | {"hashes": {"counts": "a", "report": "x"}}]) == ["report"]
    assert differing([one, one | {"members": "x"}]) == ["members"]


def test_topics_are_judged_on_and_off_theme():
    ids = pd.Index([f"p{k}" for k in range(6)], name="paper_id")
    theme = pd.Series([0, 0, 1, 1, 2, 2], index=ids)
    perfect = topics_judged(pd.Series([5, 5, 3, 3, -1, -1], index=ids), theme[::-1])
    assert perfect["ami"] == perfect["ami, papers on a theme"] == 1
    assert perfect["covered, papers off topic"] == 0 and perfect["covered"] == pytest.approx(2 / 3, abs=1e-3)


def test_bursts_are_met_by_those_that_overlap_them():
    truth = pd.DataFrame(
        {
            "kind": ["bursting", "bursting", "flat"],
            "burst_start": pd.to_datetime(["2021-03-01", "2022-01-01", None]),
            "burst_end": pd.to_datetime(["2021-06-01", "2022-04-01", None]),
        },
        index=pd.Index(["a", "b", "c"], name="theme"),
    )
    bursts = pd.DataFrame(
        {
            "topic_id": [0, 1, 2],
            "start": pd.to_datetime(["2021-05-01", "2022-06-01", "2022-01-01"]),
            "end": pd.to_datetime(["2021-09-01", "2022-08-01", "2022-02-01"]),
        }
    )
    found = bursts_judged(bursts, pd.Series(["a", "b", "c"]), truth)
    assert found == {"planted": 2, "found": 1, "of flat themes": 1}


def test_the_cost_model_gives_back_a_line_and_reckons_with_it():
    def told(n):
        return {
            "processor seconds": {"main": 300 + 1e-5 * n, "workers": [10 + 5e-4 * n, 10 + 5e-4 * n]},
            "peak MiB": {"main": 3_000 + 1e-4 * n, "workers": [1_500, 1_400]},
            "bytes": {"papers": 900 * n, "members": 100 * n},
        }

    found = model({n: told(n) for n in (10_000, 100_000, 1_000_000)})
    assert found["fitted to"] == [100_000, 1_000_000]
    assert found["workers, processor seconds"] == {"a": 20.0, "b, µs": 1000.0}
    assert found["main process, processor seconds"] == {"a": 300.0, "b, µs": 10.0}
    large = found["reckoned"]["250 M"]
    assert large["core hours by partitions"] == pytest.approx(250e6 * 1e-3 / 3600, abs=0.1)
    assert large["workers"] == 70 and large["disk, GB"] == 250
    assert large["money, USD"] == pytest.approx(71 * large["wall, hours"] * 0.05, abs=0.05)
    assert large["memory of the main process, GiB"] == pytest.approx(250e6 * 170 / 2**30, abs=0.1)
    assert model({10_000: told(10_000)}) == {}


def test_noise_between_runs_is_no_gain_by_size():
    start, each = line([100_000, 1_000_000], [98.0, 97.0])
    assert each == 0 and start == pytest.approx(97.5, abs=0.5)
