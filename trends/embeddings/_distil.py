"""Teaching a student: the transformer reads a few papers whole, a linear map from features does the rest.

The features of a paper are its words and word pairs (TF-IDF), its latent semantics, what the transformer
knows of its words (the mean of their input vectors), and the transformer's own vector of its beginning. They
are mapped to the vectors of whole papers by ridge regression in its dual form, one n x n matrix for n taught
papers (Saunders, Gammerman & Vovk 1998). A student keeps 99 % of the transformer's agreement with the classes
of 13,640 arXiv abstracts (DECISIONS.md). A taught paper gets the vector that a
student not taught it would give: near its teacher's own it would stand further from all others than papers
that were not taught, and a third of the taught were in no topic in place of a fortieth.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from trends.core import cache
from trends.core.hashing import fingerprint, text_hash
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import unit_rows
from trends.core.words import Lexicon, latent_directions, rules, weighted, word_counts
from trends.embeddings import _frozen
from trends.embeddings._encoders import Encoder, Glancing, encode_cached
from trends.embeddings._student import BEGINNING, KNOWN, LATENT, Features, Student

REVISION = 4
"""Raised when the same papers would get other vectors; 2: a paper's vector hangs on itself alone; 3: taught
papers have theirs as if they were not, and of texts less is read; 4: fewer are taught."""

COMPARED = 100
"""Taught papers among which teacher and student are asked for the nearest."""

TAUGHT_WITH_GLANCES, TAUGHT_BY_WORDS = 400, 2_000
RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0)
LATENT_DIMENSIONS = 100

GLANCES_MOST = {"bfloat16": 100_000, "float32": 20_000}
"""The beginnings of at most so many papers are read, by the precision that decides how long that takes (a
minute here); above, words must do."""


def distil(texts: pd.Series, encoder: Encoder, n_papers: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Return (papers x dimensions) vectors of the student, and what is said of it.

    `n_papers` are all that it is to read, these texts among them.

    The fidelity is measured on taught papers, each read by a student that was taught all others: `cosine` to
    the teacher's vectors, and `neighbour_overlap`, the share of the ten nearest among `COMPARED` of them that
    teacher and student agree on. The student is kept by its name, so that it can read other papers.
    """
    hashes = [text_hash(text) for text in texts]
    glancing: Glancing | None = None
    if isinstance(encoder, Glancing) and n_papers <= GLANCES_MOST[encoder.precision]:
        glancing = encoder
    n_taught = TAUGHT_WITH_GLANCES if glancing else TAUGHT_BY_WORDS
    # The smallest hashes are a fair sample that no order of rows can change; of equal texts one is taught.
    place = {name: row for row, name in enumerate(hashes)}
    lessons = sorted(place)[:n_taught]
    taught = np.array([place[name] for name in lessons])
    precision = getattr(encoder, "precision", "float32")
    settings = (
        n_taught,
        RIDGES,
        LATENT_DIMENSIONS,
        LATENT,
        KNOWN,
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
        # Counting keeps the interpreter busy and reading the processor, so the two go side by side.
        with ThreadPoolExecutor(1) as pool:
            counting = pool.submit(_counted, texts, glancing is not None)
            teacher = unit_rows(encode_cached(texts.iloc[taught].tolist(), encoder))
            features, words, blocks = counting.result()
        if glancing:
            blocks += features.glanced(words, texts, glancing)
        sample = tuple(block[taught] for block in blocks)
        weights, unseen, fidelity = _learned(sample, teacher)
        student = Student(features, sample, weights, tuple(lessons), unseen, about | _told(fidelity))
        with suppress(OSError):  # a full or read-only disk costs later papers time, not these their vectors
            student.save(_frozen.cached(key[:12]))
        return {"vectors": student.mapped(blocks, hashes)} | fidelity

    with one_thread_per_sum():
        made = cache.arrays("embeddings", key, make)
        if not _frozen.is_cached(key[:12]):
            make()  # the vectors were kept and their student was not
    return made["vectors"], about | _told(made)


def _counted(texts: pd.Series, glances: bool) -> tuple[Features, Any, list[Any]]:
    """Return what a student of this corpus looks at, the counts of words, and the features they give."""
    counts = word_counts(texts)
    lexicon = Lexicon.of(counts)
    matrix = weighted(lexicon.rarity[: len(lexicon.vocabulary)], counts.words)
    directions = latent_directions(matrix, LATENT_DIMENSIONS, seed=0)
    features = Features(lexicon, directions, glances)
    return features, counts.words, features.counted(counts.words, counts.pairs)


def _learned(
    sample: tuple[Any, ...], teacher: np.ndarray
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return the weights of the taught papers, their vectors as if each were not taught, and the fidelity.

    The vector that a paper has by the regression on all others is its teacher's less its weights over its own
    entry in the inverse of the kernel (leave-one-out; Rasmussen & Williams 2006, equation 5.12). The ridge is
    the one that brings these nearest to the teacher's.
    """
    kernel = np.zeros((len(teacher), len(teacher)))
    for block in sample:
        products = block @ block.T
        kernel += products if isinstance(products, np.ndarray) else products.toarray()
    values, axes = np.linalg.eigh(kernel)
    turned = axes.T @ teacher.astype(np.float64)

    def taught(ridge: float) -> tuple[float, np.ndarray, np.ndarray]:
        shrunk = 1 / (values.clip(min=0) + ridge)
        weights = axes @ (shrunk[:, None] * turned)
        unseen = teacher - weights / (axes**2 @ shrunk)[:, None]
        return float(np.mean(np.sum(unit_rows(unseen) * teacher, axis=1))), weights, unseen

    tried = [taught(ridge) for ridge in RIDGES]
    best = int(np.argmax([cosine for cosine, _, _ in tried]))
    cosine, weights, unseen = tried[best]
    overlap = _neighbour_overlap(unit_rows(unseen[:COMPARED]), teacher[:COMPARED])
    fidelity = {
        "cosine": np.array(cosine),
        "neighbour_overlap": np.array(overlap),
        "ridge": np.array(RIDGES[best]),
    }
    return weights.astype(np.float32), unseen.astype(np.float32), fidelity


def _told(fidelity: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the fidelity as plain values."""
    return {
        "cosine": round(float(fidelity["cosine"]), 3),
        "neighbour_overlap": round(float(fidelity["neighbour_overlap"]), 3),
        "ridge": float(fidelity["ridge"]),
    }


def _neighbour_overlap(student: np.ndarray, teacher: np.ndarray, n_neighbours: int = 10) -> float:
    """Return the share of each row's nearest rows that both agree on."""

    def nearest(vectors: np.ndarray) -> np.ndarray:
        likeness = vectors @ vectors.T
        np.fill_diagonal(likeness, -np.inf)
        return np.argsort(-likeness, axis=1, kind="stable")[:, :n_neighbours]

    pairs = zip(nearest(student), nearest(teacher))
    return float(np.mean([len(set(a) & set(b)) / n_neighbours for a, b in pairs]))
