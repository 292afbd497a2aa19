"""A student: the transformer reads a few papers whole, a linear map from cheap features does the rest.

The features of a paper are its words and word pairs (TF-IDF), its latent semantics, the mean of its word
pieces' input vectors, and the transformer's own vector of its beginning: 64 word pieces cost a seventh of
256. They are mapped to the vectors of whole papers by ridge regression in its dual form, one n x n solve for
n taught papers (Saunders, Gammerman & Vovk 1998). On 13,640 arXiv abstracts a student of 500 keeps 99 % of
the transformer's agreement with the papers' classes; words alone, taught on 2,000, keep 96 % (DECISIONS.md).
Every paper, taught or not, gets the student's vector: one rule, so no seam between the two.
"""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from trends.core import cache
from trends.core.hashing import fingerprint, text_hash
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import unit_rows
from trends.core.words import latent_semantics, rules, tfidf, word_counts
from trends.embeddings._encoders import Encoder, encode_cached

HELD_OUT = 100
TAUGHT_WITH_GLANCES, TAUGHT_BY_WORDS = 600, 2_000
RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0)
LATENT_DIMENSIONS = 300
LATENT, PIECES, BEGINNING = 0.5, 0.5, 3.0
"""What each kind of feature weighs beside the words in the kernel."""

GLANCES_MOST = {"bfloat16": 100_000, "float32": 20_000}
"""The beginnings of at most so many papers are read, by the precision that decides how long that takes (four
minutes here); above, words must do."""


@runtime_checkable
class Glancing(Protocol):
    """An encoder that can give a cheap impression of texts beside their full vectors."""

    precision: str

    def pieces(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row per text: the mean input vector of its word pieces, rare ones weighing more."""
        ...

    def beginnings(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row per text: the vector of its beginning."""
        ...


def distil(texts: pd.Series, encoder: Encoder) -> tuple[np.ndarray, dict[str, Any]]:
    """Return (papers x dimensions) vectors of the student, and its fidelity on held-out papers.

    The fidelity is measured on `HELD_OUT` papers that the student that is measured was not taught:
    `cosine` to the teacher's vectors, and `neighbour_overlap`, the share of the ten nearest among the
    held-out papers that teacher and student agree on. The student that is used learns from all taught papers.
    """
    hashes = [text_hash(text) for text in texts]
    glancing: Glancing | None = None
    if isinstance(encoder, Glancing) and len(texts) <= GLANCES_MOST[encoder.precision]:
        glancing = encoder
    n_taught = TAUGHT_WITH_GLANCES if glancing else TAUGHT_BY_WORDS
    # The smallest hashes are a fair sample that no order of rows can change.
    taught = np.array(sorted(range(len(hashes)), key=hashes.__getitem__)[:n_taught])

    def make() -> dict[str, np.ndarray]:
        teacher = unit_rows(encode_cached(texts.iloc[taught].tolist(), encoder))
        features = _features(texts, glancing)
        sample = [block[taught] for block in features]
        kernel = np.zeros((n_taught, n_taught))
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
        weights = _solve(kernel, teacher, RIDGES[best]).astype(np.float32)
        vectors = sum(block @ np.asarray(part.T @ weights) for block, part in zip(features, sample))
        return {
            "vectors": np.asarray(vectors, dtype=np.float32),
            "cosine": np.array(1 - errors[best]),
            "neighbour_overlap": np.array(_neighbour_overlap(answers[best], teacher[held])),
            "ridge": np.array(RIDGES[best]),
        }

    precision = getattr(encoder, "precision", "")
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
    key = fingerprint("student", settings, rules(), encoder.name, encoder.revision, hashes)
    with one_thread_per_sum():
        made = cache.arrays("embeddings", key, make)
    return made["vectors"], {
        "student": key[:12],
        "n_taught": len(taught),
        "reads": "the beginning of every paper" if glancing else "words",
        "cosine": round(float(made["cosine"]), 3),
        "neighbour_overlap": round(float(made["neighbour_overlap"]), 3),
        "ridge": float(made["ridge"]),
    }


def _features(texts: pd.Series, encoder: Glancing | None) -> list[Any]:
    """Return blocks of features (papers x columns), whose inner products add up to the kernel."""
    counts = word_counts(texts)
    latent = unit_rows(latent_semantics(counts.words, LATENT_DIMENSIONS, seed=0))
    blocks = [tfidf(counts.words, counts.pairs), LATENT**0.5 * latent]
    if encoder is not None:
        pieces = encoder.pieces(texts)
        blocks.append(PIECES**0.5 * unit_rows(pieces - pieces.mean(axis=0)))
        blocks.append(BEGINNING**0.5 * unit_rows(encoder.beginnings(texts)))
    return [block.astype(np.float32) for block in blocks]


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
