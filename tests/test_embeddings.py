"""embed: one unit row per paper, encoded once, whatever the order of rows."""

import numpy as np
import pandas as pd
import pytest

import trends.embeddings as room
from trends.core.errors import DependencyError, InputError
from trends.embeddings import Encoder, _encoders, _sentences, embed
from trends.embeddings._encoders import find_encoder
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
        _sentences._check_hash(weights, _sentences.MINILM_SHA256)
    with pytest.raises(DependencyError, match="missing"):
        _sentences._check_hash(tmp_path / "absent", _sentences.MINILM_SHA256)


def test_the_student_follows_its_teacher(monkeypatch):
    monkeypatch.setattr(room, "TEACH_ABOVE", 100)
    monkeypatch.setattr("trends.embeddings._distil.TAUGHT_BY_WORDS", 150)
    monkeypatch.setattr("trends.embeddings._distil.HELD_OUT", 40)
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


class GlancingEncoder(CountingEncoder):
    """Knows the first words of a text and nothing of the rest, at no cost."""

    precision = "float32"

    def pieces(self, texts):
        return HashingEncoder().encode([" ".join(text.split()[:8]) for text in texts])

    def beginnings(self, texts):
        return HashingEncoder().encode([" ".join(text.split()[:24]) for text in texts])


def test_a_student_that_glances_needs_fewer_lessons(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "TEACH_ABOVE", 100)
    monkeypatch.setattr("trends.embeddings._distil.TAUGHT_BY_WORDS", 60)
    monkeypatch.setattr("trends.embeddings._distil.TAUGHT_WITH_GLANCES", 60)
    monkeypatch.setattr("trends.embeddings._distil.HELD_OUT", 20)
    toy = papers(400)
    encoder = GlancingEncoder()
    glancing = embed(toy, encoder)
    assert encoder.n_read <= 60
    assert glancing.attrs["reads"] == "the beginning of every paper"
    monkeypatch.setattr("trends.embeddings._distil.GLANCES_MOST", {"float32": 399})
    by_words = embed(toy, GlancingEncoder())
    assert by_words.attrs["reads"] == "words"
    assert glancing.attrs["cosine"] > by_words.attrs["cosine"]
    assert glancing.attrs["student"] != by_words.attrs["student"]


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
    assert encoder.pieces(texts).shape == (40, 384)


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
