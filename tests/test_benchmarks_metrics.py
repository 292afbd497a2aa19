"""The benchmarks' measures on answers that are known, and on what gensim answered once."""

import importlib.util
import json
import math
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location("metrics", ROOT / "benchmarks" / "metrics.py")
metrics = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(metrics)


def test_npmi_of_words_that_always_and_never_meet():
    texts = ["sparse attention", "sparse attention", "graph node", "graph edge"]
    assert metrics.npmi([["sparse", "attention"]], texts, window=None) == pytest.approx(1)
    # Half of the texts each and never together: log(1e-12 / .25) / -log(1e-12).
    never = math.log(1e-12 / 0.25) / -math.log(1e-12)
    assert metrics.npmi([["sparse", "graph"]], texts, window=None) == pytest.approx(never)
    assert metrics.npmi([["sparse", "attention"], ["sparse", "graph"]], texts, window=None) == pytest.approx(
        (1 + never) / 2
    )


def test_npmi_counts_windows():
    # Windows of two: a b, b c, c d. b in two of three, c in two, both in one: log((1/3) / (4/9)) / log(3).
    known = math.log((1 / 3) / (4 / 9)) / math.log(3)
    assert metrics.npmi([["b", "c"]], ["a b c d"], window=2) == pytest.approx(known, abs=1e-9)
    # Only the first ten words are looked at.
    words = [["b", "c", *"ghijklmn", "a", "d"]]
    assert metrics.npmi(words, ["a b c d"], window=2) == metrics.npmi([words[0][:10]], ["a b c d"], window=2)


def test_npmi_of_terms_of_several_words():
    texts = ["token pruning for vision-language models", "pruning a token", "language models"]
    apart = metrics.npmi([["token pruning", "vision-language"]], texts, window=None)
    assert apart == pytest.approx(1)
    assert metrics.npmi([["pruning token", "vision"]], texts, window=None) == -1  # the first occurs nowhere
    # A term of three words needs a window of three.
    assert metrics.npmi([["a b c", "d"]], ["a b c d"], window=2) == -1
    assert math.isnan(metrics.npmi([["alone"], []], texts))
    assert math.isnan(metrics.npmi([], texts))


def test_npmi_is_what_gensim_gave():
    recorded = json.loads((ROOT / "benchmarks" / "results" / "npmi.json").read_text(encoding="utf-8"))
    assert recorded["gensim"] == "4.4.0"
    for name, window in (("sliding window of 10", 10), ("whole texts", None)):
        ours = metrics.npmi(recorded["topics"], recorded["texts"], window=window)
        assert ours == pytest.approx(recorded[name], abs=1e-6)


def test_diversity():
    assert metrics.diversity([["a", "b"], ["c", "A"]]) == 0.75
    assert metrics.diversity([["a", "b"], ["a", "b"]], top=1) == 0.5
    assert math.isnan(metrics.diversity([]))


def test_agreement_with_and_without_the_unassigned():
    truth = ["x", "x", "x", "y", "y", "y"]
    whole = metrics.agreement([0, 0, 0, 1, 1, 1], truth)
    assert whole["n_topics"] == 2 and whole["coverage"] == 1
    assert [whole[name] for name in ("ami", "ari", "fmi", "ami_assigned")] == pytest.approx([1] * 4)
    part = metrics.agreement([0, 0, -1, 1, 1, -1], truth)
    assert part["coverage"] == pytest.approx(4 / 6)
    assert part["ami_assigned"] == part["ari_assigned"] == part["fmi_assigned"] == pytest.approx(1)
    assert 0 < part["ari"] < 1
    # Pairs together in both 2, in topics 3, in classes 6: 2 / sqrt(3 * 6).
    assert part["fmi"] == pytest.approx(2 / math.sqrt(18))
    nothing = metrics.agreement([-1] * 6, truth)
    assert nothing["n_topics"] == 0 and nothing["ami"] == 0 and math.isnan(nothing["ami_assigned"])


def test_a_kind_that_topics_gather():
    apart = metrics.gathered(
        [0] * 10 + [1] * 10 + [-1] * 4, [True] * 10 + [False] * 10 + [True] * 3 + [False]
    )
    assert apart["spread"] == pytest.approx(0.5)
    assert apart["by_chance"] == pytest.approx(math.sqrt(0.25 / 10))
    assert apart["unassigned_of_kind"] == pytest.approx(3 / 13)
    assert apart["unassigned_of_others"] == pytest.approx(1 / 11)
    assert metrics.gathered([0, 0, 1, 1], [True, False, True, False])["spread"] == 0
    assert math.isnan(metrics.gathered([-1, -1], [True, False])["spread"])


def test_word_overlap_finds_the_best_pairs():
    one = [["a", "b"], ["c", "d"], ["e", "f"]]
    again = [["e", "f"], ["A", "b"], ["c", "x"]]
    found = metrics.word_overlap(one, again)
    assert found["overlap"] == found["of_all"] == pytest.approx((1 + 1 + 1 / 3) / 3)
    fewer = metrics.word_overlap(one, again[:2])
    assert fewer["overlap"] == 1 and fewer["of_all"] == pytest.approx(2 / 3)


def test_document_ari_looks_at_shared_papers():
    one = {"p": 0, "q": 0, "r": 1, "s": 1, "only here": 0}
    assert metrics.document_ari(one, {"p": 5, "q": 5, "r": 2, "s": 2})["ari"] == 1
    loose = metrics.document_ari(one, {"p": 5, "q": 5, "r": 2, "s": -1})
    assert loose["ari"] < 1 and loose["ari_assigned"] == 1


def test_labels():
    found = metrics.label_figures(["Sparse attention", "sparse  Attention", "Graph"])
    assert found["unique"] == pytest.approx(1 / 3)
    assert found["words_most"] == 2 and found["words_mean"] == pytest.approx(5 / 3)


def test_a_label_is_recognised_by_the_topic_that_it_is_nearest_to():
    papers = np.repeat(np.eye(3), 2, axis=0)
    ids = [0, 0, 1, 1, 2, 2]
    assert metrics.recognised(np.eye(3), ids, papers) == {"first": 1.0, "reciprocal_rank": 1.0}
    # Two labels that say each other's topic are in second place; a topic without papers is left out.
    crossed = metrics.recognised(np.eye(3)[[1, 0, 2, 0]], ids, papers)
    assert crossed == {"first": pytest.approx(1 / 3), "reciprocal_rank": pytest.approx(2 / 3)}
    assert metrics.recognised(np.eye(3) + 5, [0, 0, 1, 1, 2, -1], papers)["first"] == 1.0


def test_a_curve_is_read_between_its_points_only():
    points = [(10, 0.2), (40, 0.4), (40, 0.6)]
    assert metrics.at_numbers(points, [5, 10, 20, 40, 80]) == [
        None,
        pytest.approx(0.2),
        pytest.approx(0.35),
        pytest.approx(0.5),
        None,
    ]
    assert metrics.at_numbers([], [10]) == [None]
