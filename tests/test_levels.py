"""Papers without an abstract: brought level with the others, by a rule that is kept like any other."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import trends
import trends.embeddings as room
from trends import study as studies
from trends.core.errors import InputError
from trends.core.words import bare, documents, titles_alone
from trends.embeddings import _frozen, embed, follows, keep_student, open_student, save_student
from trends.embeddings._level import ENOUGH, PAIRS, RIDGE, Level, level, pairs
from trends.testing import HashingEncoder, papers

READERS = ["student", "whole", "lsa"]


@pytest.fixture(autouse=True)
def small_lessons(monkeypatch, tmp_path):
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(room, "TEACH_ABOVE", 100)
    monkeypatch.setattr("trends.embeddings._distil.TAUGHT_BY_WORDS", 80)


def half_bare(n=300, share=0.5, seed=0, **given):
    toy = papers(n, **given)
    toy = toy.assign(title=toy["title"] + [f" {k} of {seed}" for k in range(n)])  # equal titles are one paper
    lacks = np.random.default_rng(seed).random(n) < share
    return toy.assign(abstract=toy["abstract"].mask(lacks, ""))


def read(toy, reader, like=None):
    encoder = "lsa" if reader == "lsa" else HashingEncoder()
    return embed(toy, encoder, exact=reader == "whole", like=like)


def aside(vectors, lacks):
    """Return how far apart the means of papers with and without an abstract are."""
    rows = vectors.to_numpy()
    return float(np.linalg.norm(rows[lacks].mean(axis=0) - rows[~lacks].mean(axis=0)))


@pytest.mark.parametrize("reader", READERS)
def test_papers_without_an_abstract_lie_among_the_others(reader, monkeypatch):
    toy = half_bare()
    found = read(toy, reader)
    assert found.attrs["n_levelled_by"] == (~bare(toy)).sum()
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    monkeypatch.setattr("trends.embeddings._level.ENOUGH", 10_000)
    before = read(toy, reader)
    assert "n_levelled_by" not in before.attrs and before.attrs != found.attrs
    assert aside(found, bare(toy)) < 0.5 * aside(before, bare(toy))
    whole = ~bare(toy)
    assert (found.to_numpy()[whole] == before.to_numpy()[whole]).all()


@pytest.mark.parametrize("reader", READERS)
def test_a_corpus_of_one_kind_is_read_as_it_is(reader):
    for toy in (papers(150), papers(150).assign(abstract="")):
        assert "n_levelled_by" not in read(toy, reader).attrs


@pytest.mark.parametrize("reader", READERS)
def test_order_does_not_matter_and_later_papers_are_read_alike(reader, monkeypatch, tmp_path):
    toy = half_bare()
    found = read(toy, reader)
    mixed = toy.sample(frac=1, random_state=1)
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "another"))
    again = read(mixed, reader)
    assert again.attrs == found.attrs and again.loc[toy.index].equals(found)
    some = toy.iloc[::3]
    alike = read(some, reader, like=found)
    assert alike.attrs == found.attrs and alike.equals(found.loc[some.index])
    # A later paper hangs on itself alone, and gains from the level as those did.
    later = half_bare(60, seed=3)
    alone = pd.concat([read(later.iloc[[k]], reader, like=found) for k in range(5)])
    assert alone.equals(read(later, reader, like=found).iloc[:5])


@pytest.mark.parametrize("reader", READERS)
def test_a_saved_rule_brings_papers_level(reader, monkeypatch, tmp_path):
    toy = half_bare()
    found = read(toy, reader)
    folder = save_student(found, tmp_path / "rule")
    rule = open_student(folder)
    encoder = None if reader == "lsa" else HashingEncoder()
    texts = documents(toy).tolist()
    assert (rule.apply(texts, encoder, bare(toy)) == found.to_numpy()).all()
    as_whole = rule.apply(texts, encoder)
    assert (as_whole != found.to_numpy()).any(axis=1)[bare(toy)].all()
    assert (as_whole == found.to_numpy())[~bare(toy)].all()
    # Where it was not kept it is found in what was saved.
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "another"))
    with pytest.raises(InputError, match="is not kept here"):
        read(toy, reader, like=found)
    keep_student(found, folder)
    assert read(toy, reader, like=found).equals(found)


def test_a_levelled_encoder_says_what_it_is_and_what_it_needs(tmp_path):
    found = read(half_bare(), "whole")
    rule = open_student(_frozen.cached(found.attrs["level"]))
    assert repr(rule) == f"<LevelledEncoder {found.attrs['level']} of hashing-64>"
    with pytest.raises(InputError, match="'hashing-64' made these embeddings; pass that encoder"):
        rule.apply(["a text"])


def test_a_student_is_held_against_its_teacher_by_papers_with_an_abstract():
    toy = half_bare()
    found, later = embed(toy, HashingEncoder()), half_bare(120, seed=5)
    later = later.rename(index="new-{}".format)
    vectors = pd.concat([found, embed(later, HashingEncoder(), like=found)])
    vectors.attrs = found.attrs
    _, n_papers = follows(later, vectors, HashingEncoder())
    assert n_papers == len(documents(later)[~bare(later)].unique())


def by_title(study):
    return study.embeddings.set_axis(study.papers["title"])


def test_a_week_joins_a_study_as_if_it_had_been_there(tmp_path, monkeypatch):
    toy = half_bare(260)
    first, later = toy.iloc[:220], toy.iloc[220:]
    encoder = HashingEncoder()
    made = studies.study_of(first, encoder=encoder, exact=True, every="year", n_topics=4, title="Toy")
    folder = made.save(tmp_path / "study")
    wanted = embed(later, encoder, like=made.embeddings)
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "another"))  # as on another machine
    grown = studies.open(folder).update(later, encoder=encoder)
    assert grown.embeddings.attrs["level"] == made.embeddings.attrs["level"]
    assert by_title(grown).loc[later["title"]].to_numpy().tolist() == wanted.to_numpy().tolist()
    week = tmp_path / "week.jsonl"
    later.assign(date=later["date"].astype(str)).to_json(week, orient="records", lines=True)
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "a third"))
    trends.update(folder, week, encoder=encoder)
    on_disk = studies.open(folder)
    assert on_disk.embeddings.attrs == made.embeddings.attrs
    assert by_title(on_disk).loc[later["title"]].to_numpy().tolist() == wanted.to_numpy().tolist()


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_level_is_learned_from_papers_that_have_an_abstract(n_whole, n_bare):
    texts = pd.Series(
        [f"Title {k}. Abstract {k}" for k in range(n_whole)] + [f"Bare {k}." for k in range(n_bare)]
    )
    titles = pd.Series([text.split(". ")[0].rstrip(".") + "." for text in texts], dtype=object)
    lacks, rows = pairs(texts.astype(object), titles)
    assert lacks.tolist() == [False] * n_whole + [True] * n_bare
    assert len(rows) == (min(n_whole, PAIRS) if n_bare and n_whole >= ENOUGH else 0)
    assert len(set(rows.tolist())) == len(rows) and not lacks[rows].any()


def test_equal_papers_are_read_once():
    texts = pd.Series(["One. Two"] * 50 + ["Bare."])
    assert len(pairs(texts, pd.Series(["One."] * 50 + ["Bare."]))[1]) == 0


def test_what_is_planted_comes_back():
    """Titles turned about a plane and shifted: enough pairs undo it, few pairs undo the shift alone."""
    random = np.random.default_rng(0)
    whole = random.normal(size=(20_000, 8)) + 2
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    turn = np.eye(8)
    turn[:2, :2] = [[0.8, -0.6], [0.6, 0.8]]
    titles = (whole - 0.2) @ turn
    titles /= np.linalg.norm(titles, axis=1, keepdims=True)

    def lost(found, rows=slice(10_000, None)):
        return 1 - np.mean(np.sum(found.raised(titles[rows]) * whole[rows], axis=1))

    many, few = level(titles[:10_000], whole[:10_000]), level(titles[:3], whole[:3])
    untouched = 1 - np.mean(np.sum(titles * whole, axis=1))
    assert lost(many) < 0.05 * untouched
    assert lost(many) < lost(few) < untouched
    shift = Level(titles.mean(axis=0), whole.mean(axis=0), np.eye(8))
    assert lost(many) < lost(shift)
    assert RIDGE > 0


def test_a_paper_without_known_words_stays_without_a_direction():
    found = Level(np.ones(3), np.zeros(3), np.eye(3)).raised(np.array([[0.0, 0, 0], [0, 2, 0]]))
    assert found.dtype == np.float32
    assert (found[0] == 0).all() and np.linalg.norm(found[1]) == pytest.approx(1)


def test_titles_alone_are_what_is_read_of_papers_without_an_abstract():
    toy = half_bare(50)
    same = (documents(toy) == titles_alone(toy)).to_numpy()
    assert same.tolist() == bare(toy).tolist() == (toy["abstract"] == "").tolist()
