"""Another student at a refit: only where the old one no longer reads later papers as its teacher does."""

import numpy as np
import pandas as pd
import pytest

import trends.embeddings as room
from trends import study as studies
from trends.core.errors import DependencyError, InputError
from trends.embeddings import embed, follows
from trends.study import _teaching
from trends.testing import HashingEncoder, papers

N_FIRST = 220
ELSEWHERE = (
    "lattice quark boson neutrino plasma photon spin gauge flux meson hadron lepton orbit comet nebula"
)


class Teacher(HashingEncoder):
    """An encoder that a student is taught by, since it reads whole texts only."""

    def __init__(self, revision="1"):
        super().__init__()
        self.name, self.revision, self.n_read = "teacher", revision, 0

    def encode(self, texts):
        self.n_read += len(texts)
        return super().encode(texts)


@pytest.fixture(autouse=True)
def small_lessons(monkeypatch):
    monkeypatch.setattr(room, "TEACH_ABOVE", 100)
    monkeypatch.setattr("trends.embeddings._distil.TAUGHT_BY_WORDS", 80)


@pytest.fixture(scope="module")
def first():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "TEACH_ABOVE", 100)
        patch.setattr("trends.embeddings._distil.TAUGHT_BY_WORDS", 80)
        return studies.study_of(papers(N_FIRST), encoder=Teacher(), every="year", n_topics=6, title="Toy")


def more(n, seed=7):
    """Return other papers of the same themes."""
    found = papers(n, seed=seed).rename(index=lambda name: name.replace("toy", f"new{seed}"))
    return found.assign(title=found["title"] + f" of {seed}")  # of equal titles one paper would be made


def elsewhere(n, seed=8):
    """Return papers of another field, whose words the first never used."""
    random = np.random.default_rng(seed)
    found = more(n, seed)
    texts = [" ".join(random.choice(ELSEWHERE.split(), 24)) for _ in range(n)]
    return found.assign(
        title=[f"On {text.split()[0]} {k} of {seed}" for k, text in enumerate(texts)], abstract=texts
    )


def test_a_student_that_follows_stays_when_the_papers_have_doubled(first):
    teacher = Teacher()
    later = first.update(more(N_FIRST + 30), encoder=teacher)
    after = later.refit(encoder=teacher)
    told = after.parameters["student_follows"]
    assert not told["taught_anew"] and told["papers"] == 100 == teacher.n_read
    assert abs(told["cosine"] - first.embeddings.attrs["cosine"]) < _teaching.FALLEN
    assert after.parameters["taught_on"] == N_FIRST
    assert after.embeddings.attrs == first.embeddings.attrs
    pd.testing.assert_frame_equal(
        after.embeddings.loc[first.embeddings.index], first.embeddings, check_exact=True
    )
    was = later.topics.members["topic_id"]
    assert (after.topics.members["topic_id"] == was)[was >= 0].mean() > 0.95


def test_a_corpus_that_moves_on_has_another_student_and_only_one(first):
    teacher = Teacher()
    after = first.update(elsewhere(150), encoder=teacher).refit(encoder=teacher)
    told = after.parameters["student_follows"]
    assert told["taught_anew"] and told["cosine"] < first.embeddings.attrs["cosine"] - _teaching.FALLEN
    assert told["cosine_anew"] > told["cosine"] + 0.1
    assert after.parameters["taught_on"] == N_FIRST + 150
    assert after.embeddings.attrs["student"] != first.embeddings.attrs["student"]
    later = after.update(elsewhere(60, seed=9), encoder=teacher).refit(encoder=teacher)
    again = later.parameters["student_follows"]
    assert not again["taught_anew"] and again["cosine_anew"] == told["cosine_anew"]
    assert later.embeddings.attrs["student"] == after.embeddings.attrs["student"]


def test_a_student_that_another_would_not_better_stays(first, monkeypatch):
    attrs = first.embeddings.attrs | {"cosine": 0.99}  # as of papers that were easy
    embeddings = first.embeddings.copy()
    embeddings.attrs = attrs
    late = np.arange(N_FIRST) >= 100
    kept, told = _teaching.read_anew(first.papers, embeddings, late, {"taught_on": 100}, Teacher())
    tried = told["student_follows"]
    assert kept is embeddings and not tried["taught_anew"] and told["taught_on"] == 100
    assert abs(tried["cosine_anew"] - tried["cosine"]) <= _teaching.FALLEN < 0.99 - tried["cosine"]
    # What was tried is remembered, so that the next refit teaches nobody in vain.
    monkeypatch.setattr(_teaching, "embed", None)
    kept, again = _teaching.read_anew(first.papers, embeddings, late, told, Teacher())
    assert kept is embeddings and again == told


def test_few_papers_say_nothing(first):
    teacher = Teacher()
    after = first.update(elsewhere(29), encoder=teacher).refit(encoder=teacher)
    assert "student_follows" not in after.parameters and not teacher.n_read
    assert after.embeddings.attrs["student"] == first.embeddings.attrs["student"]


def test_equal_texts_are_asked_once(first):
    same = elsewhere(1).iloc[np.zeros(40, dtype=int)]
    same.index = pd.Index([f"same:{k}" for k in range(40)], name="paper_id")
    vectors = embed(same, Teacher(), like=first.embeddings)
    assert follows(same, vectors, Teacher()) == (None, 1)


def test_the_order_of_papers_changes_nothing(first):
    later = pd.concat([more(150), elsewhere(20)])
    vectors = embed(later, Teacher(), like=first.embeddings)
    measured = follows(later, vectors, Teacher())
    assert measured[1] == 100
    for seed in range(3):
        mixed = later.sample(frac=1, random_state=seed)
        assert follows(mixed, vectors.sample(frac=1, random_state=9), Teacher()) == measured


def test_a_teacher_that_is_away_leaves_the_student_be(first, monkeypatch):
    later = first.update(elsewhere(60, seed=11), encoder=Teacher())

    def away(self, texts):
        raise DependencyError("The model is not here.")

    monkeypatch.setattr(Teacher, "encode", away)
    after = later.refit(encoder=Teacher())
    assert "student_follows" not in after.parameters
    assert after.embeddings.attrs == later.embeddings.attrs


def test_only_a_student_and_its_own_teacher_are_compared(first):
    with pytest.raises(InputError, match="revision 2"):
        follows(first.papers, first.embeddings, Teacher(revision="2"))
    with pytest.raises(InputError, match="No student"):
        follows(first.papers, embed(first.papers, "lsa"), "lsa")


def test_lsa_is_found_anew_when_the_papers_have_doubled():
    early = studies.study_of(papers(100), encoder="lsa", every="year", n_topics=4)
    few = early.update(more(99)).refit()
    assert few.embeddings.attrs == early.embeddings.attrs and few.parameters["taught_on"] == 100
    twice = early.update(more(100)).refit()
    assert twice.embeddings.attrs["revision"] != early.embeddings.attrs["revision"]
    assert twice.parameters["taught_on"] == 200 and "student_follows" not in twice.parameters
