"""run, Study and open: the whole flow, the same every time, saved and opened."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import trends as tr
from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.tables import PRECISION_TYPE, UNASSIGNED
from trends.testing import SAMPLE_THEMES, HashingEncoder, papers


def contents(study):
    return fingerprint(
        study.papers.drop(columns="found_at"),
        study.topics.table,
        study.topics.members,
        study.counts.table,
        study.trends.shares,
        study.trends.calls,
    )


@pytest.fixture(scope="module")
def study():
    return tr.run(papers(240), every="quarter", encoder=HashingEncoder(), detail=0.1, title="Toy")


def test_the_flow_reconciles(study):
    assert study.counts.every == "quarter"
    assert len(study.topics.members) == len(study.papers)
    assert study.counts.table["n_papers"].sum() == len(study.papers)
    sums = study.trends.shares.groupby("period")["share"].sum()
    assert sums.to_numpy() == pytest.approx(1)
    assert UNASSIGNED in set(study.trends.shares["topic_id"])
    assert study.trends.calls.index.tolist() == study.topics.table.index.tolist()
    assert study.trends.calls["label"].equals(study.topics.table["label"].rename("label"))


@pytest.mark.parametrize("every", ["week", "month", "quarter", "year"])
def test_counts_reports_and_health_tell_the_same_papers(study, every):
    """Every paper of health is counted, undated or too coarse, by topic, by period and in the page."""
    mixed = study.papers.copy()
    kinds = np.array(["day", "month", "year", "unknown"])[np.arange(240) % 4]
    mixed["date_precision"] = pd.Series(kinds, index=mixed.index).astype(PRECISION_TYPE)
    mixed.loc[kinds == "unknown", "date"] = pd.NaT
    seen = tr.health(mixed).table["n_papers"]
    counts = tr.count(mixed, study.topics, every=every)
    trends = tr.measure(counts, bursts=False, forecast=False)
    counted = int(counts.table["n_papers"].sum())
    undated, coarse = int(counts.left_out["n_undated"].sum()), int(counts.left_out["n_too_coarse"].sum())
    assert undated == seen["undated"]
    enters = {
        "week": ["day"],
        "month": ["day", "month"],
        "quarter": ["day", "month"],
        "year": ["day", "month", "year"],
    }
    assert counted == sum(seen[f"dated to the {precision}"] for precision in enters[every])
    assert counted + undated + coarse == seen["papers"] == len(mixed)
    by_topic = counts.table.groupby("topic_id")["n_papers"].sum() + counts.left_out.sum(axis=1)
    assert by_topic.to_dict() == study.topics.members["topic_id"].value_counts().sort_index().to_dict()
    page = tr.Report.standard(mixed, study.topics, trends, title="Toy")
    health = next(section for section in page.sections if section.id == "health")
    assert f"{counted} papers are counted in " in health.text
    assert "Together these are 240." in health.text
    assert len(page.papers) == len(mixed)


def test_shuffled_rows_give_the_same_bytes(study, tmp_path, monkeypatch):
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "cache"))
    mixed = papers(240).sample(frac=1, random_state=2)
    again = tr.run(mixed, every="quarter", encoder=HashingEncoder(), detail=0.1, title="Toy")
    assert contents(again) == contents(study)
    first, second = study.report(tmp_path / "a.html"), again.report(tmp_path / "b.html")
    assert first.read_bytes() == second.read_bytes()


def test_every_number_of_a_finding_is_in_one_table(study):
    # The toys' themes take turns, so a theme that is older than the others makes one topic fall.
    mixed = study.papers.copy()
    graph = study.papers["tags"].map(lambda tags: "graph-networks" in tags)
    mixed.loc[graph, "date"] = (
        pd.Timestamp("2021-01-05") + (mixed.loc[graph, "date"] - pd.Timestamp("2021-01-01")) / 3
    )
    counts = tr.count(mixed, study.topics, every="quarter")
    moved = replace(study, papers=mixed, counts=counts, trends=tr.measure(counts))
    found = moved.findings
    assert found.columns.tolist() == ["finding", "kind", "topic_id", "name", "value", "text"]
    growth = found[found["kind"] == "growth"].pivot_table(index="topic_id", columns="name", values="value")
    assert len(growth)
    for topic_id, row in growth.iterrows():
        call = moved.trends.calls.loc[topic_id]
        for name in ("growth", "growth_low", "growth_high", "q"):
            assert row[name] == call[name]
    page = tr.Report.standard(mixed, moved.topics, moved.trends, title="Toy").html()
    assert all(f"{value:.2f}" in page for value in growth["growth"])


def test_another_seed_is_another_study(study):
    other = tr.run(papers(240), every="quarter", encoder=HashingEncoder(), detail=0.1, seed=1)
    assert other.fingerprint != study.fingerprint


def test_save_and_open(study, tmp_path):
    folder = study.save(tmp_path / "runs" / "toy")
    opened = tr.open(folder)
    assert contents(opened) == contents(study)
    assert opened.fingerprint == study.fingerprint
    assert opened.title == "Toy"
    a, b = study.report(tmp_path / "a.html"), opened.report(tmp_path / "b.html")
    assert a.read_bytes() == b.read_bytes()
    assert pd.read_parquet(folder / "calls.parquet").index.name == "topic_id"
    study.save(folder)
    assert [p.name for p in folder.parent.iterdir()] == ["toy"]


def test_a_study_carries_the_rule_of_its_vectors(tmp_path, monkeypatch):
    table = papers(120)
    made = tr.run(table.iloc[:100], every="quarter", encoder="lsa", n_topics=4)
    late = made.papers.iloc[:5].rename(index=lambda name: f"late-{name}")
    expected = tr.embed(late, "lsa", like=made.embeddings)
    folder = made.save(tmp_path / "study")
    assert (folder / "student").is_dir()
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "another machine"))
    with pytest.raises(InputError, match="is not kept here"):
        tr.embed(late, "lsa", like=made.embeddings)
    opened = tr.open(folder)
    pd.testing.assert_frame_equal(tr.embed(late, "lsa", like=opened.embeddings), expected)
    # Vectors of a model alone hang on no corpus: there is nothing to carry.
    assert not (study_without_student(tmp_path) / "student").exists()


def study_without_student(folder):
    small = tr.run(papers(40), every="quarter", encoder=HashingEncoder(), n_topics=4)
    return small.save(folder / "small")


THEMES = [
    {"name": "Graphs", "phrases": ["graph networks"]},
    {"name": "Speech", "phrases": ["speech recognition"]},
    {"name": "Nothing here", "phrases": ["zebra crossing"]},
]


def test_followed_themes_go_all_the_way(study, tmp_path):
    options = {"every": "quarter", "encoder": HashingEncoder(), "detail": 0.1, "title": "Toy"}
    followed = tr.run(papers(240), watch=THEMES, **options)
    assert followed.watch.table["label"].tolist() == ["Graphs", "Speech", "Nothing here"]
    assert followed.watch.table["n_papers"].tolist()[2] == 0
    assert followed.followed.calls["label"].tolist() == ["Graphs", "Speech", "Nothing here"]
    assert set(followed.followed.shares["period"]) == set(followed.trends.shares["period"])
    assert contents(followed) == contents(study)
    assert followed.fingerprint != study.fingerprint
    assert followed.provenance["followed_themes"] == THEMES
    assert followed.provenance["fingerprints"]["watch"] == followed.watch.fingerprint
    folder = followed.save(tmp_path / "themes")
    opened = tr.open(folder)
    assert opened.fingerprint == followed.fingerprint
    assert fingerprint(opened.watch.table, opened.watch.members, opened.watch.near) == fingerprint(
        followed.watch.table, followed.watch.members, followed.watch.near
    )
    a, b = followed.report(tmp_path / "a.html"), opened.report(tmp_path / "b.html")
    assert a.read_bytes() == b.read_bytes()
    assert study.watch is None
    assert study.followed is None
    (folder / "watch" / "near.parquet").unlink()
    with pytest.raises(tr.InputError, match="damaged"):
        tr.open(folder)


def test_marks_are_kept_with_the_study(tmp_path):
    followed = tr.run(papers(80), watch=THEMES, encoder=HashingEncoder())
    marks = followed.watch.to_check(12).assign(belongs=True)
    checked = replace(followed, watch=followed.watch.checked(marks))
    opened = tr.open(checked.save(tmp_path / "s"))
    assert opened.watch.table["estimate"].tolist() == ["checked", "checked", "none"]


def test_a_fault_in_the_list_is_told_before_any_work(tmp_path):
    with pytest.raises(tr.InputError, match="theme 1 has no name"):
        tr.run(tmp_path / "absent.txt", watch=[{"phrases": ["x"]}])


def test_the_sample_follows_the_shipped_themes_unless_told_otherwise():
    study = tr.run(encoder="lsa")
    assert study.watch.table["label"].tolist() == [
        "Sparse attention", "Sparse autoencoders", "Token pruning", "Mixture of experts",
    ]  # fmt: skip
    assert study.watch.table["n_papers"].min() >= 10
    assert tr.run(encoder="lsa", watch=[]).watch is None


def test_a_folder_that_is_no_study_is_not_overwritten(study, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(tr.InputError, match="not a study"):
        study.save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_open_says_what_is_wrong(study, tmp_path):
    with pytest.raises(tr.InputError, match=r"not a study: it has no study\.json"):
        tr.open(tmp_path)
    folder = study.save(tmp_path / "s")
    manifest = json.loads((folder / "study.json").read_text())
    (folder / "study.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(tr.InputError, match="later version"):
        tr.open(folder)
    (folder / "study.json").write_text("{")
    with pytest.raises(tr.InputError, match="damaged"):
        tr.open(folder)
    (folder / "study.json").write_text(json.dumps(manifest))
    (folder / "embeddings" / "0000.safetensors").write_bytes(b"")
    with pytest.raises(tr.InputError, match="damaged"):
        tr.open(folder)


def test_provenance_is_plain_json_without_directories(study, tmp_path):
    study.papers.to_parquet(tmp_path / "in.parquet")
    read = tr.run(tmp_path / "in.parquet", encoder=HashingEncoder(), detail=0.1)
    text = json.dumps(read.provenance)
    assert "in.parquet" in text
    assert str(tmp_path) not in text
    assert read.provenance["versions"]["trends"] == tr.__version__


def test_importing_trends_is_light():
    code = (
        "import sys, trends; heavy = {'pandas', 'numpy', 'plotly', 'numba', 'torch', 'sklearn', 'bertopic'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules); dir(trends)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_a_second_run_loads_no_model_and_a_hash_seed_changes_nothing(tmp_path):
    code = (
        "import sys, trends as tr; s = tr.run(); s.report(sys.argv[1]);"
        "print(sorted({'torch', 'bertopic', 'umap', 'numba'} & set(sys.modules)))"
    )
    loaded = []
    for number, seed in enumerate(("1", "2")):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / f"{number}.html")],
            env={**os.environ, "PYTHONHASHSEED": seed, "TRENDS_CACHE": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=True,
        )
        loaded.append(done.stdout.strip())
    assert "torch" in loaded[0]
    assert loaded[1] == "[]"
    assert (tmp_path / "0.html").read_bytes() == (tmp_path / "1.html").read_bytes()


def assert_labels(study):
    labels = study.topics.table["label"]
    assert labels.is_unique
    lower = labels.str.lower()
    for theme, spellings in SAMPLE_THEMES.items():
        assert any(s in label for s in spellings for label in lower), f"no topic on {theme}: {list(labels)}"
    assert study.topics.n_unassigned <= 0.15 * len(study.papers)


@pytest.mark.slow
def test_the_sample_tells_its_story():
    study = tr.run()
    assert len(study.papers) == 311
    assert_labels(study)


@pytest.mark.slow
@pytest.mark.data
def test_the_five_pages_show_their_themes(shared_data):
    study = tr.run(str(shared_data / "pages" / "*.txt"))
    assert len(study.papers) == 311
    assert_labels(study)
