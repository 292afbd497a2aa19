"""cluster, assign, from_bertopic: the same topics whatever the order, one rule for every paper."""

import dataclasses
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.tables import UNASSIGNED
from trends.core.words import documents
from trends.embeddings import embed
from trends.testing import THEMES, HashingEncoder, papers
from trends.topics import assign, cluster, from_bertopic, open_topics, save_topics
from trends.topics._discover import smallest_topic
from trends.topics._neighbours import neighbours


@pytest.fixture(scope="module")
def toy():
    return papers(160)


@pytest.fixture(scope="module")
def embeddings(toy):
    return embed(toy, HashingEncoder())


@pytest.fixture(scope="module")
def topics(toy, embeddings):
    return cluster(toy, embeddings, detail=0.1)


def contents(topics):
    return fingerprint(topics.table, topics.members, topics.centroids, topics.cutoffs, topics.tree)


def test_each_planted_theme_is_a_topic(toy, topics):
    truth = pd.Series(np.arange(160) % len(THEMES), index=toy.index)
    found = topics.members["topic_id"]
    assert len(topics.table) == len(THEMES)
    inside = found[found != UNASSIGNED]
    assert len(inside) >= 0.85 * len(toy)
    assert (pd.crosstab(inside, truth[inside.index]) > 0).sum(axis=1).eq(1).all()


def test_tables_agree_with_each_other(toy, topics):
    sizes = topics.members["topic_id"].value_counts()
    assert topics.table["n_papers"].sum() + topics.n_unassigned == len(toy)
    assert topics.table["n_papers"].equals(sizes.reindex(topics.table.index))
    assert topics.table["n_papers"].is_monotonic_decreasing
    assert topics.members.index.is_monotonic_increasing
    for topic_id, row in topics.table.iterrows():
        mine = topics.members[topics.members["topic_id"] == topic_id]
        assert set(row["exemplars"]) <= set(mine.index)
        assert row["first_date"] == toy.loc[mine.index, "date"].min()
        assert row["cohesion"] == pytest.approx(mine["similarity"].mean(), abs=1e-3)
    assert set(topics.members["how"]) <= {"centroid", "none"}
    assert np.allclose(np.linalg.norm(topics.centroids, axis=1), 1, atol=1e-5)


def test_order_of_rows_and_a_fresh_cache_change_nothing(toy, topics, tmp_path, monkeypatch):
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path))
    mixed = toy.sample(frac=1, random_state=7)
    again = cluster(mixed, embed(mixed, HashingEncoder()), detail=0.1)
    assert contents(again) == contents(topics)
    assert again.fingerprint == topics.fingerprint


def test_arguments_are_not_changed(toy, embeddings):
    before = fingerprint(toy, embeddings)
    cluster(toy, embeddings, detail=0.1)
    assert fingerprint(toy, embeddings) == before


