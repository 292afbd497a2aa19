"""cluster, assign, from_bertopic: the same topics whatever the order, one rule for every paper."""

import dataclasses
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage

from trends.core.errors import InputError
from trends.core.hashing import fingerprint, permanent_numbers
from trends.core.tables import UNASSIGNED
from trends.core.threads import side_by_side
from trends.core.vectors import nearness
from trends.core.words import documents, word_counts
from trends.embeddings import embed
from trends.testing import THEMES, HashingEncoder, papers
from trends.topics import assign, cluster, from_bertopic, open_topics, save_topics
from trends.topics._assign import KEPT, calibrated
from trends.topics._detail import PER_HALVING, at_detail, readable, supported
from trends.topics._discover import Proposal, tree_of
from trends.topics._layout import DESCENT, layout, several_at_once
from trends.topics._neighbours import neighbours
from trends.topics._settle import grown, settle, settle_together, ward
from trends.topics._stability import agreement, best_overlaps, halves, steadiness
from trends.topics._terms import class_terms, membership


@pytest.fixture(scope="module")
def toy():
    return papers(160)


@pytest.fixture(scope="module")
def embeddings(toy):
    return embed(toy, HashingEncoder())


@pytest.fixture(scope="module")
def topics(toy, embeddings):
    return cluster(toy, embeddings, n_topics=len(THEMES))


def contents(topics):
    return fingerprint(topics.table, topics.members, topics.centroids, topics.cutoffs)


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
    again = cluster(mixed, embed(mixed, HashingEncoder()), n_topics=len(THEMES))
    assert contents(again) == contents(topics)
    assert again.fingerprint == topics.fingerprint


def test_arguments_are_not_changed(toy, embeddings):
    before = fingerprint(toy, embeddings)
    cluster(toy, embeddings)
    assert fingerprint(toy, embeddings) == before


def test_kept_topics_are_the_same_and_load_no_model(toy, embeddings, topics):
    assert contents(cluster(toy, embeddings, n_topics=len(THEMES))) == contents(topics)
    code = (
        "import sys; from trends.testing import papers, HashingEncoder; from trends.embeddings import embed;"
        "from trends.topics import cluster; toy = papers(160);"
        "cluster(toy, embed(toy, HashingEncoder()), n_topics=4);"
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


def test_detail_goes_smoothly_from_coarse_to_fine():
    numbers = [at_detail(10_000, detail) for detail in np.linspace(0, 1, 21)]
    assert numbers == sorted(numbers)
    assert np.max(np.diff(np.log(numbers))) < 0.2
    assert numbers[-1] == pytest.approx(16 * numbers[0], rel=0.1)
    assert at_detail(10_000, 0.5) == readable(10_000)
    with pytest.raises(InputError, match="detail must lie between 0"):
        at_detail(100, 1.5)


@pytest.mark.parametrize("n_papers", [300, 1_000, 6_000, 13_640, 92_000])
def test_twice_the_papers_bring_a_fifth_more_topics_at_most(n_papers):
    assert readable(n_papers) <= readable(2 * n_papers) <= 1.2 * readable(n_papers) + 0.5


def test_as_many_topics_as_come_back():
    # Four topics always come back; torn further they do not.
    assert supported(160, 40, lambda n: 1.0 if n <= 4 else 0.3)[0] == 4
    # Where agreement hardly depends on the number, the reader decides.
    assert supported(6_000, 200, lambda n: 0.6 + 0.1 / n)[0] == readable(6_000)
    # Two halves of a field are always found again: no reason to show only those.
    field = {2: 1.0, 3: 0.6}
    assert supported(6_000, 200, lambda n: field.get(n, 0.55))[0] == readable(6_000)
    # Real corpora agree well on some few topics, and no seed may decide whether those are taken.
    conference = {2: 1.0, 3: 0.94, 4: 0.96, 6: 0.973, 9: 0.935, 13: 0.77}
    assert supported(2_000, 200, lambda n: conference.get(n, 0.62))[0] == readable(2_000)
    assert supported(6_000, 7, lambda n: np.nan) == (7, {})
    _, measured = supported(160, 40, lambda n: 1.0)
    assert min(measured) == 2
    assert max(measured) == readable(160)
    assert PER_HALVING > 0


def test_the_number_of_topics_is_found_where_the_papers_have_one(toy):
    random = np.random.default_rng(1)
    centres = np.linalg.qr(random.standard_normal((32, 32)))[0][:5]
    vectors = pd.DataFrame(
        centres[np.arange(160) % 5] + 0.08 * random.standard_normal((160, 32)), index=toy.index
    )
    toy = toy.assign(title="Untold", abstract="")
    found = cluster(toy, embed(toy, vectors))
    assert len(found.table) == 5
    assert found.table["stability"].min() > 0.9


def test_any_number_of_topics_can_be_asked_for(toy, embeddings):
    numbers = [2, 3, 5, 6, 8]
    assert [len(cluster(toy, embeddings, n_topics=n).table) for n in numbers] == numbers
    with pytest.raises(InputError, match="n_topics must be at least 1, not 0"):
        cluster(toy, embeddings, n_topics=0)
    with pytest.raises(InputError, match="not both"):
        cluster(toy, embeddings, n_topics=3, detail=0.5)


def test_topics_that_come_back_are_steady_and_torn_ones_are_not(toy, embeddings, topics):
    assert topics.table["stability"].between(0.8, 1).all()
    torn = cluster(toy, embeddings, n_topics=11).table["stability"]
    assert torn.mean() < topics.table["stability"].mean() - 0.05
    measured = topics.parameters["measured"]
    assert measured["agreement"]["4"] > 0.9
    assert measured["kept"] == pytest.approx(KEPT, abs=0.02)
    assert measured["refused"] > 0.9


def directions(degrees, spread=0.0, n_each=1, seed=0):
    """Unit vectors in the plane around some directions."""
    random = np.random.default_rng(seed)
    angle = np.radians(np.repeat(degrees, n_each) + spread * random.standard_normal(len(degrees) * n_each))
    return np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32)


