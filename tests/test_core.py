"""Contracts, hashing, cache and escaping: what every room stands on."""

import multiprocessing
import os
import sqlite3
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trends.core import cache
from trends.core.errors import InputError
from trends.core.escape import clean_text, csv_text, plot_text, safe_url, slug
from trends.core.hashing import fingerprint
from trends.core.tables import PAPERS, check, places_in
from trends.testing import papers


@given(
    st.lists(st.text(max_size=3), unique=True, max_size=12),
    st.lists(st.text(max_size=3), max_size=12),
    st.sampled_from(["str", "object"]),
    st.integers(0, 12),
)
def test_ids_are_found_where_they_stand(among, ids, kind, cut):
    # Joined tables have an index in pieces.
    held = pd.Index(among[:cut], dtype=kind).append(pd.Index(among[cut:], dtype=kind))
    sought = pd.Index(ids, dtype="str")
    expected = [among.index(name) if name in among else -1 for name in ids]
    assert places_in(held, sought).tolist() == expected


def test_check_returns_the_table_itself():
    table = papers(5)
    assert check(table, PAPERS) is table


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.drop(columns="abstract"), "lacks the column abstract"),
        (lambda t: t.rename_axis("id"), "must be indexed by paper_id"),
        (lambda t: t.assign(title=1), "title must hold text"),
        (lambda t: t.assign(tags="a"), "tags must hold tuples"),
        (lambda t: t.assign(date="2021"), "date must hold dates"),
        (lambda t: pd.concat([t, t]), "repeats the paper_id 'toy:0000'"),
    ],
)
def test_check_names_the_breach(change, told):
    with pytest.raises(InputError, match=told):
        check(change(papers(5)), PAPERS)


def test_fingerprint_tells_values_apart_and_nothing_else():
    table = papers(6)
    assert fingerprint(table) == fingerprint(table.copy())
    assert fingerprint(table) != fingerprint(table.iloc[::-1])
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint(["ab", "c"]) != fingerprint(["a", "bc"])
    assert fingerprint(np.zeros(2)) != fingerprint(np.zeros((1, 2)))
    assert fingerprint("1") != fingerprint(1)


def test_fingerprint_does_not_depend_on_the_hash_seed():
    code = (
        "from trends.core.hashing import fingerprint; from trends.testing import papers;"
        "print(fingerprint(papers(4), {'b': {1: 2}, 'a': ['x']}))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_whole_file_leaves_nothing_behind_on_failure(tmp_path):
    target = tmp_path / "out.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), cache.whole_file(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_whole_folder_replaces_or_leaves(tmp_path):
    target = tmp_path / "study"
    with cache.whole_folder(target) as temporary:
        (temporary / "a").write_text("1")
    with pytest.raises(RuntimeError), cache.whole_folder(target) as temporary:
        (temporary / "a").write_text("2")
        raise RuntimeError
    assert (target / "a").read_text() == "1"
    with cache.whole_folder(target) as temporary:
        (temporary / "b").write_text("3")
    assert [p.name for p in target.iterdir()] == ["b"]
    assert list(tmp_path.iterdir()) == [target]


def test_arrays_are_made_once_and_again_when_damaged(tmp_path, monkeypatch):
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path))
    made = []

    def make():
        made.append(1)
        return {"x": np.arange(3)}

    for _ in range(2):
        assert cache.arrays("kind", "key", make)["x"].tolist() == [0, 1, 2]
    assert len(made) == 1
    (tmp_path / "kind" / "key.npz").write_bytes(b"not an archive")
    assert cache.arrays("kind", "key", make)["x"].tolist() == [0, 1, 2]
    assert len(made) == 2


@pytest.mark.parametrize("damage", [b"", b'[["a", 0', b"\xff\xfe"])
def test_plain_values_are_made_once_and_again_when_damaged(tmp_path, monkeypatch, damage):
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path))
    made = []

    def make():
        made.append(1)
        return [("état", 0.1 + 0.2, None)]

    for _ in range(2):
        assert cache.plain("kind", "key", make) == [["état", 0.1 + 0.2, None]]
    assert len(made) == 1
    (tmp_path / "kind" / "key.json").write_bytes(damage)
    assert cache.plain("kind", "key", make) == [["état", 0.1 + 0.2, None]]
    assert len(made) == 2


def test_a_folder_that_cannot_be_written_costs_no_result(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "file"))
    assert cache.plain("kind", "key", lambda: {"a": 1}) == {"a": 1}


def test_vectors_survive_and_a_damaged_file_is_dropped(tmp_path, monkeypatch):
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path))
    kept = cache.Vectors("some/encoder@1")
    assert kept.read({"a"}) == {}
    kept.keep({"a": np.ones(3, dtype=np.float32)})
    assert cache.Vectors("some/encoder@1").read({"a", "b"})["a"].tolist() == [1, 1, 1]
    assert cache.Vectors("some/encoder@2").read({"a"}) == {}
    kept.path.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    assert kept.read({"a"}) == {}
    kept.keep({"a": np.zeros(3, dtype=np.float32)})
    assert kept.read({"a"})["a"].tolist() == [0, 0, 0]


def _keep_one(path, number):
    os.environ["TRENDS_CACHE"] = str(path)
    cache.Vectors("shared").keep({f"{number:03d}-{k}": np.ones(8, dtype=np.float32) for k in range(50)})


def test_two_processes_share_a_vector_file(tmp_path, monkeypatch):
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=_keep_one, args=(tmp_path, n)) for n in range(3)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path))
    with sqlite3.connect(cache.Vectors("shared").path) as base:
        assert base.execute("SELECT count(*) FROM vectors").fetchone() == (150,)
    base.close()


@given(st.text())
def test_plot_text_leaves_no_markup_and_no_controls(text):
    shown = plot_text(text)
    assert "<" not in shown
    assert ">" not in shown
    assert all(ord(c) >= 32 for c in shown)
    shown.encode("utf-8")


def test_clean_text_folds_space_and_drops_overrides():
    assert clean_text(" a\u202eb\x00\n\tc\ud800 ") == "ab c"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://arxiv.org/abs/2411.02124", True),
        ("http://a.b/c?d=e#f", True),
        ("javascript:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example", False),
        ("https://", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_safe_url(url, kept):
    assert safe_url(url) == (url if kept else "")


def test_csv_text_disarms_formulas_only():
    assert csv_text("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert csv_text("plain") == "plain"
    assert csv_text(-0.3) == -0.3


@pytest.mark.parametrize("name", ["../../etc/passwd", "CON", "\x00", "." * 300, "🎉", "Sparse attention!"])
def test_slug_is_a_safe_file_name(name):
    made = slug(name)
    assert made
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert made != "con"
    assert len(made) <= 40
