"""embed: one unit row per paper, encoded once, whatever the order of rows."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import trends.embeddings as room
from trends.core.errors import DependencyError, InputError
from trends.core.hashing import text_hash
from trends.core.words import documents
from trends.embeddings import (
    Encoder,
    _encoders,
    _frozen,
    _minilm,
    _sentences,
    embed,
    follows,
    open_student,
    read_whole,
)
from trends.embeddings._distil import EMPHASIS, FAINTEST, _mixed, emphasis
from trends.embeddings._encoders import find_encoder
from trends.embeddings._products import RoundedProduct
from trends.embeddings._sentences import TOGETHER, SentenceEncoder
from trends.embeddings._student import EARLIER_WEIGHTS, LESSON, WEIGHTS, lesson
from trends.testing import HashingEncoder, papers


class CountingEncoder(HashingEncoder):
    """Counts the texts that it was asked to encode."""

    def __init__(self, revision="1"):
        super().__init__()
        self.name, self.revision, self.n_read = "counting", revision, 0

    def encode(self, texts):
        self.n_read += len(texts)
        return super().encode(texts)


@pytest.fixture(autouse=True)
def fresh_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path))


def test_rows_are_unit_vectors_in_the_order_of_the_papers():
    toy = papers(20).sample(frac=1, random_state=1)
    found = embed(toy, HashingEncoder())
    assert found.index.equals(toy.index)
    assert found.to_numpy().dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert found.attrs == {"encoder": "hashing-64", "revision": "1", "precision": "float32"}
    assert isinstance(HashingEncoder(), Encoder)


@pytest.mark.parametrize("encoder", [HashingEncoder(), "lsa"])
def test_order_of_rows_does_not_matter(encoder, tmp_path, monkeypatch):
    toy = papers(60)
    first = embed(toy, encoder)
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "other"))
    shuffled = embed(toy.sample(frac=1, random_state=3), encoder)
    pd.testing.assert_frame_equal(shuffled.loc[toy.index], first, check_exact=True)


def test_each_text_is_read_once_and_only_new_ones_later():
    encoder = CountingEncoder()
    embed(papers(30), encoder)
    assert encoder.n_read == 30
    embed(papers(30).sample(frac=1, random_state=0), encoder)
    assert encoder.n_read == 30
    changed = papers(30)
    changed.loc["toy:0003", "abstract"] = "Something else entirely."
    embed(changed, encoder)
    assert encoder.n_read == 31
    other = CountingEncoder(revision="2")
    embed(papers(30), other)
    assert other.n_read == 30


def test_a_stopped_run_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(_encoders, "CHUNK", 10)
    encoder = CountingEncoder()
    whole = encoder.encode

    def stops(texts):
        if encoder.n_read >= 20:
            raise KeyboardInterrupt
        return whole(texts)

    monkeypatch.setattr(encoder, "encode", stops)
    with pytest.raises(KeyboardInterrupt):
        embed(papers(50), encoder)
    monkeypatch.setattr(encoder, "encode", whole)
    embed(papers(50), encoder)
    assert encoder.n_read == 50


def test_lsa_puts_papers_of_one_theme_together():
    toy = papers(80)
    found = embed(toy, "lsa").to_numpy()
    themes = np.arange(80) % 4
    likeness = found @ found.T
    same = likeness[themes[:, None] == themes].mean()
    other = likeness[themes[:, None] != themes].mean()
    assert same > other + 0.5


def test_lsa_of_a_corpus_without_words():
    toy = papers(3)
    toy["title"] = ["the", "of", "and"]
    toy["abstract"] = ""
    assert embed(toy, "lsa").shape == (3, 2)


def test_given_vectors_are_scaled_and_kept_by_paper():
    toy = papers(4)
    vectors = np.arange(8.0).reshape(4, 2) + 1
    by_position = embed(toy, vectors)
    by_paper = embed(toy.iloc[::-1], pd.DataFrame(vectors, index=toy.index))
    pd.testing.assert_frame_equal(by_paper.loc[toy.index], by_position)


@pytest.mark.parametrize(
    ("encoder", "told"),
    [
        (np.zeros((3, 2)), "one row for each of the 4 papers"),
        (np.full((4, 2), np.nan), "finite numbers"),
        (pd.DataFrame(np.zeros((1, 2)), index=["toy:0000"]), "lack 3 of 4 papers, toy:0001"),
        ("no-such-model", "no encoder 'no-such-model'"),
        ("./no/folder", "no encoder"),
        (object(), "needs name, revision and encode"),
    ],
)
def test_bad_encoders_are_told(encoder, told):
    with pytest.raises(InputError, match=told):
        embed(papers(4), encoder)


def test_no_papers_is_told():
    with pytest.raises(InputError, match="no papers"):
        embed(papers(0), "lsa")


def test_other_weights_than_the_released_ones_are_refused(tmp_path):
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"something else")
    with pytest.raises(DependencyError, match="not the upstream release"):
        _minilm._check_hash(weights, _minilm.SHA256)
    with pytest.raises(DependencyError, match="missing"):
        _minilm._check_hash(tmp_path / "absent", _minilm.SHA256)


def test_the_student_follows_its_teacher(monkeypatch):
    monkeypatch.setattr(room, "TEACH_ABOVE", 100)
    monkeypatch.setattr("trends.embeddings._distil.TAUGHT_BY_WORDS", 150)
    encoder = CountingEncoder()
    toy = papers(400)
    found = embed(toy, encoder)
    assert encoder.n_read <= 150
    assert found.attrs["n_taught"] == 150
    assert found.attrs["cosine"] > 0.8
    assert 0 <= found.attrs["neighbour_overlap"] <= 1
    exact = embed(toy, encoder, exact=True)
    assert "n_taught" not in exact.attrs
    assert np.mean(np.sum(found.to_numpy() * exact.to_numpy(), axis=1)) > 0.8
    shuffled = embed(toy.sample(frac=1, random_state=5), encoder)
    pd.testing.assert_frame_equal(shuffled.loc[toy.index], found, check_exact=True)


class RecordingEncoder(CountingEncoder):
    """Keeps the texts that it was asked to encode."""

    def __init__(self):
        super().__init__()
        self.texts = []

    def encode(self, texts):
        self.texts += texts
        return super().encode(texts)


def test_a_teacher_reads_the_first_words_of_a_lesson_and_as_many_when_asked_again(monkeypatch):
    monkeypatch.setattr(room, "TEACH_ABOVE", 100)
    monkeypatch.setattr("trends.embeddings._distil.TAUGHT_BY_WORDS", 60)
    toy = papers(160)
    toy["abstract"] = toy["abstract"] * 4
    whole = set(documents(toy))
    encoder = RecordingEncoder()
    found = embed(toy.iloc[:120], encoder)
    assert found.attrs["n_characters"] == LESSON and len(encoder.texts) == 60
    later = embed(toy.iloc[120:], encoder, like=found)
    follows(toy.iloc[120:], later, encoder)
    assert len(encoder.texts) == 100
    for text in encoder.texts:
        assert LESSON - 30 < len(text) <= LESSON
        assert any(full.startswith(f"{text} ") for full in whole)
    # A student of an earlier version was taught whole papers, and is asked about whole papers.
    student = open_student(_frozen.cached(found.attrs["student"]))
    about = {name: value for name, value in student.about.items() if name != "n_characters"}
    assert {replace(student, about=about).lesson(text) for text in whole} == whole


def test_a_student_keeps_its_weights_and_one_that_never_said_them_has_those_of_its_time(
    small_lessons, tmp_path
):
    toy, encoder = papers(400), GlancingEncoder()
    texts = documents(toy).tolist()
    student = open_student(_frozen.cached(embed(toy, encoder).attrs["student"]))
    assert student.features.weights == WEIGHTS
    assert not np.allclose(
        student.apply(texts, encoder),
        replace(student, features=replace(student.features, weights=EARLIER_WEIGHTS)).apply(texts, encoder),
    )
    folder = replace(student, features=replace(student.features, weights=EARLIER_WEIGHTS)).save(
        tmp_path / "s"
    )
    assert open_student(folder).features.weights == EARLIER_WEIGHTS
    manifest = json.loads((folder / _frozen.MANIFEST).read_text())
    del manifest["about"]["weights"]
    (folder / _frozen.MANIFEST).write_text(json.dumps(manifest))
    assert open_student(folder).features.weights == EARLIER_WEIGHTS


@given(st.text(), st.integers(1, 40))
def test_a_lesson_is_a_beginning_of_the_text_and_never_longer_than_asked(text, longest):
    found = lesson(text, longest)
    assert text.startswith(found) and len(found) <= longest
    assert bool(found) == bool(text)
    assert lesson(text, None) == text == lesson(text, len(text) + 1)


class GlancingEncoder(CountingEncoder):
    """Knows words by themselves and the first words of a text, at no cost."""

    precision = "float32"
    most_glanced = 2_000
    n_begun = 0

    def word_vectors(self, words):
        return HashingEncoder().encode([*words, ""])[:-1]

    def beginnings(self, texts):
        self.n_begun += len(texts)
        return HashingEncoder().encode([" ".join(text.split()[:24]) for text in texts])


def test_a_student_that_glances_needs_fewer_lessons(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "TEACH_ABOVE", 100)
    monkeypatch.setattr("trends.embeddings._distil.TAUGHT_BY_WORDS", 60)
    monkeypatch.setattr("trends.embeddings._distil.TAUGHT_WITH_GLANCES", 60)
    monkeypatch.setattr("trends.embeddings._distil.BEGUN", 0)  # as in `small_lessons`
    toy = papers(400)
    encoder = GlancingEncoder()
    glancing = embed(toy, encoder)
    assert encoder.n_read <= 60
    assert glancing.attrs["reads"] == "the beginning of every paper"
    monkeypatch.setattr(GlancingEncoder, "most_glanced", 150)
    monkeypatch.setattr("trends.embeddings._distil.PUPILS_LESSONS", 150)
    encoder = GlancingEncoder()
    pupil = embed(toy, encoder)
    assert encoder.n_read <= 60 and encoder.n_begun <= 150
    assert pupil.attrs["reads"] == "words, and the beginnings of some papers"
    assert pupil.attrs["n_glanced"] == 150
    by_words = embed(toy, CountingEncoder())
    assert "n_glanced" not in by_words.attrs
    assert glancing.attrs["cosine"] > pupil.attrs["cosine"] > by_words.attrs["cosine"]
    assert len({made.attrs["student"] for made in (glancing, pupil, by_words)}) == 3


def test_the_fidelity_told_of_a_pupil_is_that_of_papers_that_nobody_read(small_lessons):
    toy = papers(400)
    pupil, exact = embed(toy, PupilsEncoder()), embed(toy, PupilsEncoder(), exact=True)
    student = open_student(_frozen.cached(pupil.attrs["student"]))
    likeness = np.sum(student.without_lens(pupil.to_numpy()) * exact.to_numpy(), axis=1)
    assert pupil.attrs["cosine"] == pytest.approx(likeness.mean(), abs=0.03)
    hashes = [text_hash(text) for text in documents(toy)]
    taught = np.argsort(hashes)[:60]
    assert likeness[taught].mean() == pytest.approx(np.delete(likeness, taught).mean(), abs=0.03)


def test_directions_along_which_papers_differ_count_for_more():
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.normal(size=(6, 6)))[0]
    spread = np.array([4, 2, 1, 0.5, 0.25, 0])
    vectors = random.normal(size=(5_000, 6)) * spread @ axes + 3
    lens = emphasis(vectors)
    stretch = np.linalg.norm(axes @ lens, axis=1)
    # Variances are squares of the spreads; the faintest counts as a thousandth of the largest.
    assert stretch == pytest.approx(
        (spread / 4) ** (2 * EMPHASIS) + (spread == 0) * FAINTEST**EMPHASIS, rel=0.02
    )
    assert (emphasis(np.ones((5, 3))) == np.eye(3)).all()


def test_a_teacher_sees_through_the_lens_of_its_student(small_lessons):
    toy, encoder = papers(300), GlancingEncoder()
    own, exact = embed(toy, encoder), embed(toy, encoder, exact=True)
    student = open_student(_frozen.cached(own.attrs["student"]))
    seen = read_whole(documents(toy).tolist(), own, encoder)
    assert (read_whole(documents(toy).tolist(), exact, encoder) == exact.to_numpy()).all()
    assert student.without_lens(seen) == pytest.approx(exact.to_numpy(), abs=1e-5)
    assert np.sum(seen * own.to_numpy()) > np.sum(exact.to_numpy() * own.to_numpy())
    with pytest.raises(InputError, match="not kept here"):
        lost = own.copy()
        lost.attrs = own.attrs | {"student": "nobody"}
        read_whole(["a text"], lost, encoder)
    with pytest.raises(InputError, match="No encoder"):
        read_whole(["a text"], embed(toy, "lsa"), "lsa")


def test_a_student_of_an_earlier_version_has_no_lens(small_lessons, tmp_path):
    own = embed(papers(300), GlancingEncoder())
    folder = open_student(_frozen.cached(own.attrs["student"])).save(tmp_path / "student")
    kind, arrays, about = _frozen.read(folder)
    del arrays["lens"]
    _frozen.write(folder, kind, arrays, about)
    opened = open_student(folder)
    assert opened.through_lens(own.to_numpy()) == pytest.approx(own.to_numpy(), abs=1e-6)


class PupilsEncoder(GlancingEncoder):
    """Slow enough, say, that the beginnings of some papers only are read (see `small_lessons`)."""

    most_glanced = 90


@pytest.fixture
def small_lessons(monkeypatch):
    monkeypatch.setattr(room, "TEACH_ABOVE", 100)
    # Toy papers are short, and stand for abstracts, of which beginnings tell little.
    settings = {"TAUGHT_BY_WORDS": 80, "TAUGHT_WITH_GLANCES": 60, "PUPILS_LESSONS": 90, "BEGUN": 0}
    for name, value in settings.items():
        monkeypatch.setattr(f"trends.embeddings._distil.{name}", value)


ALL_KINDS = [CountingEncoder(), GlancingEncoder(), PupilsEncoder(), "lsa"]


class BegunEncoder(PupilsEncoder):
    """Remembers whose beginnings it read."""

    def __init__(self):
        super().__init__()
        self.begun = []

    def beginnings(self, texts):
        self.begun += texts
        return super().beginnings(texts)


def test_of_later_papers_as_large_a_share_is_read_at_the_beginning(small_lessons):
    encoder, later = BegunEncoder(), papers(200, seed=7)
    own = embed(papers(300), encoder)
    assert own.attrs["reads"] == "words, and the beginnings of some papers" and own.attrs["n_glanced"] == 90
    own_hashes, encoder.begun = sorted(text_hash(text) for text in encoder.begun), []
    embed(later, encoder, like=own)
    # A paper's hash alone decides, so that no period is read in another way than others.
    last = own_hashes[89]
    assert set(encoder.begun) == {text for text in documents(later) if text_hash(text) <= last}
    assert len(encoder.begun) == pytest.approx(200 * 90 / 300, abs=20)


def test_a_sample_of_more_papers_is_read_by_words_and_so_are_the_others(small_lessons):
    encoder = BegunEncoder()
    own = embed(papers(300), encoder, n_papers=100_000)
    assert own.attrs["reads"] == "words" and own.attrs["n_glanced"] == len(encoder.begun) == 90
    embed(papers(200, seed=7), encoder, like=own)
    assert len(encoder.begun) == 90


def test_where_no_beginning_may_be_read_for_its_own_paper_words_decide(small_lessons, monkeypatch):
    monkeypatch.setattr(PupilsEncoder, "most_glanced", 0)
    own = embed(papers(300), PupilsEncoder())
    assert own.attrs["reads"] == "words" and own.attrs["n_glanced"] == 90


class TellingEncoder(PupilsEncoder):
    """Says as much of a beginning as of the whole."""

    def beginnings(self, texts):
        return HashingEncoder().encode(texts)


def test_papers_whose_beginnings_are_read_follow_the_teacher_better(small_lessons):
    toy, encoder = papers(400), TellingEncoder()
    own, exact = embed(toy, encoder), embed(toy, encoder, exact=True)
    student = open_student(_frozen.cached(own.attrs["student"]))
    texts = documents(toy)
    glanced = [
        text_hash(text) <= student.glances.last and text_hash(text) not in student.lessons for text in texts
    ]
    assert sum(glanced) == 90 - 60

    def likeness(vectors):
        return np.mean(np.sum(student.without_lens(vectors) * exact.to_numpy()[glanced], axis=1))

    by_words = replace(student, glances=None).apply(texts[glanced].tolist(), encoder)
    assert likeness(own.to_numpy()[glanced]) > likeness(by_words) + 0.001


def lengthened(toy, n_words):
    return toy.assign(abstract=[" ".join([text, *["further"] * n_words]) for text in toy["abstract"]])


def test_the_more_of_a_paper_its_beginning_holds_the_more_that_weighs(small_lessons, monkeypatch):
    monkeypatch.setattr("trends.embeddings._distil.BEGUN", 140)
    toy, found = papers(400), []
    for some in (lengthened(toy, 60), toy, toy.assign(abstract="")):
        made = embed(some, PupilsEncoder())
        found.append((open_student(_frozen.cached(made.attrs["student"])).features.weights.beginning, made))
    weights = [weight for weight, _ in found]
    assert weights[0] == WEIGHTS.beginning < weights[1] < weights[2] == 10
    # More beginnings are read as well: of toy papers some, of their titles three times the 90.
    n_glanced = [made.attrs["n_glanced"] for _, made in found]
    assert n_glanced[0] == 90 < n_glanced[1] < n_glanced[2] == pytest.approx(3 * 90, rel=0.03)


def test_a_student_of_texts_that_beginnings_hold_reads_as_its_teacher_does(small_lessons, monkeypatch):
    toy, told = papers(400), {}
    for begun in (0, 10_000):
        monkeypatch.setattr("trends.embeddings._distil.BEGUN", begun)
        monkeypatch.setattr(TellingEncoder, "most_glanced", 400)
        told[begun] = embed(toy, TellingEncoder()).attrs["cosine"]
    assert told[10_000] > (1 + told[0]) / 2


def test_a_student_that_an_earlier_version_kept_reads_every_beginning(small_lessons, tmp_path):
    encoder = GlancingEncoder()
    own = embed(papers(300), encoder)
    student = open_student(_frozen.cached(own.attrs["student"]))
    folder = student.save(tmp_path / "student")
    kind, arrays, about = _frozen.read(folder)
    arrays[f"dense_{sum(name.startswith('dense_') for name in arrays)}"] = arrays.pop("begun")
    arrays["weights"] = arrays.pop("begun_weights")
    _frozen.write(folder, kind, arrays, about | {"glances": True})
    texts = documents(papers(30, seed=3)).tolist()
    assert (open_student(folder).apply(texts, encoder) == student.apply(texts, encoder)).all()


def test_fidelity_is_told_of_papers_read_in_both_ways():
    ones, twos = np.ones((8, 3)), np.full((8, 3), 2.0)
    for share, n_ones in [(0, 0), (0.25, 2), (0.5, 4), (1, 8)]:
        assert (_mixed(ones, twos, share) == 1).all(axis=1).sum() == n_ones
    assert (_mixed(ones, twos, 0.5)[:, 0] == [2, 1] * 4).all()


@pytest.mark.parametrize("encoder", ALL_KINDS)
def test_the_corpus_gets_its_own_vectors_back(encoder, small_lessons):
    toy = papers(300)
    own = embed(toy, encoder)
    again = embed(toy.sample(frac=1, random_state=1), encoder, like=own)
    assert again.attrs == own.attrs
    pd.testing.assert_frame_equal(again.loc[toy.index], own, check_exact=True)


@pytest.mark.parametrize("encoder", [*ALL_KINDS, HashingEncoder()])
def test_a_later_paper_has_its_vector_from_itself_alone(encoder, small_lessons):
    n_read = 90 if isinstance(encoder, HashingEncoder) and not hasattr(encoder, "n_read") else 300
    own = embed(papers(n_read), encoder)
    later = papers(40, seed=7).rename(index=lambda name: name.replace("toy", "new"))
    later.loc["new:0003", ["title", "abstract"]] = ["Words nobody knew: zyx wvu", ""]
    later.loc["new:0004", ["title", "abstract"]] = ["", ""]
    together = embed(later, encoder, like=own)
    assert together.attrs == own.attrs
    for some in (later.iloc[:1], later.iloc[[3]], later.iloc[[4]], later.iloc[::-3]):
        alone = embed(some, encoder, like=own)
        pd.testing.assert_frame_equal(alone, together.loc[some.index], check_exact=True)
    likeness = together.to_numpy() @ own.to_numpy().T
    same = likeness[:, np.arange(n_read) % 4 == 1][1].mean()
    assert same > likeness[1].mean() + 0.1  # the paper is nearer to its own theme


@pytest.mark.parametrize("encoder", ALL_KINDS)
def test_a_saved_student_is_the_same_student(encoder, small_lessons, tmp_path):
    own = embed(papers(300), encoder)
    texts = documents(papers(30, seed=3)).tolist()
    kept = open_student(_frozen.cached(own.attrs.get("student", own.attrs["revision"])))
    folder = kept.save(tmp_path / "elsewhere" / "student")
    assert {file.suffix for file in folder.iterdir()} == {".safetensors", ".json"}
    opened = open_student(folder)
    assert (opened.apply(texts, encoder) == kept.apply(texts, encoder)).all()
    assert opened.about == kept.about
    (folder / _frozen.ARRAYS).write_bytes(b"nothing")
    with pytest.raises(InputError, match="damaged"):
        open_student(folder)
    with pytest.raises(InputError, match="holds no student"):
        kept.save(tmp_path)


def test_a_student_keeps_what_its_taught_papers_use(small_lessons):
    own = embed(papers(300), CountingEncoder())
    student = open_student(_frozen.cached(own.attrs["student"]))
    n_words, n_pairs = len(student.features.lexicon.vocabulary), len(student.features.lexicon.pair_words)
    assert student.taught[0].shape == (80, n_words + n_pairs)
    assert student.weights.shape == (80, 64)
    assert "Student" in repr(student) and "words" in repr(student)


def test_vectors_like_others_need_their_rule(small_lessons, tmp_path, monkeypatch):
    toy, encoder = papers(300), GlancingEncoder()
    own, by_words = embed(toy, encoder), embed(toy, "lsa")
    given = embed(toy, np.eye(300))
    new = papers(3, seed=5)
    for like, named, told in [
        (given, encoder, "follow no rule"),
        (own, np.eye(3), "follow no rule"),
        (own, "lsa", "made by 'counting'"),
        (by_words, encoder, "made by 'lsa'"),
        (own, GlancingEncoder(revision="2"), "revision 2"),
    ]:
        with pytest.raises(InputError, match=told):
            embed(new, named, like=like)
    student = open_student(_frozen.cached(own.attrs["student"]))
    with pytest.raises(InputError, match="pass that encoder, not none"):
        student.apply(["A text"])
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "other"))
    with pytest.raises(InputError, match="embed its papers again"):
        embed(new, encoder, like=own)
    assert embed(toy, encoder).attrs == own.attrs
    assert embed(new, encoder, like=own).shape == (3, 64)


def test_beginnings_are_read_once(small_lessons):
    read = []

    class Once(GlancingEncoder):
        def beginnings(self, texts):
            read.extend(texts)
            return super().beginnings(texts)

    own = embed(papers(300), Once())
    assert len(read) == len(set(read)) == 300
    embed(papers(280), Once())
    embed(papers(300), Once(), like=own)
    assert len(read) == 300


@pytest.mark.slow
def test_a_glance_of_the_bundled_model_does_not_depend_on_threads():
    encoder = find_encoder("minilm")
    texts = [f"{title}. {title} again" for title in papers(40)["title"]]
    rows = encoder.beginnings(texts)
    assert rows.shape == (40, 384)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    whole = encoder.encode(texts)
    assert np.mean(np.sum(rows * whole, axis=1)) > 0.99  # these texts have nothing after their beginning
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert (encoder.beginnings(texts) == rows).all()
    finally:
        torch.set_num_threads(before)
    mixed = [*texts[:7], " ".join(texts), "", " ".join(texts[::-1])]
    together = encoder.beginnings(mixed)
    for some in ([0], [9, 3], [8], [7, 8, 9, 0, 1]):
        assert (encoder.beginnings([mixed[k] for k in some]) == together[some]).all()


@pytest.mark.slow
def test_a_word_is_known_by_its_pieces_and_by_itself():
    encoder = find_encoder("minilm")
    words = ["sparse", "##code", "superposition", "🙂", ""]
    together = encoder.word_vectors(words)
    assert together.shape == (5, 384)
    assert (np.linalg.norm(together, axis=1) > 0).tolist() == [True, True, True, True, False]
    for k, word in enumerate(words):
        assert (encoder.word_vectors([word]) == together[k]).all()


@pytest.fixture
def small_batches(monkeypatch):
    """Read half precision in small batches: where the processor lacks it a full one takes seconds."""
    monkeypatch.setitem(TOGETHER, "bfloat16", TOGETHER["float32"])
    _minilm._model.cache_clear()
    yield
    _minilm._model.cache_clear()


@pytest.mark.slow
@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_bundled_model_is_read_as_sentence_transformers_reads_it(precision):
    some = [f"{title}. {title}, again" for title in papers(4)["title"]]
    half = precision == "bfloat16"
    texts = ["", "A", *some, "long " * (50 if half else 400), "Ünïcode 中文 🙂"]
    ours, theirs = find_encoder("minilm"), SentenceEncoder(str(_minilm.bundled()), "any", "1")
    ours.precision = theirs.precision = precision
    whole = theirs.encode(texts)
    assert np.sum(ours.encode(texts) * whole, axis=1).min() > (0.9998 if half else 0.999999)
    assert half or np.abs(ours.encode(texts) - whole).max() < 1e-6
    known = ours.word_vectors(texts[:4]), theirs.word_vectors(texts[:4])
    assert np.allclose(*known, rtol=0.01 if half else 0, atol=0.01 if half else 1e-6)
    like = np.sum(ours.beginnings(texts) * theirs.beginnings(texts), axis=1)
    assert like.min() > (0.999 if half else 0.999999)


@pytest.mark.slow
@pytest.mark.usefixtures("small_batches")
def test_rounded_products_hardly_change_what_the_bundled_model_says():
    texts = ["A", *papers(20)["title"], "Ünïcode 中文 🙂"]
    exact, rounded = find_encoder("minilm"), find_encoder("minilm")
    exact.precision, rounded.precision = "float32", "int8"
    assert np.sum(exact.encode(texts) * rounded.encode(texts), axis=1).min() > 0.99
    assert np.sum(exact.beginnings(texts) * rounded.beginnings(texts), axis=1).min() > 0.99
    assert np.allclose(exact.word_vectors(texts[:4]), rounded.word_vectors(texts[:4]), atol=1e-6)


@pytest.mark.slow
@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("precision", ["float32", "int8", "bfloat16"])
def test_a_vector_of_the_bundled_model_hangs_on_its_text_alone(precision):
    encoder = find_encoder("minilm")
    encoder.precision = precision
    short, long = (0, 1, 2, 5, 6, 7, 8, 9, 20, 21), (0, 1, 6, 7, 9, 40, 41, 60, 90, 200)
    lengths = short if precision == "bfloat16" else long
    texts = [" ".join(f"word{k}" for k in range(n)) for n in lengths] * 3
    together = encoder.encode(texts)
    assert (together[:10] == together[10:20]).all()
    for some in ([0], [9, 3], [8, 7, 6, 5, 4], [2, 12, 22, 1]):
        assert (encoder.encode([texts[k] for k in some]) == together[some]).all()


@pytest.mark.slow
def test_the_bundled_model_reads_offline():
    toy = papers(4)
    toy["abstract"] = ""
    toy["title"] = [
        "Sparse autoencoders find features",
        "Dictionary learning of SAE latents",
        "Protein folding",
        "",
    ]
    found = embed(toy).to_numpy()
    assert found.shape == (4, 384)
    assert found[0] @ found[1] > found[0] @ found[2] + 0.2


@pytest.mark.parametrize(
    ("flags", "precision", "of_any", "most_glanced"),
    [
        (None, "float32", "float32", 3_000),
        ("sse4_1 avx", "float32", "float32", 3_000),
        ("avx2 fma", "int8", "float32", 6_000),
        ("avx2 avx512f avx512_vnni", "int8", "float32", 20_000),
        ("avx2 avx_vnni", "int8", "float32", 20_000),
        ("avx2 avx512f avx512_vnni avx512_bf16 avx512_vp2intersect", "bfloat16", "bfloat16", 20_000),
        ("avx2 avx512f avx512_bf16 amx_bf16 amx_tile", "bfloat16", "bfloat16", 20_000),
    ],
)
def test_a_processor_reads_in_numbers_that_it_multiplies_fast(
    monkeypatch, flags, precision, of_any, most_glanced
):
    monkeypatch.setattr(_sentences, "_has_gpu", lambda: False)

    def told(*_, **__):
        if flags is None:
            raise FileNotFoundError
        return f"flags\t\t: fpu {flags}\n"

    monkeypatch.setattr(_sentences.Path, "read_text", told)
    monkeypatch.setattr(_sentences, "_features", _sentences._features.__wrapped__)
    encoder = find_encoder("minilm")
    assert (encoder.precision, encoder.most_glanced) == (precision, most_glanced)
    assert _sentences._precision() == of_any


def test_a_product_of_rounded_numbers_is_exact_to_the_last_bit():
    """Where instructions add in 16 bits the largest numbers would be cut off: it must not happen."""
    import torch

    random = torch.Generator().manual_seed(0)
    for n_inputs, n_outputs in ((384, 1152), (1536, 384)):
        rows = torch.randint(-127, 128, (64, n_inputs), generator=random).float()
        weights = torch.randint(-63, 64, (n_outputs, n_inputs), generator=random).float()
        rows[::2], weights[::3] = 127, 63
        rows[1::4] *= -1
        rows[:, 0], weights[:, 0] = 127, 63  # so each row's step is 1
        product = RoundedProduct.of(weights, torch.zeros(n_outputs))
        true = rows.double() @ weights.double().t()
        assert (product.into(torch.empty(64, n_outputs), rows) == true.float()).all()
        assert (product.added(torch.ones(64, n_outputs), rows) == (true + 1).float()).all()