def test_the_tree_of_all_proposals_gives_any_number_of_centroids():
    vectors = directions([0, 10, 90, 180], 1, 50)
    proposals = [
        Proposal(np.arange(200), np.zeros(200), directions([0, 10, 91, 179]), np.full(4, 50)),
        Proposal(np.arange(200), np.zeros(200), directions([5, 89, 181]), np.array([100, 50, 50])),
    ]
    tree = tree_of(proposals)
    assert len(tree.centres) == 7
    for n_topics, expected in ((3, [0, 1, 2]), (4, [0, 1, 2, 3])):
        found = settle(vectors, tree, n_topics)
        nearest_one = (vectors @ found.T).argmax(axis=1).reshape(4, 50)
        assert (nearest_one == nearest_one[:, :1]).mean() > 0.98
        assert len(set(nearest_one[:, 0])) == len(expected)
    together = settle_together(vectors, [tree, grown([directions([1, 11, 92, 180])])], 4)
    assert np.abs(np.sort(together[:, 0]) - np.sort(settle(vectors, tree, 4)[:, 0])).max() < 0.02


@given(st.integers(0, 10_000), st.integers(2, 40))
def test_a_tree_of_equal_weights_is_that_of_scipy_and_a_weight_is_so_many_points(seed, n):
    random = np.random.default_rng(seed)
    points = random.normal(size=(n, 5))
    theirs = linkage(points, "ward")
    ours = ward(points, np.ones(n))
    np.testing.assert_array_equal(ours[:, [0, 1, 3]], theirs[:, [0, 1, 3]])
    np.testing.assert_allclose(2 * ours[:, 2], theirs[:, 2] ** 2, rtol=1e-6, atol=1e-12)
    weights = random.integers(1, 4, n)
    repeated = np.repeat(np.arange(n), weights)
    # Copies join at no cost, so that the last joins are those of the weighted points.
    last = linkage(points[repeated], "ward")[-(n - 1) :]
    np.testing.assert_allclose(2 * ward(points, weights)[:, 2], last[:, 2] ** 2, rtol=1e-6, atol=1e-12)


