"""A study on disk in parts: a week taken in the short way is, to the last bit, that of the long way."""

import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import trends as tr
from trends import study as studies
from trends.core.hashing import MODULUS, hash_of_rows, papers_hash, rows_sum
from trends.study import _parts, _store, _week
from trends.study._shelved import Shelved
from trends.testing import HashingEncoder, papers
from trends.topics import drift

N_EARLY, N_ALL, SMALL = 100, 150, 16
ENCODER = HashingEncoder()


@pytest.fixture(scope="module", autouse=True)
def small_parts():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_parts, "PART", SMALL)
        yield


@pytest.fixture(scope="module")
def toy():
    return tr.load(papers(N_ALL))


@pytest.fixture(scope="module")
def early(toy):
    return studies.study_of(toy.iloc[:N_EARLY], every="quarter", encoder=ENCODER, n_topics=4)


@pytest.fixture(scope="module")
def saved(early, tmp_path_factory):
    return early.save(tmp_path_factory.mktemp("saved") / "s")


def copied(saved, tmp_path, name="s"):
    return shutil.copytree(saved, tmp_path / name)


def long_way(folder, *sources, **options):
    study = tr.open(folder).update(*sources, encoder=ENCODER, **options)
    study.save(folder)
    return tr.open(folder)


def same(one, other):
    pd.testing.assert_frame_equal(one.papers, other.papers)
    pd.testing.assert_frame_equal(one.embeddings, other.embeddings)
    assert one.papers.attrs == other.papers.attrs
    assert one.embeddings.attrs == other.embeddings.attrs
    for name in ("table", "members", "ledger"):
        pd.testing.assert_frame_equal(getattr(one.topics, name), getattr(other.topics, name))
    for name in _store.MEASURED:
        pd.testing.assert_frame_equal(getattr(one.trends, name), getattr(other.trends, name))
    for name in ("table", "periods", "left_out"):
        pd.testing.assert_frame_equal(getattr(one.counts, name), getattr(other.counts, name))
    assert one.topics.fingerprint == other.topics.fingerprint
    assert (one.title, one.parameters) == (other.title, other.parameters)
    assert one.fingerprint == other.fingerprint


def whole(folder):
    """Is what is beside the parts what the parts say?"""
    manifest = json.loads((folder / "study.json").read_text())
    parts = [_parts.Part(**values) for values in manifest["parts"]]
    assert {p.name for p in (folder / "papers").iterdir()} == {p.papers(folder).name for p in parts}
    assert {p.name for p in (folder / "embeddings").iterdir()} == {p.vectors(folder).name for p in parts}
    table = pd.read_parquet(folder / "papers").set_index("paper_id")
    keys = _parts.read_keys(folder)
    assert table.index.tolist() == keys.index.tolist()
    assert keys["part"].tolist() == [p.number for p in parts for _ in range(p.n_papers)]
    assert _parts.read_tags(folder) == _parts.tags_of(table)
    study = tr.open(folder)
    assert manifest["papers"] == f"{rows_sum(study.papers.drop(columns='found_at')):064x}"
    pd.testing.assert_frame_equal(
        keys.drop(columns="part").sort_index(),
        _parts.keys_table(study.papers, np.zeros(len(study.papers))).drop(columns="part").sort_index(),
    )
    assert study.fingerprint == manifest["fingerprint"]
    return study


# --- the short way is the long way -----------------------------------------------------------------------

KINDS = ("as it was", "another date", "another text", "a DOI", "a tag", "another source")


@st.composite
def weeks(draw):
    new = draw(st.lists(st.integers(N_EARLY, N_ALL - 1), max_size=40, unique=True))
    known = draw(st.lists(st.tuples(st.integers(0, N_EARLY - 1), st.sampled_from(KINDS)), max_size=6))
    return new, known


def week_of(toy, new, known):
    """Make a table of new papers, and of known ones that say something else."""
    rows = [toy.iloc[new].reset_index(drop=True)]
    for place, kind in known:
        row = toy.iloc[[place]].copy()
        row["date_source"] = "file"
        if kind == "another date":
            row["date"] = row["date"] - pd.Timedelta(days=200)
        elif kind == "another text":
            row["abstract"] += " Speech and audio of every kind are looked at in depth, and phonemes beside."
        elif kind == "a DOI":
            row["doi"] = f"10.1000/toy.{place}"
        elif kind == "a tag":
            row["tags"] = [("speech of toys",)]
        elif kind == "another source":
            row["sources"] = [("other.json",)]
        rows.append(row.reset_index(drop=True))
    return pd.concat(rows, ignore_index=True)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(weeks(), st.sampled_from([None, "2024-12-31"]))
