"""The flow over partitions: whatever the cuts, the workers and their deaths, the result of one table."""

import gzip
import io
import json
import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import trends as tr
from trends import scale
from trends.cli import app
from trends.cli._scaled import by_partitions
from trends.core.errors import InputError
from trends.papers import _entries, _load, _parts, _wanted
from trends.papers._columns import given as named
from trends.scale import _crossing, _each, _partitions, _steps
from trends.testing import papers as toys
from trends.timeline import count_cells

READING = _parts.Reading()


def by_lines(table):
    """Return toy papers as JSON Lines with what real files have: blank lines, rubbish, carriage returns."""
    rows = []
    for n, row in enumerate(table.itertuples()):
        about = {
            "title": row.title,
            "abstract": row.abstract,
            "date": f"{row.date:%Y-%m-%d}",
            "keywords": ["A b"],
        }
        if n % 3 == 0:
            about["doi"] = f"10.1000/{row.Index[4:]}"
        if n % 50 == 7:
            about["date"] = f"{row.date:%Y-%m}"
        rows.append(json.dumps(about) + ("\r\n" if n % 5 else "\n"))
        if n % 40 == 11:
            rows += ["\n", "no paper\n", json.dumps({"title": "", "n": n}) + "\n"]
    return "".join(rows).encode()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Return a folder of 600 papers in four files, some of them in several, under other spellings."""
    folder = tmp_path_factory.mktemp("corpus")
    table = toys(600)
    (folder / "a.jsonl").write_bytes(by_lines(table.iloc[:300]))
    again = table.iloc[::10].assign(doi=[f"10.1000/{k[4:]}" for k in table.index[::10]], keywords="a-B")
    flat = pd.concat([table.iloc[300:450], again]).drop(columns=["tags", "date_precision"])
    flat["date"] = flat["date"].dt.strftime("%Y-%m-%d")
    flat.reset_index(drop=True).to_parquet(folder / "b.parquet", row_group_size=64)
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(by_lines(table.iloc[440:550]), mtime=0))
    table.iloc[545:, :3].to_csv(folder / "d.csv", index=False)
    (folder / "notes.pdf").write_bytes(b"%PDF")
    return folder


@pytest.fixture(scope="module")
def whole(corpus):
    return tr.run(str(corpus), encoder="lsa")


@pytest.fixture(scope="module")
def sampled(corpus, tmp_path_factory):
    return scale.run(corpus, tmp_path_factory.mktemp("one"), n_partitions=1, sample=250, encoder="lsa")


def same(one, other):
    pd.testing.assert_frame_equal(one.counts.table, other.counts.table)
    pd.testing.assert_frame_equal(one.counts.periods, other.counts.periods)
    pd.testing.assert_frame_equal(one.counts.left_out, other.counts.left_out)
    pd.testing.assert_frame_equal(one.topics.table, other.topics.table)
    pd.testing.assert_frame_equal(one.papers, other.papers)
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize("n_partitions", [1, 7, 64])
def test_any_number_of_partitions_gives_what_one_table_gives(corpus, whole, tmp_path, n_partitions):
    found = scale.run(corpus, tmp_path / "run", n_partitions=n_partitions, encoder="lsa")
    same(found, whole)
    assert found.papers.attrs == whole.papers.attrs
    pd.testing.assert_frame_equal(found.health, tr.health(whole.papers).table)
    if n_partitions == 7:
        pages = [box.report(tmp_path / f"{k}.html").read_bytes() for k, box in enumerate((found, whole))]
        assert pages[0] == pages[1]
        assert found.study.fingerprint == whole.fingerprint
        members = pd.read_parquet(tmp_path / "run" / "members")
        expected = whole.topics.members["topic_id"]
        pd.testing.assert_series_equal(members["topic_id"].sort_index(), expected.sort_index())


@pytest.mark.parametrize("n_partitions", [3, 20])
def test_a_sample_finds_topics_and_all_papers_are_counted(corpus, whole, sampled, tmp_path, n_partitions):
    found = scale.run(corpus, tmp_path / "run", n_partitions=n_partitions, sample=250, encoder="lsa")
    same(found, sampled)
    assert len(found.papers) == 250 and found.whole.n_papers == len(whole.papers) == 600
    left_out = int(found.counts.left_out.to_numpy().sum())
    assert found.counts.periods["n_total"].sum() + left_out == 600
    assert found.topics.table["n_papers"].sum() + found.whole.n_unassigned == 600
    members = pd.read_parquet(tmp_path / "run" / "members")
    sizes = members.groupby("topic_id").size()
    assert (sizes.drop(-1, errors="ignore") == found.topics.table["n_papers"]).all()
    of_the_fit = found.topics.members["topic_id"]
    assert (members["topic_id"].loc[of_the_fit.index] == of_the_fit).all()
    page = found.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert (
        "the random sample of 250 on which the topics were found" in page
        and "600 papers dated" in page
        and "of all 600 papers" in page
    )
    with pytest.raises(InputError, match="these are 600 with a sample of 250"):
        _ = found.study


class Stopped(Exception):
    """What a test stops a run with."""


def test_a_run_that_was_cut_off_goes_on_where_it_was(corpus, sampled, tmp_path, monkeypatch):
    for name in ("read", "merge", "assign"):
        step, calls = getattr(_steps, name), []

        def until_the_third(*args, step=step, calls=calls):
            calls.append(args)
            if len(calls) == 3:
                raise Stopped
            step(*args)

        monkeypatch.setattr(_steps, name, until_the_third)
        with pytest.raises(Stopped):
            scale.run(corpus, tmp_path, n_partitions=5, sample=250, encoder="lsa")
        monkeypatch.setattr(_steps, name, step)
    done = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert sum("facts/assign" in path.as_posix() for path in done) == 2
    # What a worker was writing when it was killed goes; what somebody else put there stays.
    half = [
        path.with_name(f".{path.name}.ab_c9{path.suffix}") for path in done if path.stem[-1] in "0123456789"
    ]
    for path in half:
        path.write_bytes(b"half")
    (tmp_path / "members" / ".mine.parquet").write_bytes(b"")
    same(scale.run(corpus, tmp_path, n_partitions=5, sample=250, encoder="lsa"), sampled)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    there = [path for path in half if path.exists() and path.parent.name in ("facts", "members", "papers")]
    assert half and not there and (tmp_path / "members" / ".mine.parquet").exists()


def test_a_finished_run_is_opened_again_and_another_one_takes_its_place(
    corpus, sampled, tmp_path, monkeypatch
):
    for n in (4, 2):
        same(scale.run(corpus, tmp_path, n_partitions=n, sample=250, encoder="lsa"), sampled)
    assert len(list((tmp_path / "members").iterdir())) == 2
    for name in ("survey", "read", "send", "merge", "draw", "assign"):
        monkeypatch.setattr(_steps, name, lambda *args: pytest.fail("done twice"))
    same(scale.run(corpus, tmp_path, n_partitions=2, sample=250, encoder="lsa"), sampled)


def test_workers_that_die_change_nothing(corpus, sampled, tmp_path):
    pytest.importorskip("distributed", reason="needs trends[scale]")
    with scale.local_workers(2) as client:
        dead = []

        def kill_two():
            for step in ("read", "merge"):
                while not list(tmp_path.glob(f"run/facts/{step}-*")) and len(dead) < 2:
                    time.sleep(0.02)
                pid = min(client.run(os.getpid).values())
                os.kill(pid, signal.SIGKILL)
                dead.append(pid)

        killer = threading.Thread(target=kill_two, daemon=True)
        killer.start()
        found = scale.run(corpus, tmp_path / "run", client=client, n_partitions=12, sample=250, encoder="lsa")
        killer.join(30)
    assert len(dead) == 2
    same(found, sampled)


def test_an_error_of_a_partition_is_one_sentence():
    distributed = pytest.importorskip("distributed", reason="needs trends[scale]")
    with distributed.Client(
        processes=False, n_workers=1, threads_per_worker=1, dashboard_address=":0"
    ) as client:
        with pytest.raises(InputError, match=r"failed 4 times .ValueError: no such thing"):
            _each.each(client, _fails, [(k,) for k in range(5)], "Failing")
        _each.each(client, _does, [(k,) for k in range(9)], "Counting")
    assert sorted(_done) == list(range(9))
    with pytest.raises(InputError, match=r"must be a distributed\.Client"), _each.connected(3):
        pass


def _fails(_):
    raise ValueError("no such thing")


def _does(k):
    _done.append(k)


_done: list[int] = []


def test_addresses_are_read_and_written(whole, corpus):
    fsspec = pytest.importorskip("fsspec", reason="needs trends[scale]")
    memory = fsspec.filesystem("memory")
    for file in corpus.iterdir():
        memory.pipe_file(f"/library/{file.name}", file.read_bytes())
    found = scale.run("memory://library/*", "memory://run", n_partitions=3, encoder="lsa")
    pd.testing.assert_frame_equal(found.counts.table, whole.counts.table)
    assert memory.find("/run/members")
    with pytest.raises(InputError, match="holds no files"):
        scale.run("memory://nothing/", "memory://run2")


def test_openalex_partitions_bear_their_folder_and_pass_over_the_manifest(tmp_path):
    for day in ("2024-01-01", "2024-02-01"):
        folder = tmp_path / f"updated_date={day}"
        folder.mkdir()
        work = {
            "id": f"https://openalex.org/W{day[5:7]}",
            "title": f"Sparse work of {day}",
            "authorships": [],
            "publication_date": day,
            "abstract_inverted_index": {"About": [0], "sparsity": [1]},
        }
        (folder / "part_000.gz").write_bytes(gzip.compress((json.dumps(work) + "\n").encode() * 2))
    (tmp_path / "manifest").write_text("{}")
    found = [_parts.surveyed(file) for file in _parts.listed(tmp_path)]
    assert [file.name for file in found if not file.note] == [
        f"updated_date=2024-0{k}-01/part_000.gz" for k in (1, 2)
    ]
    cut = _partitions.partitions(found, READING, None)
    entries, log = _parts.entries_of(cut[0].parts, READING)
    assert [entry.abstract for entry in entries] == ["About sparsity"] * 4
    assert {line["format"] for line in log} == {"OpenAlex"}


LINE = st.one_of(
    st.builds(
        lambda n: json.dumps({"title": f"Sparse paper {n}", "year": 2020}).encode(), st.integers(0, 99)
    ),
    st.sampled_from([b"", b"{}", b"rubbish", b'{"name": 1}', b'["x"]', '{"title": "é\u2028ü"}'.encode()]),
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(LINE, ENDS), max_size=30), st.booleans(), st.integers(1, 9), st.integers(1, 4))
def test_parts_of_a_file_hold_the_entries_of_the_whole(tmp_path_factory, lines, ended, n, stone):
    head = b'{"title": "Sparse one"}\n{"title": "Sparse two"}\n'
    body = head + b"".join(line + end for line, end in lines)
    body = body if ended else body.rstrip(b"\r\n")
    n_lines, stones = _parts.line_starts(io.BytesIO(body).read, stone=stone)
    texts = list(io.TextIOWrapper(io.BytesIO(body), encoding="utf-8"))
    assert n_lines == len(texts)
    # Where a line begins, in bytes, its reader begins: what is before holds the lines before.
    for place, offset in enumerate(stones):
        assert len(list(io.TextIOWrapper(io.BytesIO(body[:offset]), encoding="utf-8"))) == place * stone
    path = tmp_path_factory.mktemp("lines") / "papers.jsonl"
    path.write_bytes(body)
    expected, log = _load.entries_of([path], named({}), _wanted.Wanted.of(None, None, None))
    (file,) = (_parts.surveyed(file) for file in _parts.listed(path))
    found, lines_of_log = [], []
    for partition in _partitions.partitions([file], READING, n):
        entries, told = _parts.entries_of(partition.parts, READING)
        found += entries
        lines_of_log += told
    assert list(map(repr, found)) == list(map(repr, expected))
    assert sum(line["n_rejected"] for line in lines_of_log) == log[0]["n_rejected"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(*[st.integers(0, 6)] * 3), max_size=6), min_size=1, max_size=5))
def test_entries_that_share_a_key_meet_and_no_other_moves(partitions):
    keys = [np.array(part, dtype=np.uint64).reshape(len(part), 3) for part in partitions]
    leaving = _crossing.crossing(keys)
    home = {(p, k): p for p, part in enumerate(partitions) for k in range(len(part))}
    for p, moves in enumerate(leaving):
        for to, places in moves.items():
            assert to != p
            home |= {(p, int(k)): to for k in places}
    everything = [(p, k) for p, part in enumerate(partitions) for k in range(len(part))]
    for one in everything:
        for other in everything:
            if any(a and a == b for a, b in zip(partitions[one[0]][one[1]], partitions[other[0]][other[1]])):
                assert home[one] == home[other]
    alone = [
        e for e in everything
        if not any(
            a and a == b
            for o in everything if o != e
            for a, b in zip(partitions[e[0]][e[1]], partitions[o[0]][o[1]])
        )
    ]  # fmt: skip
    assert all(home[entry] == entry[0] for entry in alone)


def test_entries_come_back_from_disk_as_they_were(corpus):
    entries, _ = _load.entries_of([str(corpus)], named({}), _wanted.Wanted.of(None, None, None))
    back = _entries.unpacked(io.BytesIO(_entries.packed(entries)))
    assert list(map(repr, back)) == list(map(repr, entries))
    some = _entries.packed(entries, [np.array([3, 1]), np.array([2])])
    assert [e.title for e in _entries.unpacked(io.BytesIO(some), 1)] == [entries[2].title]


@pytest.mark.parametrize("every", ["auto", "month", "year", "week"])
def test_counted_cells_count_as_the_papers_do(whole, every):
    members = whole.topics.members.loc[whole.papers.index]
    cells = whole.papers[["date", "date_precision"]].assign(topic_id=members["topic_id"], n_papers=1)
    together = cells.groupby(
        ["topic_id", "date", "date_precision"], observed=True, dropna=False, as_index=False
    )
    found = count_cells(together.sum(), whole.topics.labels, every=every)
    expected = tr.count(whole.papers, whole.topics, every=every)
    pd.testing.assert_frame_equal(found.table, expected.table)
    pd.testing.assert_frame_equal(found.periods, expected.periods)
    pd.testing.assert_frame_equal(found.left_out, expected.left_out)


def test_partitions_are_of_like_size_and_cover_every_line():
    files = [
        _parts.Survey(
            f"{n}.jsonl", f"{n}.jsonl", "", "lines", "JSON Lines", n, stones=tuple(range(n // 512 + 1))
        )
        for n in (1_000, 10, 120_000, 7)
    ]
    cut = _partitions.partitions(files, READING, None)
    sizes = [sum(part.stop - part.start for part in p.parts) for p in cut]
    assert sum(sizes) == 121_017 and len(cut) == 3 and max(sizes) - min(sizes) <= 1
    with pytest.raises(InputError, match="n_partitions must be a whole number"):
        _partitions.partitions(files, READING, 0)


def test_what_cannot_be_run_is_refused_in_a_sentence(corpus, tmp_path):
    with pytest.raises(InputError, match="need an encoder; vectors cannot be given"):
        scale.run(corpus, tmp_path, encoder=np.zeros((3, 3)))
    with pytest.raises(InputError, match="sample must be a whole number"):
        scale.run(corpus, tmp_path, sample=0)
    with pytest.raises(InputError, match="write a table as Parquet first"):
        scale.run(toys(5), tmp_path)
    (tmp_path / "empty.txt").write_text("nothing to see")
    with pytest.raises(InputError, match="gives no papers"):
        scale.run(tmp_path / "empty.txt", tmp_path / "run")


def test_the_command_goes_by_partitions_where_asked_or_memory_is_small(corpus, monkeypatch):
    given_, none = [str(corpus)], {"save": None, "watch": None}
    assert not by_partitions(given_, None, None, None, none)
    assert by_partitions(given_, 2, None, None, none)
    monkeypatch.setattr("trends.scale._memory.available", lambda: 1_000)
    assert not by_partitions(given_, None, None, None, none), "one partition: nothing to cut"
    monkeypatch.setattr("trends.scale._memory.PAPERS", 0)
    assert by_partitions(given_, None, None, None, none)
    assert not by_partitions(given_, None, None, None, {"save": "folder"})
    assert not by_partitions(None, None, None, None, none)
    with pytest.raises(InputError, match="not both"):
        by_partitions(given_, 2, "tcp://there:1", None, none)
    with pytest.raises(InputError, match="--watch needs all papers"):
        by_partitions(given_, 2, None, None, {"watch": "themes.yml"})
    with pytest.raises(InputError, match="Partitions are of papers"):
        by_partitions(None, 2, None, None, none)


@pytest.mark.parametrize(
    ("line", "group", "names"),
    [
        ("0::/batch/job", "batch", ("memory.max", "memory.current", "inactive_file")),
        (
            "4:memory:/batch/job",
            "memory/batch",
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ),
    ],
)
def test_the_limit_of_a_control_group_or_of_one_around_it_is_kept(tmp_path, monkeypatch, line, group, names):
    from trends.scale import _memory

    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text("MemTotal: 900 kB\nMemAvailable: 800 kB\n")
    (tmp_path / "proc/self/cgroup").write_text(f"9:cpu:/\n{line}\n")
    monkeypatch.setattr(_memory, "PROC", tmp_path / "proc")
    monkeypatch.setattr(_memory, "GROUPS", tmp_path / "groups")
    assert _memory.available() == 800 * 1024
    folder = tmp_path / "groups" / group
    (folder / "job").mkdir(parents=True)
    limit, used, kept = names
    (folder / "job" / limit).write_text("max\n")
    (folder / limit).write_text("500000\n")
    (folder / used).write_text("400000\n")
    (folder / "memory.stat").write_text(f"cache 7\n{kept} 30000\n")
    assert _memory.available() == 130_000


def test_the_command_writes_the_same_page_by_partitions(corpus, whole, tmp_path):
    page = tmp_path / "page.html"
    arguments = [
        "report",
        str(corpus),
        "--encoder",
        "lsa",
        "--run-folder",
        str(tmp_path / "run"),
        "-o",
        str(page),
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == str(page)
    assert "600 papers" in done.stderr and "run/members" in done.stderr
    assert page.read_bytes() == whole.report(tmp_path / "whole.html").read_bytes()