def test_heavy_centres_draw_the_mean_of_a_branch_to_them():
    tree = grown([directions([0, 20, 180])], [np.array([9, 1, 5])])
    assert np.degrees(np.arctan2(*tree.cut(2)[0, ::-1])) == pytest.approx(2, abs=0.2)
    assert len(grown([directions([7])]).cut(3)) == 1


def test_a_paper_between_two_topics_tells_of_both_and_one_that_the_user_placed_of_that_alone():
    vectors = directions([0, 1, 45, 89, 90, 0, 30, 30])
    topics = np.array([0, 0, 0, 1, 1, 1, UNASSIGNED, 0])
    told = membership(vectors, topics, directions([0, 90])).toarray()
    assert told[:, 2] == pytest.approx([0.5, 0.5])
    assert told[:, [0, 1, 3, 4]] == pytest.approx(np.array([[1, 1, 0, 0], [0, 0, 1, 1]]))
    assert told[:, 5].tolist() == [0, 1]  # nearest to topic 0, placed in 1
    assert told[:, 6].tolist() == [0, 0]
    np.testing.assert_allclose(membership(vectors, np.zeros(8, int), directions([0])).toarray(), 1)
    # Topics that an encoder sets a third as far apart share their papers no more than others.
    near = np.array([0, 2, 4, 5, 6, 8, 10])
    wide, narrow = (
        membership(directions(near * k), (near > 5).astype(int), directions([0, 10 * k])).toarray()
        for k in (1, 0.3)
    )
    np.testing.assert_allclose(wide, narrow, atol=0.01)
    assert 0.1 < wide[1, 2] < 0.5


def test_of_words_as_frequent_in_a_topic_that_which_is_used_nearer_to_it_comes_first():
    # Six papers at 0 degrees, three at 60, three at 180; two words of the first and of one paper elsewhere.
    vectors = directions([-2, -1, 0, 0, 1, 2, 59, 60, 61, 179, 180, 181])
    topics = np.repeat([0, 1, 2], [6, 3, 3])
    texts = (
        ["alpha omega"] * 3
        + ["vision"] * 3
        + ["omega graph", "graph", "graph", "alpha speech", "speech", "speech"]
    )
    for first, second in (("alpha", "omega"), ("omega", "alpha")):  # so the alphabet does not decide
        swapped = {"alpha": second, "omega": first}
        counts = word_counts([" ".join(swapped.get(word, word) for word in text.split()) for text in texts])
        found = class_terms(counts, vectors, topics, directions([0, 60, 180]))
        words = [word for word, _ in found[0]]
        assert words.index(first) < words.index(second)
        assert [topic[0][0] for topic in found[1:]] == ["graph", "speech"]


def test_a_word_used_everywhere_is_near_to_no_topic():
    from scipy.sparse import csr_array

    used = csr_array(np.array([[1, 1], [1, 1], [1, 0], [1, 0]], dtype=float))
    near = nearness(used, directions([0, 20, 90, 110]), directions([10, 100]))
    np.testing.assert_allclose(near, [[0, 1], [0, -1]], atol=1e-3)
    # Topics stand for their papers.
    by_topic = csr_array(np.array([[2, 2], [2, 0]], dtype=float))
    near = nearness(by_topic, directions([10, 100]), directions([10, 100]), np.array([2, 2]))
    np.testing.assert_allclose(near, [[0, 1], [0, -1]], atol=1e-6)
    assert not nearness(by_topic, directions([10, 100]), directions([10, 100]), np.zeros(2)).any()


def test_numbers_of_papers_stay_whatever_papers_are_beside_them():
    some, more = permanent_numbers(["a", "b"], 7), permanent_numbers(["b", "\ud800", "a"], 7)
    np.testing.assert_array_equal(some, more[[2, 0]])
    many = permanent_numbers(map(str, range(4000)), 2) / 2.0**64
    assert np.abs(np.histogram(many[:, 0], 8, (0, 1))[0] - 500).max() < 100
    assert abs(np.corrcoef(many.T)[0, 1]) < 0.08
    assert permanent_numbers([], 3).shape == (0, 3)