def test_a_week_on_disk_is_the_week_in_memory(saved, toy, tmp_path_factory, week, until):
    tmp_path = tmp_path_factory.mktemp("week")
    table = week_of(toy, *week)
    if not len(table):
        return
    short, long = copied(saved, tmp_path, "short"), copied(saved, tmp_path, "long")
    after = studies.update(short, table, encoder=ENCODER, observed_until=until)
    assert isinstance(after, Shelved)
    expected = long_way(long, table, observed_until=until)
    same(whole(short), expected)
    same(after, expected)


def test_weeks_fill_the_last_part_and_link_the_others(saved, toy, tmp_path):
    folder = copied(saved, tmp_path)
    numbers = lambda: {p.name: p.stat().st_ino for p in (folder / "papers").iterdir()}  # noqa: E731
    before = numbers()
    assert len(before) == -(-N_EARLY // SMALL)
    for start in range(N_EARLY, N_ALL, 10):
        studies.update(folder, toy.iloc[start : start + 10], encoder=ENCODER)
    after = numbers()
    assert len(after) == -(-N_ALL // SMALL)
    full = sorted(before)[:-1]
    assert {name: after[name] for name in full} == {name: before[name] for name in full}
    assert len(whole(folder).papers) == N_ALL
    assert all(p.stat().st_nlink == 1 for p in (folder / "papers").iterdir())


def test_two_papers_that_are_one_leave_no_empty_part(toy, tmp_path):
    table = toy.iloc[: 2 * SMALL + 1].copy()
    twin = table.iloc[[0]].assign(
        title="A second look at speech", doi="10.1000/twin", date=table["date"].max() + pd.Timedelta(days=1)
    )
    both = tr.load(pd.concat([table.iloc[:-1].reset_index(drop=True), twin.reset_index(drop=True)]))
    study = studies.study_of(both, every="quarter", encoder=ENCODER, n_topics=3)
    bridge = table.iloc[[0]].assign(doi="10.1000/twin").reset_index(drop=True)
    short, long = study.save(tmp_path / "short"), study.save(tmp_path / "long")
    after = studies.update(short, bridge, encoder=ENCODER)
    assert len(after.papers) == 2 * SMALL
    same(whole(short), long_way(long, bridge))
    assert len(list((short / "papers").iterdir())) == 2


def test_what_the_user_placed_stays(early, toy, tmp_path):
    moved = early.topics.members.index[early.topics.members["topic_id"] == 0][3]
    topics = tr.reassign(early.papers, early.embeddings, early.topics, moved, to=1)
    edited = early.with_topics(topics)
    week = week_of(
        toy, list(range(N_EARLY, N_EARLY + 20)), [(early.papers.index.get_loc(moved), "another text")]
    )
    short, long = edited.save(tmp_path / "short"), edited.save(tmp_path / "long")
    studies.update(short, week, encoder=ENCODER)
    same(whole(short), long_way(long, week))
    assert tr.open(short).topics.members.at[moved, "how"] == "user"


def test_given_vectors(early, toy, tmp_path):
    vectors = pd.DataFrame(ENCODER.encode((toy["title"] + toy["abstract"]).tolist()), index=toy.index)
    made = studies.study_of(toy.iloc[:60], every="quarter", encoder=vectors.iloc[:60], n_topics=3)
    short, long = made.save(tmp_path / "short"), made.save(tmp_path / "long")
    studies.update(short, toy.iloc[60:90], encoder=vectors)
    tr.open(long).update(toy.iloc[60:90], encoder=vectors).save(long)
    same(whole(short), tr.open(long))
    with pytest.raises(tr.InputError, match="pass it as encoder"):
        studies.update(short, toy.iloc[90:95])


def test_refit_auto_goes_the_long_way_only_where_it_is_due(saved, toy, tmp_path):
    folder = copied(saved, tmp_path)
    after = studies.update(folder, toy.iloc[N_EARLY : N_EARLY + 5], encoder=ENCODER, refit="auto")
    assert isinstance(after, Shelved)
    strangers = pd.DataFrame(
        {
            "title": [f"Baking bread in the oven, loaf {k}" for k in range(30)],
            "abstract": ["bread oven flour yeast crust dough baker sourdough " * 4] * 30,
            "date": "2023-12-01",
        }
    )
    after = studies.update(folder, strangers, encoder=ENCODER, refit="auto")
    assert not isinstance(after, Shelved)
    assert after.topics.ledger["fit_id"].nunique() == 2
    assert whole(folder).fingerprint == after.fingerprint


# --- what is at hand --------------------------------------------------------------------------------------


def test_no_text_and_few_vectors_are_read(saved, toy, tmp_path, monkeypatch):
    folder = copied(saved, tmp_path)
    rows = []
    monkeypatch.setattr(_store, "read", lambda *_: pytest.fail("the whole study was read"))
    real = _parts.read_saved
    monkeypatch.setattr(_week, "read_saved", lambda path: rows.append(path.name) or real(path))
    monkeypatch.setattr(_parts, "read_saved", lambda path, rows=None: real(path, rows=rows))
    after = studies.update(folder, toy.iloc[N_EARLY : N_EARLY + 3], encoder=ENCODER)
    assert rows == [f"{N_EARLY // SMALL:04}.parquet"]
    assert "papers" not in vars(after) and "embeddings" not in vars(after)
    assert len(after.topics.members) == N_EARLY + 3
    assert after.drift.verdict.startswith("Of 3 papers since the fit")
    assert "embeddings" not in vars(after)


def test_a_shelved_study_is_a_study(saved, toy, tmp_path):
    folder = copied(saved, tmp_path)
    after = studies.update(folder, toy.iloc[N_EARLY:], encoder=ENCODER)
    assert repr(after) == repr(tr.open(folder))
    assert after.drift.verdict == drift(after.papers, after.embeddings, after.topics).verdict
    assert after.followed is None
    assert after.topics.make_model is not None
    named = after.with_topics(tr.rename(after.topics, 0, "Mine"))
    assert named.fingerprint != after.fingerprint
    assert named.topics.labels[0] == "Mine"
    assert after.update(toy, encoder=ENCODER) is after
    again = studies.update(folder, toy, encoder=ENCODER)
    same(again, after)


def test_a_study_that_went_on_says_so(saved, toy, tmp_path):
    folder = copied(saved, tmp_path)
    first = studies.update(folder, toy.iloc[N_EARLY : N_EARLY + 5], encoder=ENCODER)
    second = studies.update(folder, toy.iloc[N_EARLY : N_EARLY + 9], encoder=ENCODER)
    with pytest.raises(tr.InputError, match=r"holds another study by now.*open it again"):
        _ = first.papers
    with pytest.raises(tr.InputError, match="holds another study by now"):
        _ = first.drift
    assert len(second.papers) == N_EARLY + 9


# --- where there is no short way --------------------------------------------------------------------------


def spoil(folder, kind):
    part = folder / "papers" / "0001.parquet"
    if kind == "touched":
        os.utime(part, ns=(2**62, 2**62))
    elif kind == "cut off":
        stat = part.stat()
        part.write_bytes(part.read_bytes()[:-1])
        os.utime(part, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    elif kind == "no keys":
        (folder / "keys.parquet").unlink()
    elif kind == "bad keys":
        (folder / "keys.parquet").write_bytes(b"")
        os.utime(folder / "keys.parquet", ns=(0, 0))
    elif kind == "no vectors":
        (folder / "embeddings" / "0002.safetensors").unlink()


@pytest.mark.parametrize("kind", ["touched", "no keys", "bad keys"])
def test_a_folder_that_is_not_as_written_is_read_as_a_whole(saved, toy, tmp_path, kind):
    folder = copied(saved, tmp_path)
    spoil(folder, kind)
    after = studies.update(folder, toy.iloc[N_EARLY:], encoder=ENCODER)
    assert not isinstance(after, Shelved)
    assert whole(folder).fingerprint == after.fingerprint


@pytest.mark.parametrize("kind", ["cut off", "no vectors"])
def test_damage_is_told_and_not_passed_on(saved, toy, tmp_path, kind):
    folder = copied(saved, tmp_path)
    spoil(folder, kind)
    with pytest.raises(tr.InputError, match=r"damaged|cannot be read|was changed"):
        studies.update(folder, toy.iloc[N_EARLY:], encoder=ENCODER)


def test_followed_themes_are_looked_for_among_all_papers(toy, tmp_path):
    themes = [{"name": "Graphs", "phrases": ["graph networks"]}]
    made = studies.study_of(toy.iloc[:60], every="quarter", encoder=ENCODER, n_topics=3, themes=themes)
    short, long = made.save(tmp_path / "short"), made.save(tmp_path / "long")
    after = studies.update(short, toy.iloc[60:], encoder=ENCODER)
    same(after, long_way(long, toy.iloc[60:]))
    pd.testing.assert_frame_equal(after.watch.members, tr.open(long).watch.members)


def test_papers_in_an_order_of_their_own_keep_it(toy, tmp_path):
    mixed = toy.iloc[:60].sample(frac=1, random_state=1)
    made = studies.study_of(mixed, every="quarter", encoder=ENCODER, n_topics=3)
    folder = made.save(tmp_path / "s")
    assert tr.open(folder).papers.index.equals(made.papers.index)
    later = studies.update(folder, toy.iloc[60:70], encoder=ENCODER)
    assert len(later.papers) == 70


def test_a_disk_without_hard_links_gets_copies(saved, toy, tmp_path, monkeypatch):
    def refuses(*_):
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuses)
    folder, long = copied(saved, tmp_path), copied(saved, tmp_path, "long")
    studies.update(folder, toy.iloc[N_EARLY:], encoder=ENCODER)
    same(whole(folder), long_way(long, toy.iloc[N_EARLY:]))
    again = studies.update(folder, toy.iloc[:5], encoder=ENCODER)
    assert isinstance(again, Shelved)


def test_a_failure_while_writing_leaves_the_study_as_it_was(saved, toy, tmp_path, monkeypatch):
    folder = copied(saved, tmp_path)

    def fails(*_):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(_store, "write_results", fails)
    with pytest.raises(RuntimeError):
        studies.update(folder, toy.iloc[N_EARLY:], encoder=ENCODER)
    monkeypatch.undo()
    assert len(whole(folder).papers) == N_EARLY
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".s.")]


