"""A student: the transformer reads a sample, a linear map from the corpus' own words does the rest.

TF-IDF of 1- and 2-grams is mapped to the transformer's vectors by ridge regression in its dual form,
one n x n solve for n taught papers (Saunders, Gammerman & Vovk 1998). On 6,000 arXiv abstracts a
student of 2,000 clusters as well as the transformer at a fraction of the time (DECISIONS.md). Every
paper, taught or not, gets the student's vector: one rule, so no seam between the two.
"""

from typing import Any

import numpy as np
import pandas as pd

from trends.core import cache
from trends.core.hashing import fingerprint, text_hash
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import unit_rows
from trends.core.words import rules, tfidf, word_counts
from trends.embeddings._encoders import Encoder, encode_cached

TAUGHT = 2_000
HELD_OUT = 200
RIDGES = (0.01, 0.03, 0.1, 0.3, 1.0)


def distil(texts: pd.Series, encoder: Encoder) -> tuple[np.ndarray, dict[str, Any]]:
    """Return (papers x dimensions) vectors of the student, and its fidelity on held-out papers.

    The fidelity is measured on `HELD_OUT` papers that the student that is measured was not taught:
    `cosine` to the teacher's vectors, and `neighbour_overlap`, the share of the ten nearest among the
    held-out papers that teacher and student agree on. The student that is used learns from all
    `TAUGHT` papers.
    """
    hashes = [text_hash(text) for text in texts]
    # The smallest hashes are a fair sample that no order of rows can change.
    taught = np.array(sorted(range(len(hashes)), key=hashes.__getitem__)[:TAUGHT])
    teacher = encode_cached(texts.iloc[taught].tolist(), encoder)

    def make() -> dict[str, np.ndarray]:
        counts = word_counts(texts)
        words = tfidf(counts.words, counts.pairs)
        sample = words[taught]
        kernel = (sample @ sample.T).toarray().astype(np.float64)
        held, kept = slice(0, HELD_OUT), slice(HELD_OUT, None)
        errors, answers = [], []
        for ridge in RIDGES:
            weights = _solve(kernel[kept, kept], teacher[kept], ridge)
            answers.append(unit_rows(kernel[held, kept] @ weights))
            errors.append(1 - float(np.mean(np.sum(answers[-1] * teacher[held], axis=1))))
        best = int(np.argmin(errors))
        weights = _solve(kernel, teacher, RIDGES[best]).astype(np.float32)
        return {
            "vectors": np.asarray(words @ (sample.T @ weights), dtype=np.float32),
            "cosine": np.array(1 - errors[best]),
            "neighbour_overlap": np.array(_neighbour_overlap(answers[best], teacher[held])),
            "ridge": np.array(RIDGES[best]),
        }

    key = fingerprint("student", TAUGHT, HELD_OUT, RIDGES, rules(), encoder.name, encoder.revision, hashes)
    with one_thread_per_sum():
        made = cache.arrays("embeddings", key, make)
    return made["vectors"], {
        "student": key[:12],
        "n_taught": len(taught),
        "cosine": round(float(made["cosine"]), 3),
        "neighbour_overlap": round(float(made["neighbour_overlap"]), 3),
        "ridge": float(made["ridge"]),
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
