"""Teaching a student: the transformer reads a few papers whole, a linear map from features does the rest.

The features of a paper are its words and word pairs (TF-IDF), its latent semantics, the mean of its word
pieces' input vectors, and the transformer's own vector of its beginning: 64 word pieces cost a seventh of
256. They are mapped to the vectors of whole papers by ridge regression in its dual form, one n x n solve for
n taught papers (Saunders, Gammerman & Vovk 1998). On 13,640 arXiv abstracts a student of 500 keeps 99 % of
the transformer's agreement with the papers' classes; words alone, taught on 2,000, keep 96 % (DECISIONS.md).
Every paper, taught or not, gets the student's vector: one rule, so no seam between the two.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from trends.core import cache
from trends.core.hashing import fingerprint, text_hash
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import unit_rows
from trends.core.words import Lexicon, latent_directions, rarity, rules, weighted, word_counts
from trends.embeddings import _frozen
from trends.embeddings._encoders import Encoder, Glancing, encode_cached
from trends.embeddings._student import BEGINNING, LATENT, PIECES, Features, Student, mean_pieces

REVISION = 2
"""Raised when the same papers would get other vectors; 2: a paper's vector hangs on itself alone."""

HELD_OUT = 100
TAUGHT_WITH_GLANCES, TAUGHT_BY_WORDS = 600, 2_000
RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0)
LATENT_DIMENSIONS = 300

GLANCES_MOST = {"bfloat16": 100_000, "float32": 20_000}
"""The beginnings of at most so many papers are read, by the precision that decides how long that takes (four
minutes here); above, words must do."""


def distil(texts: pd.Series, encoder: Encoder, n_papers: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Return (papers x dimensions) vectors of the student, and what is said of it.

    `n_papers` are all that it is to read, these texts among them.

    The fidelity is measured on `HELD_OUT` papers that the student that is measured was not taught:
    `cosine` to the teacher's vectors, and `neighbour_overlap`, the share of the ten nearest among the
    held-out papers that teacher and student agree on. The student that is used learns from all taught papers.
    It is kept by its name, so that it can read other papers.
    """
    hashes = [text_hash(text) for text in texts]
    glancing: Glancing | None = None
    if isinstance(encoder, Glancing) and n_papers <= GLANCES_MOST[encoder.precision]:
        glancing = encoder
    n_taught = TAUGHT_WITH_GLANCES if glancing else TAUGHT_BY_WORDS
    # The smallest hashes are a fair sample that no order of rows can change.
    taught = np.array(sorted(range(len(hashes)), key=hashes.__getitem__)[:n_taught])
    precision = getattr(encoder, "precision", "float32")
    settings = (
        n_taught,
        HELD_OUT,
        RIDGES,
        LATENT_DIMENSIONS,
        LATENT,
        PIECES,
        BEGINNING,
        bool(glancing),
        precision,
    )
    key = fingerprint("student", REVISION, settings, rules(), encoder.name, encoder.revision, hashes)
    about = {
        "encoder": encoder.name,
        "revision": encoder.revision,
        "precision": precision,
        "student": key[:12],
        "n_taught": len(taught),
        "reads": "the beginning of every paper" if glancing else "words",
    }

    def make() -> dict[str, np.ndarray]:
        teacher = unit_rows(encode_cached(texts.iloc[taught].tolist(), encoder))
        features, blocks = _looked_at(texts, glancing)
        sample = tuple(block[taught] for block in blocks)
        weights, fidelity = _learned(sample, teacher)
        student = Student(features, sample, weights, about | _told(fidelity))
        with suppress(OSError):  # a full or read-only disk costs later papers time, not these their vectors
            student.save(_frozen.cached(key[:12]))
        return {"vectors": student.mapped(blocks)} | fidelity

    with one_thread_per_sum():
        made = cache.arrays("embeddings", key, make)
        if not _frozen.is_cached(key[:12]):
            make()  # the vectors were kept and their student was not
    return made["vectors"], about | _told(made)


def _looked_at(texts: pd.Series, encoder: Glancing | None) -> tuple[Features, list[Any]]:
    """Return what a student of this corpus looks at, and that of every paper."""
    counts = word_counts(texts)
    lexicon = Lexicon.of(counts)
    matrix = weighted(lexicon.rarity[: len(lexicon.vocabulary)], counts.words)
    piece_rarity, piece_mean = np.zeros(0), np.zeros(0, dtype=np.float32)
    if encoder is not None:
        pieces = encoder.piece_counts(texts)
        piece_rarity = rarity(pieces)
        piece_mean = mean_pieces(pieces, piece_rarity, encoder.piece_vectors()).mean(axis=0)
    directions = latent_directions(matrix, LATENT_DIMENSIONS, seed=0)
    features = Features(lexicon, directions, piece_rarity, piece_mean)
    return features, features.blocks(counts.words, counts.pairs, texts, encoder)


def _learned(sample: tuple[Any, ...], teacher: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the weights of the taught papers, and the fidelity of a student not taught the first ones."""
    kernel = np.zeros((len(teacher), len(teacher)))
    for block in sample:
        products = block @ block.T
        kernel += products if isinstance(products, np.ndarray) else products.toarray()
    held, kept = slice(0, HELD_OUT), slice(HELD_OUT, None)
    errors, answers = [], []
    for ridge in RIDGES:
        weights = _solve(kernel[kept, kept], teacher[kept], ridge)
        answers.append(unit_rows(kernel[held, kept] @ weights))
        errors.append(1 - float(np.mean(np.sum(answers[-1] * teacher[held], axis=1))))
    best = int(np.argmin(errors))
    fidelity = {
        "cosine": np.array(1 - errors[best]),
        "neighbour_overlap": np.array(_neighbour_overlap(answers[best], teacher[held])),
        "ridge": np.array(RIDGES[best]),
    }
    return _solve(kernel, teacher, RIDGES[best]).astype(np.float32), fidelity


def _told(fidelity: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the fidelity as plain values."""
    return {
        "cosine": round(float(fidelity["cosine"]), 3),
        "neighbour_overlap": round(float(fidelity["neighbour_overlap"]), 3),
        "ridge": float(fidelity["ridge"]),
    }


def _solve(kernel: np.ndarray, targets: np.ndarray, ridge: float) -> np.ndarray:
    from scipy.linalg import solve

    return solve(kernel + ridge * np.eye(len(kernel)), targets.astype(np.float64), assume_a="pos")


def _neighbour_overlap(student: np.ndarray, teacher: np.ndarray, n_neighbours: int = 10) -> float:
    def nearest(vectors: np.ndarray) -> np.ndarray:
        likeness = vectors @ vectors.T
        np.fill_diagonal(likeness, -np.inf)
        return np.argsort(-likeness, axis=1, kind="stable")[:, :n_neighbours]

    pairs = zip(nearest(student), nearest(teacher))
    return float(np.mean([len(set(a) & set(b)) / n_neighbours for a, b in pairs]))