def test_a_study_of_format_2_opens_and_goes_on_as_format_3(saved, toy, tmp_path):
    folder, new = as_format_2(copied(saved, tmp_path)), copied(saved, tmp_path, "new")
    same(tr.open(folder), tr.open(new))
    after = studies.update(folder, toy.iloc[N_EARLY:], encoder=ENCODER)
    assert not isinstance(after, Shelved)
    assert json.loads((folder / "study.json").read_text())["format"] == 3
    assert not (folder / "papers.parquet").exists()
    same(whole(folder), long_way(new, toy.iloc[N_EARLY:]))


def as_format_2(folder):
    """Write a study's folder as format 2 had it: one file of papers, one of vectors."""
    from safetensors.numpy import load_file, save_file

    pd.read_parquet(folder / "papers").to_parquet(folder / "papers.parquet", index=False)
    files = sorted((folder / "embeddings").iterdir())
    vectors = np.concatenate([load_file(file)["embeddings"] for file in files])
    save_file({"embeddings": vectors}, folder / "embeddings.safetensors")
    for name in ("papers", "embeddings"):
        shutil.rmtree(folder / name)
    for name in ("keys.parquet", "tags.parquet"):
        (folder / name).unlink()
    manifest = json.loads((folder / "study.json").read_text())
    for name in ("parts", "sorted", "papers"):
        del manifest[name]
    ids = _parts.ids_hash(pd.Index(pd.read_parquet(folder / "papers.parquet")["paper_id"]))
    manifest["sha256"] = {"papers.parquet": _parts.sha256(folder / "papers.parquet"), "paper_ids": ids}
    (folder / "study.json").write_text(json.dumps(manifest | {"format": 2}))
    return folder


# --- the hash of papers ----------------------------------------------------------------------------------


def test_papers_can_be_added_to_a_hash_and_taken_away(toy):
    parts = [toy.iloc[:40], toy.iloc[40:]]
    added = sum(map(rows_sum, parts)) % MODULUS
    assert hash_of_rows(toy.columns, added) == papers_hash(toy) == papers_hash(toy[::-1])
    assert (rows_sum(toy) - rows_sum(parts[1])) % MODULUS == rows_sum(parts[0])


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.assign(title=t["title"].where(t.index != t.index[3], "Other")),
        lambda t: t.assign(date=t["date"].where(t.index != t.index[3], pd.NaT)),
        lambda t: t.assign(tags=[("a", "b") if k == 3 else own for k, own in enumerate(t["tags"])]),
        lambda t: t.assign(tags=[("a, b",) if k == 3 else own for k, own in enumerate(t["tags"])]),
        lambda t: t.drop(columns="venue"),
        lambda t: t.iloc[1:],
        lambda t: t.rename(index={t.index[3]: "title:0"}),
    ],
)
def test_another_table_has_another_hash(toy, change):
    assert papers_hash(change(toy)) != papers_hash(toy)
