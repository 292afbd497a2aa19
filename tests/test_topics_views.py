"""hierarchy, themes, papers, similar: what Topics and Study can be asked, edited or not."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import toys
from hypothesis import given, settings
from hypothesis import strategies as st

import trends as tr
from trends.core.hashing import fingerprint
from trends.core.tables import UNASSIGNED
from trends.testing import HashingEncoder, papers


def by_hand(angles, sizes=None, ids=None):
    """Return topics whose centroids stand at these angles (degrees) of a circle."""
    n = len(angles)
    found = toys.topics(toys.papers(), tuple(f"Topic {k}" for k in range(n)))
    turns = np.deg2rad(np.array(angles, dtype=float)).reshape(-1, 1)
    table = found.table.copy()
    if sizes is not None:
        table["n_papers"] = sizes
    members = found.members
    if ids is not None:
        table.index = pd.Index(ids, name="topic_id")
        new = dict(enumerate(ids)) | {UNASSIGNED: UNASSIGNED}
        members = members.assign(topic_id=members["topic_id"].map(new))
    centroids = np.hstack([np.cos(turns), np.sin(turns)]).astype("float32")
    return dataclasses.replace(found, table=table, members=members, centroids=centroids)


@pytest.fixture(scope="module")
def study():
    return tr.run(papers(200), every="quarter", encoder=HashingEncoder(), detail=0.4)


# --- hierarchy and themes -------------------------------------------------------------------------------


def test_the_tree_of_four_known_directions():
    tree = by_hand([0, 10, 100, 130], sizes=[5, 4, 3, 2]).hierarchy()
    assert tree["node"].tolist() == [4, 5, 6]
    assert tree[["left", "right"]].to_numpy().tolist() == [[0, 1], [2, 3], [4, 5]]
    assert tree["topics"].tolist() == [(0, 1), (2, 3), (0, 1, 2, 3)]
    assert tree["n_papers"].tolist() == [9, 5, 14]
    points = np.array([np.exp(1j * np.deg2rad(a)) for a in (0, 10, 100, 130)])
    near, far = points[:2].mean(), points[2:].mean()
    # Ward: two groups of two are sqrt(2 x 2 x 2 / 4) times the distance of their means apart.
    expected = [abs(points[0] - points[1]), abs(points[2] - points[3]), np.sqrt(2) * abs(near - far)]
    assert tree["distance"].to_numpy() == pytest.approx(expected, abs=2e-5)


def test_every_topic_counts_alike_whatever_its_size():
    angles = [0, 20, 70, 95]
    small, large = by_hand(angles), by_hand(angles, sizes=[900, 1, 1, 1])
    assert small.hierarchy()["distance"].equals(large.hierarchy()["distance"])


def test_ids_with_gaps_keep_their_place_and_nodes_stand_above_them():
    tree = by_hand([0, 10, 100], sizes=[1, 2, 9], ids=[0, 3, 9]).hierarchy()
    assert tree[["node", "left", "right"]].to_numpy().tolist() == [[10, 0, 3], [11, 10, 9]]
    assert tree["topics"].tolist() == [(0, 3), (0, 3, 9)]


@pytest.mark.parametrize("n_topics", [1, 2])
def test_few_topics_have_a_small_tree(n_topics):
    found = by_hand([0, 40][:n_topics])
    assert len(found.hierarchy()) == n_topics - 1
    assert found.themes(5).tolist() == list(range(n_topics))


def test_no_topics_have_no_tree_themes_or_likes():
    none = tr.cluster(papers(3), tr.embed(papers(3), HashingEncoder()))
    assert none.hierarchy().empty
    assert none.hierarchy().columns.tolist() == ["node", "left", "right", "distance", "n_papers", "topics"]
    assert none.themes(3).empty
    assert none.similar("graph").empty
    assert len(none.papers(UNASSIGNED)) == 3


def test_themes_are_numbered_by_size():
    found = by_hand([0, 10, 100, 110, 200], sizes=[2, 2, 5, 4, 3])
    assert found.themes(3).to_dict() == {0: 1, 1: 1, 2: 0, 3: 0, 4: 2}
    assert found.themes(1).tolist() == [0] * 5
    assert found.themes(9).to_dict() == {0: 3, 1: 4, 2: 0, 3: 1, 4: 2}
    assert found.themes(3).name == "theme_id"


@settings(deadline=None, max_examples=40)
@given(
    angles=st.lists(st.integers(0, 359), min_size=1, max_size=12),
    n=st.integers(1, 14),
    gap=st.integers(0, 3),
)
def test_any_cut_gives_as_many_themes_as_asked_nested_and_numbered_by_size(angles, n, gap):
    found = by_hand(angles, ids=[k * (gap + 1) for k in range(len(angles))])
    themes = found.themes(n)
    assert themes.index.equals(found.table.index)
    assert sorted(set(themes)) == list(range(min(n, len(angles))))
    sizes = found.table["n_papers"].groupby(themes).sum()
    assert sizes.is_monotonic_decreasing
    finer = found.themes(n + 1)
    assert themes.groupby(finer).nunique().eq(1).all()
    distances = found.hierarchy()["distance"]
    assert distances.is_monotonic_increasing
    assert found.hierarchy()["topics"].map(list).map(sorted).map(tuple).equals(found.hierarchy()["topics"])


@pytest.mark.parametrize("n", [0, -1, 2.0, True, "8", None])
def test_a_cut_needs_a_number(n):
    with pytest.raises(tr.InputError, match="n must be a whole number of at least 1"):
        by_hand([0, 90]).themes(n)


def test_the_tree_of_edited_topics(study):
    merged = tr.merge(study.papers, study.embeddings, study.topics, [0, 2])
    edited = tr.split(study.papers, study.embeddings, merged, 1)
    tree = edited.hierarchy()
    assert tree["topics"].iloc[-1] == tuple(edited.table.index)
    assert tree["node"].min() == edited.next_id
    assert tree["n_papers"].iloc[-1] == edited.table["n_papers"].sum()
    joined = pd.concat([tree["left"], tree["right"]])
    assert sorted(joined) == [*edited.table.index, *tree["node"].iloc[:-1]]


# --- papers ---------------------------------------------------------------------------------------------


def test_papers_of_a_topic_best_first_and_ties_by_id():
    found = by_hand([0, 90, 180])
    same = found.members["similarity"].where(found.members["similarity"] < 0.8, 0.8)
    found = dataclasses.replace(found, members=found.members.assign(similarity=same).sample(frac=1))
    mine = found.papers(1)
    assert mine.columns.tolist() == ["similarity", "how"]
    assert set(mine.index) == set(found.members.index[found.members["topic_id"] == 1])
    keys = list(zip(-mine["similarity"], mine.index))
    assert keys == sorted(keys)
    assert mine["similarity"].duplicated().any()


def test_papers_with_what_is_known_of_them():
    table = toys.papers()
    found = toys.topics(table)
    mine = found.papers(UNASSIGNED, table.sample(frac=1, random_state=0))
    assert mine.columns.tolist() == ["similarity", "how", "title", "date", "url"]
    assert mine["title"].equals(table.loc[mine.index, "title"])
    assert found.papers(0, table.drop(columns="url")).columns[-1] == "date"
    assert len(mine) == found.n_unassigned


def test_papers_of_no_topic_or_absent_papers_are_told():
    table = toys.papers()
    found = toys.topics(table)
    with pytest.raises(tr.InputError, match="topic_id 7 is no topic"):
        found.papers(7)
    with pytest.raises(tr.InputError, match=r"papers lacks \d+ of the topic's papers, such as"):
        found.papers(0, table.head(3))


# --- similar --------------------------------------------------------------------------------------------


def test_a_vector_meets_the_centroids():
    found = by_hand([0, 60, 120], ids=[0, 4, 5]).similar([0, 3.0], top=2)
    assert found.index.tolist() == [4, 5]
    assert found["similarity"].tolist() == pytest.approx([np.cos(np.deg2rad(30))] * 2, abs=1e-6)
    assert found.columns.tolist() == ["label", "similarity", "n_papers", "how"]
    assert set(found["how"]) == {"vectors"}
    assert found.index.name == "topic_id"


def worded(*topics):
    """Return topics of these labels and terms, weights falling."""
    found = by_hand([90 * k for k in range(len(topics))])
    table = found.table.copy()
    table["label"] = pd.Series([label for label, _ in topics], dtype="str")
    table["terms"] = pd.Series([tuple(terms) for _, terms in topics], dtype=object)
    weights = [tuple(1 / (k + 1) for k in range(len(terms))) for _, terms in topics]
    table["term_weights"] = pd.Series(weights, dtype=object)
    return dataclasses.replace(found, table=table)


def test_a_text_meets_labels_and_terms_by_its_words():
    found = worded(
        ("Sparse autoencoders", ["sparse autoencoders", "features", "models"]),
        ("Sparse attention", ["sparse attention", "long contexts", "models"]),
        ("Mixture-of-experts", ["experts", "routing", "models"]),
    )
    assert found.similar("An autoencoder that is SPARSE.").index.tolist() == [0, 1]
    assert found.similar("mixture of experts").index.tolist() == [2]
    assert set(found.similar("experts")["how"]) == {"words"}
    # By hand: "experts" is a word of the label and of the first term, in one topic of three.
    rare, common = np.log1p(3 / 1), np.log1p(3 / 3)
    length = np.sqrt((rare**2) * (1 + 1 + (1 / 2) ** 2) + (common / 3) ** 2)
    assert found.similar("experts").loc[2, "similarity"] == pytest.approx(rare / length, abs=1e-6)
    assert found.similar("models").index.tolist() == [0, 1, 2]
    assert found.similar("models", top=1).index.tolist() == [0]
    assert found.similar("zebras").empty
    alone, beside = found.similar("experts"), found.similar("experts zebras")
    assert beside.loc[2, "similarity"] < alone.loc[2, "similarity"]


@settings(deadline=None)
@given(st.text(max_size=40), st.integers(1, 5))
def test_any_text_gives_topics_or_a_sentence(text, top):
    found = worded(("Graphs", ["graph", "nodes"]), ("Naïve ünïcode", ["naïve"]), ("ß", []))
    try:
        near = found.similar(text, top)
    except tr.InputError as refused:
        assert "must hold a telling word" in str(refused)
        return
    assert len(near) <= top
    assert near["similarity"].between(0, 1 + 1e-9).all()
    assert near["similarity"].is_monotonic_decreasing


@pytest.mark.parametrize(
    ("query", "top", "sentence"),
    [
        ("", 5, "telling word, not ''"),
        ("the of and", 5, "telling word"),
        ([1.0], 5, r"one vector of 2 finite numbers that are not all 0, not list of shape \(1,\)"),
        ([0, 0], 5, "not all 0"),
        ([np.nan, 1], 5, "finite"),
        ([[1, 0]], 5, "one vector"),
        (None, 5, "query must be a text or one vector"),
        (["a", "b"], 5, "query must be a text or one vector"),
        ("graph", 0, "top must be a whole number of at least 1, not 0"),
    ],
)
def test_what_cannot_be_asked_is_told(query, top, sentence):
    with pytest.raises(tr.InputError, match=sentence):
        by_hand([0, 90]).similar(query, top)


def test_a_study_asks_the_encoder_it_was_made_with(study):
    speech = "Phoneme and utterance of a speaker's voice"
    near = study.similar(speech, encoder=HashingEncoder())
    assert set(near["how"]) == {"vectors"}
    assert len(near) == 5
    vector = HashingEncoder().encode([speech])[0]
    assert near.equals(study.topics.similar(vector))
    nearest = study.topics.papers(near.index[0], study.papers)
    assert nearest["title"].str.startswith("Speech").all()
    with pytest.raises(tr.InputError, match=r"'hashing-32' .revision 1. did not read these papers"):
        study.similar(speech, encoder=HashingEncoder(32))
    with pytest.raises(tr.InputError, match="text must hold a word"):
        study.similar("  ")


def test_a_study_falls_back_on_words_and_says_so(study):
    by_words = study.similar("speech phoneme", top=3)
    assert set(by_words["how"]) == {"words"}
    assert by_words.equals(study.topics.similar("speech phoneme", 3))
    for encoder in ("lsa", np.asarray(study.embeddings.loc[study.papers.index])):
        other = tr.run(papers(200), every="quarter", encoder=encoder, detail=0.4)
        assert set(other.similar("speech phoneme")["how"]) == {"words"}


@pytest.mark.slow
def test_minilm_understands_other_words():
    study = tr.run()
    near = study.similar("dictionary learning of interpretable features inside a neural net")
    assert set(near["how"]) == {"vectors"}
    assert near["label"].str.lower().str.contains("autoencoder").iloc[0]


# --- the same every time --------------------------------------------------------------------------------


def test_shuffled_members_and_another_hash_seed_change_no_view():
    code = (
        "import sys, toys; from dataclasses import replace; from trends.core.hashing import fingerprint;"
        "t = toys.topics(toys.papers(), tuple('abcdef'));"
        "t = replace(t, members=t.members.sample(frac=1, random_state=int(sys.argv[1])));"
        "print(fingerprint(t.hierarchy(), t.themes(3), t.papers(2), t.similar('sparse routing of tokens')))"
    )
    here = os.pathsep.join(["tests", os.environ.get("PYTHONPATH", "")])
    told = {
        subprocess.run(
            [sys.executable, "-c", code, seed],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": here},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_views_change_nothing_and_are_the_callers_own(study):
    topics = study.topics
    before = fingerprint(topics.table, topics.members, topics.centroids)
    first = [topics.hierarchy(), topics.papers(0), topics.similar("graph")]
    for view in first:
        view.loc[:, "n_papers" if "n_papers" in view else "similarity"] = 0
    themes = topics.themes(2)
    themes[:] = 9
    assert fingerprint(topics.table, topics.members, topics.centroids) == before
    assert topics.themes(2).max() == 1