def test_kept_topics_are_the_same_and_load_no_model(toy, embeddings, topics):
    assert contents(cluster(toy, embeddings, detail=0.1)) == contents(topics)
    code = (
        "import sys; from trends.testing import papers, HashingEncoder; from trends.embeddings import embed;"
        "from trends.topics import cluster; toy = papers(160);"
        "cluster(toy, embed(toy, HashingEncoder()), detail=0.1);"
        "loaded = {'torch', 'bertopic', 'umap', 'numba', 'hdbscan'} & set(sys.modules);"
        "assert not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_model_is_a_genuine_fitted_bertopic(toy, embeddings, topics):
    from bertopic import BERTopic

    model = topics.model
    assert type(model) is BERTopic
    assert list(model.topics_) == topics.members["topic_id"].tolist()
    ordered = toy.sort_index()
    texts = documents(ordered).tolist()
    vectors = embeddings.loc[ordered.index].to_numpy()
    predicted, _ = model.transform(texts, vectors)
    assert list(predicted) == topics.members["topic_id"].tolist()
    info = model.get_topic_info().set_index("Topic")["Count"]
    assert info.drop(UNASSIGNED, errors="ignore").tolist() == topics.table["n_papers"].tolist()
    assert model.hierarchical_topics(texts) is not None
    assert len(model.visualize_barchart().data) == len(topics.table)
    with pytest.raises(InputError, match="pass them as embeddings"):
        model.transform(["a new text"])


def test_assign_gives_old_papers_their_topic_back(toy, embeddings, topics):
    one_by_one = pd.concat([assign(toy.iloc[[k]], embeddings, topics) for k in range(len(toy))])
    assert one_by_one["topic_id"].sort_index().equals(topics.members["topic_id"])


def test_vectors_of_any_length_count_by_their_direction(toy, topics):
    longer = pd.DataFrame(embed(toy, HashingEncoder()).to_numpy() * 7, index=toy.index)
    assert assign(toy, longer, topics)["topic_id"].sort_index().equals(topics.members["topic_id"])


def test_assign_refuses_a_foreign_paper_and_foreign_vectors(topics):
    stranger = papers(1)
    stranger["title"] = "Medieval harvest"
    stranger["abstract"] = "Barley wheat manor peasants tithe ploughing monastery winter."
    found = assign(stranger, embed(stranger, HashingEncoder()), topics)
    assert found["topic_id"].tolist() == [UNASSIGNED]
    assert found["how"].tolist() == ["none"]
    with pytest.raises(InputError, match=r"another space than the topics .encoder 'hashing-32'"):
        assign(stranger, embed(stranger, HashingEncoder(32)), topics)
    with pytest.raises(InputError, match="32 dimensions"):
        assign(stranger, pd.DataFrame(np.ones((1, 32)), index=stranger.index), topics)


def test_detail_goes_from_coarse_to_fine():
    sizes = [smallest_topic(10_000, detail) for detail in np.linspace(0, 1, 11)]
    assert sizes == sorted(sizes, reverse=True)
    assert smallest_topic(10_000, 0) == pytest.approx(16 * smallest_topic(10_000, 1), rel=0.15)
    assert smallest_topic(40_000, 0.5) == pytest.approx(2 * smallest_topic(10_000, 0.5), rel=0.1)
    with pytest.raises(InputError, match="detail must lie between 0"):
        smallest_topic(100, 1.5)


def test_finer_detail_finds_more_topics(toy, embeddings, topics):
    finest = cluster(toy, embeddings, detail=1)
    assert len(finest.table) > len(topics.table)


@pytest.mark.parametrize("n_papers", [1, 2, 3, 7, 12])
def test_too_few_papers_are_all_unassigned(n_papers):
    toy = papers(n_papers)
    found = cluster(toy, embed(toy, HashingEncoder()))
    assert len(found.table) == 0
    assert found.n_unassigned == n_papers
    assert np.isfinite(found.members[["x", "y"]]).all(axis=None)
    with pytest.raises(InputError, match="no BERTopic"):
        _ = found.model


def test_copies_of_one_text_are_one_topic():
    toy = papers(40)
    toy["title"] = "The same graph paper"
    toy["abstract"] = "Node edge graph."
    found = cluster(toy, embed(toy, HashingEncoder()))
    assert found.table["n_papers"].tolist() == [40]


def test_papers_of_stop_words_only():
    toy = papers(40)
    toy["title"] = "the"
    toy["abstract"] = "of and"
    found = cluster(toy, embed(toy, np.ones((40, 3))))
    assert found.table["label"].tolist() == ["topic 0"]


def test_no_papers_and_missing_vectors_are_told(toy, embeddings):
    with pytest.raises(InputError, match="no papers to cluster"):
        cluster(papers(0), embeddings)
    with pytest.raises(InputError, match="lack 1 of 160 papers, toy:0005"):
        cluster(toy, embeddings.drop(index="toy:0005"))


def test_saved_topics_open_equal_and_their_model_agrees(toy, embeddings, topics, tmp_path):
    save_topics(topics, tmp_path / "topics")
    opened = open_topics(tmp_path / "topics", toy, embeddings)
    assert contents(opened) == contents(topics)
    assert list(opened.model.topics_) == topics.members["topic_id"].tolist()
    assert open_topics(tmp_path / "absent", toy, embeddings) is None
    (tmp_path / "topics" / "members.parquet").write_bytes(b"damaged")
    assert open_topics(tmp_path / "topics", toy, embeddings) is None


def test_from_bertopic_brings_a_users_model_in(toy, embeddings, topics):
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder
    from bertopic.dimensionality import BaseDimensionalityReduction
    from sklearn.cluster import KMeans

    theirs = BERTopic(
        embedding_model=BaseEmbedder(),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=KMeans(4, random_state=0),
    )
    texts = documents(toy).tolist()
    theirs.fit(texts, embeddings.to_numpy())
    theirs.set_topic_labels([f"mine {k}" for k in range(4)])
    found = from_bertopic(theirs, toy, embeddings)
    assert found.model is theirs
    assert found.members["topic_id"].loc[toy.index].tolist() == list(theirs.topics_)
    assert found.table["label"].tolist() == [f"mine {k}" for k in range(4)]
    assert set(found.members["how"]) == {"model"}
    without = from_bertopic(theirs, toy)
    assert without.members["topic_id"].equals(found.members["topic_id"])
    with pytest.raises(InputError, match="another space"):
        assign(toy.head(1), embeddings, without)
    with pytest.raises(InputError, match="fitted on 160 papers and 3"):
        from_bertopic(theirs, toy.head(3), embeddings)
    with pytest.raises(InputError, match="not fitted"):
        from_bertopic(BERTopic(), toy, embeddings)


def test_importing_bertopic_leaves_the_users_warnings_alone():
    code = (
        "import warnings; before = list(warnings.filters); from trends.testing import papers, HashingEncoder;"
        "from trends.embeddings import embed; from trends.topics import cluster; toy = papers(120);"
        "cluster(toy, embed(toy, HashingEncoder()), seed=11).model;"
        "new = [f for f in warnings.filters if f not in before and f[1] is None and f[0] == 'ignore'];"
        "assert not new, new"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_neighbours_are_exact_and_ties_go_to_the_lower_row():
    random = np.random.default_rng(0)
    vectors = random.standard_normal((1_500, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[[5, 900, 1_200]] = vectors[3]
    indices, distances = neighbours(vectors, 4)
    assert (indices[:, 0] == np.arange(1_500)).all()
    assert indices[900].tolist() == [900, 3, 5, 1_200]
    assert (np.diff(distances, axis=1) >= 0).all()
    expected = np.sort(1 - vectors[77] @ vectors.T)[:4]
    assert distances[77] == pytest.approx(expected.clip(min=0), abs=1e-5)


def test_records_refuse_tables_that_disagree(topics):
    with pytest.raises(InputError, match="as many centroids"):
        dataclasses.replace(topics, centroids=topics.centroids[:1])
    with pytest.raises(InputError, match=r"topics.table lacks: \[3"):
        dataclasses.replace(
            topics,
            table=topics.table.iloc[:3],
            centroids=topics.centroids[:3],
            cutoffs=topics.cutoffs[:3],
        )