def test_halves_that_agree_and_halves_that_do_not():
    vectors = directions([0, 90, 180, 270], 2, 25)
    sides, sizes = directions([0, 90, 180, 270]), np.full(4, 25)
    same = [Proposal(np.arange(100), np.zeros(100), sides, sizes) for _ in range(12)]
    assert len(halves(same)) == 11
    assert agreement(vectors, halves(same), 4) == pytest.approx(1)
    assert steadiness(vectors, np.repeat(np.arange(4), 25), 4, halves(same)) == pytest.approx(np.ones(4))
    ways = [[0, 180] if k in {1, 3, 4, 5, 9, 11} else [90, 270] for k in range(12)]
    mixed = [Proposal(p.rows, p.leaves, directions(way), np.full(2, 50)) for p, way in zip(same, ways)]
    assert agreement(vectors, halves(mixed)[:1], 2) < 0.9
    assert halves(same[:1]) == []
    assert np.isnan(agreement(vectors, [], 4))


def test_each_layout_is_as_often_with_any_other_as_against_it():
    alone = [Proposal(np.arange(9), np.zeros(9), np.eye(12, dtype=np.float32)[[k]], [9]) for k in range(12)]
    first = np.array([one.centres.sum(axis=0) for one, _ in halves(alone)])
    second = np.array([other.centres.sum(axis=0) for _, other in halves(alone)])
    np.testing.assert_array_equal(first + second, np.ones((11, 12)))
    together = first.T @ first + second.T @ second
    np.testing.assert_array_equal(together, 5 + 6 * np.eye(12))


def test_overlap_is_jaccard_with_the_best_match():
    topics = np.array([0, 0, 0, 0, 1, 1])
    others = np.array([5, 5, 5, 2, 2, 2])
    assert best_overlaps(topics, others, 3)[:2] == pytest.approx([3 / 4, 2 / 3])
    assert np.isnan(best_overlaps(topics, others, 3)[2])


def test_the_cutoffs_keep_what_they_say_of_papers_they_have_not_seen():
    random = np.random.default_rng(0)
    centres = np.linalg.qr(random.standard_normal((16, 16)))[0][:4]
    truth = np.repeat(np.arange(4), 500)
    noise = random.standard_normal((2_000, 16)) / 8
    vectors = centres[truth] + noise * (1 + truth[:, None] / 2)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    seen = np.arange(2_000) % 2 == 0
    centroids = np.stack([vectors[seen & (truth == k)].mean(axis=0) for k in range(4)])
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    cutoffs, about = calibrated(vectors[seen], truth[seen], centroids, np.ones(1_000, bool))
    own = (vectors * centroids[truth]).sum(axis=1)
    assert np.mean(own[~seen] >= cutoffs[truth[~seen]]) == pytest.approx(KEPT, abs=0.02)
    assert about["kept"] == pytest.approx(KEPT, abs=0.005)
    assert about["refused"] > 0.95


@pytest.mark.parametrize("n_papers", [1, 2, 3, 7])
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


def test_layouts_side_by_side_are_those_of_umap_alone():
    from umap import layouts

    random = np.random.default_rng(3)
    vectors = random.standard_normal((120, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    before = getattr(layouts, DESCENT)
    with several_at_once():
        assert getattr(layouts, DESCENT) is not before
        ours = list(side_by_side(lambda seed: layout(vectors, 2, seed=seed), [5, 6, 5]))
    assert getattr(layouts, DESCENT) is before
    with pytest.warns(UserWarning):
        alone = layout(vectors, 2, seed=5)
    assert (ours[0] == ours[2]).all()
    assert (ours[0] != ours[1]).any()
    assert np.array_equal(ours[0], alone)


def test_no_layout_loads_a_library_beside_another(tmp_path, monkeypatch):
    """A thread that loads one while threadpoolctl looks through them in another would wait for ever."""
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path))
    code = """
import sys, threading
beside = []
def hook(event, about):
    if event == "import" and about[1] and threading.current_thread() is not threading.main_thread():
        beside.append(about[0])
sys.addaudithook(hook)
from trends.testing import HashingEncoder, papers
from trends.embeddings import embed
from trends.topics import cluster
table = papers(160)
cluster(table, embed(table, HashingEncoder()))
assert "hdbscan" in sys.modules and not beside, beside
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
