"""Teaching a student: the transformer reads most of a few papers, a linear map from features does the rest.

The features of a paper are its words and word pairs (TF-IDF), its latent semantics, what the transformer
knows of its words (the mean of their input vectors), and the transformer's own vector of its beginning. They
are mapped to the vectors of these papers by ridge regression in its dual form, one n x n matrix for n taught
papers (Saunders, Gammerman & Vovk 1998). A student keeps 99 % of the transformer's agreement with the classes
of 13,640 arXiv abstracts (DECISIONS.md).

Where reading every beginning would take too long, the student reads some, and has a pupil for the others: a
second map, from all features but the beginning, is taught the vectors that the student gives some thousands.
More lessons cover more of a corpus' words, so the pupil does better than a student of words alone.

Topics agree better with classes where the directions count for more along which papers differ, so the student
gives its vectors through a lens that says so (`emphasis`).

A taught paper gets the vector that a student not taught it would give: near its teacher's own it would stand
further from all others than papers that were not taught, and a third of the taught were in no topic in place
of a fortieth.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from trends.core import cache
from trends.core.hashing import fingerprint, text_hash
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import unit_rows
from trends.core.words import Lexicon, latent_directions, rules, weighted, word_counts
from trends.embeddings import _frozen
from trends.embeddings._encoders import Encoder, Glancing, beginnings_cached, encode_cached
from trends.embeddings._level import level, pairs, raised, said_of
from trends.embeddings._regression import (
    OF_PUPIL,
    RIDGES,
    kernel,
    mean_cosine,
    passed_on,
    regression,
)
from trends.embeddings._student import EVERY, LESSON, WEIGHTS, Features, Glances, Student, Weights, lesson

REVISION = 8
"""Raised when the same papers would get other vectors; 2: a paper's vector hangs on itself alone; 3: taught
papers have theirs as if they were not, and of texts less is read; 4: fewer are taught; 5: of many papers the
beginnings of a sample are read; 6: directions along which papers differ count for more; 7: of taught papers
`LESSON` characters are read; 8: a paper whose beginning was read for the pupil has its vector from that."""

COMPARED = 100
"""Taught papers among which teacher and student are asked for the nearest."""

TAUGHT_WITH_GLANCES, TAUGHT_BY_WORDS = 400, 2_000
"""Papers whose lessons teach a student that reads beginnings, itself or before it has a pupil, and one of an
encoder that has none."""

LATENT_DIMENSIONS = 100

BEGUN, MOST_WEIGHT = 140, 10.0
"""How many characters most beginnings have at least, and the most that beginnings weigh."""

EMPHASIS, FAINTEST = 0.125, 1e-3
"""A direction is stretched by this power of the variance along it; variances below the second, beside the
largest, count as that."""

READS = "words", "words, and the beginnings of some papers", "the beginning of every paper"
"""From what a student works, in `attrs`."""

PUPILS_LESSONS = 2_000
"""Papers that teach a pupil, of those whose beginnings are read; twice as many teach it hardly more
(DECISIONS.md)."""


def distil(
    texts: pd.Series, titles: pd.Series, encoder: Encoder, n_papers: int
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return (papers x dimensions) vectors of the student, and what is said of it.

    `titles` are the texts without abstracts. `n_papers` are all that it is to read, these texts among them;
    where they are more than the texts, and too many for it to read every beginning, it reads the beginnings
    of its pupil's lessons only.

    The fidelity is measured on taught papers, each read by a student that was taught all others: `cosine` to
    the teacher's vectors, and `neighbour_overlap`, the share of the ten nearest among `COMPARED` of them that
    teacher and student agree on. The student is kept by its name, so that it can read other papers.
    """
    hashes = [text_hash(text) for text in texts]
    glancing = encoder if isinstance(encoder, Glancing) else None
    precision = getattr(encoder, "precision", "float32")
    place = {name: row for row, name in enumerate(hashes)}  # of equal texts one is taught
    by_hash = dict(sorted(place.items()))
    weights = _weights([texts.iloc[row] for row in [*by_hash.values()][:TAUGHT_WITH_GLANCES]])
    plan = _plan(hashes, by_hash, n_papers, glancing, weights)
    settings = (
        plan.n_taught,
        len(plan.lessons),
        plan.last,
        RIDGES,
        OF_PUPIL,
        LATENT_DIMENSIONS,
        EMPHASIS,
        FAINTEST,
        weights,
        LESSON,
        bool(glancing),
        precision,
    )
    bare, levelling = pairs(texts, titles)
    alone = titles.iloc[levelling].tolist()
    reading = rules(), encoder.name, encoder.revision, hashes
    key = fingerprint("student", REVISION, settings, *reading, *said_of(alone))
    about = {
        "encoder": encoder.name,
        "revision": encoder.revision,
        "precision": precision,
        "student": key[:12],
        "n_taught": plan.n_taught,
        "n_characters": LESSON,
        "reads": READS[(plan.last > "") + (plan.last == EVERY)],
    }
    if plan.with_pupil:
        about["n_glanced"] = max(len(plan.glanced), len(plan.lessons))
    if alone:
        about["n_levelled_by"] = len(alone)

    def make() -> dict[str, np.ndarray]:
        # Counting keeps the interpreter busy and reading the processor, so the two go side by side.
        with ThreadPoolExecutor(1) as pool:
            counting = pool.submit(_counted, texts)
            read = [lesson(text) for text in texts.iloc[plan.sampled[: plan.n_taught]]]
            teacher = unit_rows(encode_cached(read, encoder))
            if glancing:
                beginnings_cached(texts.iloc[np.union1d(plan.sampled, plan.glanced)].tolist(), glancing)
            lexicon, directions, words, pairs = counting.result()
        features = Features(lexicon, directions, glancing is not None, weights)
        blocks = features.of(words, pairs, glancing)
        sample = [block[plan.sampled] for block in blocks]
        begun = [features.begun(texts.iloc[plan.sampled].tolist(), glancing)] if glancing else []
        student, fidelity = _taught(plan, features, sample, begun, teacher, about)
        vectors = student.mapped(blocks, texts.tolist(), glancing)
        if alone:
            student = replace(student, level=level(student.apply(alone, glancing), vectors[levelling]))
            vectors = raised(vectors, bare, student.level)
        with suppress(OSError):  # a full or read-only disk costs later papers time, not these their vectors
            student.save(_frozen.cached(key[:12]))
        return {"vectors": vectors} | fidelity

    with one_thread_per_sum():
        made = cache.arrays("embeddings", key, make)
        if not _frozen.is_cached(key[:12]):
            make()  # the vectors were kept and their student was not
    return made["vectors"], about | _told(made)


class _Plan(NamedTuple):
    """Which papers of a corpus teach, and of which the beginnings are read.

    Attributes
    ----------
    lessons, sampled
        The hashes and rows of those that teach student or pupil.
    n_taught
        How many of these, the first, the teacher reads.
    with_pupil
        Whether there is a pupil.
    last, glanced, share
        The largest hash of a text whose beginning is read, the rows of all of them, and their share.
    """

    lessons: list[str]
    sampled: np.ndarray
    n_taught: int
    with_pupil: bool
    last: str
    glanced: np.ndarray
    share: float


def _weights(taught: Sequence[str]) -> Weights:
    """Return what each kind of feature weighs: beginnings the odds of the share that they are of lessons.

    Of lessons from abstracts that is a quarter, so that they weigh a third of what words do. Titles they hold
    whole, and a student that reads these has little to learn from words (DECISIONS.md).
    """
    lessons = [lesson(text) for text in taught]
    whole = sum(map(len, lessons))
    held = sum(min(len(text), BEGUN) for text in lessons)
    odds = held / (whole - held) if held < whole else MOST_WEIGHT
    return WEIGHTS._replace(beginning=round(min(max(odds, WEIGHTS.beginning), MOST_WEIGHT), 2))


def _plan(
    hashes: list[str], by_hash: Mapping[str, int], n_papers: int, glancing: Glancing | None, weights: Weights
) -> _Plan:
    """Choose by the smallest hashes, a fair sample that no order of rows can change.

    `by_hash` are the rows of the texts that differ, in the order of their hashes.
    """
    names = list(by_hash)
    n_taught = TAUGHT_WITH_GLANCES if glancing else TAUGHT_BY_WORDS
    # Titles are read three times as often as abstracts' beginnings: half as long, as are their lessons, in no
    # more time, and what a beginning holds and words do not is then nearly all.
    more = (weights.beginning / WEIGHTS.beginning) ** (1 / 3)
    most = round(glancing.most_glanced * more) if glancing else 0
    with_pupil = glancing is not None and n_papers > most
    last = ""
    if glancing and not with_pupil:
        last = EVERY
    elif most and n_papers == len(hashes):
        last = names[:most][-1]
    lessons = names[: max(PUPILS_LESSONS, n_taught) if with_pupil else n_taught]
    sampled = np.array([by_hash[name] for name in lessons])
    glanced = np.array([row for row, name in enumerate(hashes) if name <= last], dtype=int)
    n_taught = min(n_taught, len(lessons))
    return _Plan(lessons, sampled, n_taught, with_pupil, last, glanced, len(glanced) / len(hashes))


def _taught(
    plan: _Plan,
    features: Features,
    sample: Sequence[Any],
    begun: Sequence[np.ndarray],
    teacher: np.ndarray,
    about: Mapping[str, Any],
) -> tuple[Student, dict[str, np.ndarray]]:
    """Return a student of the teacher's vectors, with its pupil, and how well it follows.

    `sample` are the blocks of features of all that teach, `begun` the one of beginnings, if any.
    """
    if plan.with_pupil:
        student, pupil = passed_on(sample, begun[0], teacher)
    else:
        seen = [*sample, *begun]
        student = pupil = regression(kernel(seen, seen), teacher.astype(np.float64))
    lens = emphasis(teacher)
    glances = None
    if plan.last:
        on_beginnings = (student.weights @ lens).astype(np.float32)
        glances = Glances(plan.last, begun[0][: plan.n_taught], on_beginnings)
    on_words = pupil.weights[:0] if plan.last == EVERY else pupil.weights
    # What taught the pupil alone has its vector from the student, where that reads beginnings.
    unseen = student.unseen if plan.last else pupil.unseen
    follows = _fidelity(_mixed(student.unseen, pupil.unseen[: plan.n_taught], plan.share), teacher)
    made = Student(
        features,
        tuple(sample),
        (on_words @ lens).astype(np.float32),
        glances,
        tuple(plan.lessons[: len(unseen)]),
        (unseen @ lens).astype(np.float32),
        lens.astype(np.float32),
        None,
        dict(about) | _told(follows),
    )
    return made, follows


def _counted(texts: pd.Series) -> tuple[Lexicon, np.ndarray, Any, Any]:
    """Return a corpus' words and pairs, its latent directions, and the counts of both in its texts."""
    counts = word_counts(texts)
    lexicon = Lexicon.of(counts)
    matrix = weighted(lexicon.rarity[: len(lexicon.vocabulary)], counts.words)
    directions = latent_directions(matrix, LATENT_DIMENSIONS, seed=0)
    return lexicon, directions, counts.words, counts.pairs


def emphasis(vectors: np.ndarray) -> np.ndarray:
    """Return the map (dimensions x dimensions, symmetric) that stretches directions in which papers differ.

    Each principal direction is stretched by the power `EMPHASIS` of the variance of the vectors (papers x
    dimensions) along it, the largest by 1: the opposite of whitening. What few papers share is mostly noise
    to a clustering.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    variances, directions = np.linalg.eigh(centred.T @ centred)
    largest = variances.max()
    if largest <= 0:
        return np.eye(len(variances))
    stretch = np.maximum(variances / largest, FAINTEST) ** EMPHASIS
    return (directions * stretch) @ directions.T


def _mixed(glancing: np.ndarray, by_words: np.ndarray, share: float) -> np.ndarray:
    """Return as large a share of the first's rows, evenly spread, as of papers whose beginnings are read."""
    counted = np.floor(np.arange(len(glancing) + 1) * share)
    return np.where(np.diff(counted)[:, None] > 0, glancing, by_words)


def _fidelity(unseen: np.ndarray, teacher: np.ndarray) -> dict[str, np.ndarray]:
    """Return how well the student follows its teacher on papers that it was not taught."""
    unseen = unit_rows(unseen)
    return {
        "cosine": np.array(mean_cosine(unseen, teacher)),
        "neighbour_overlap": np.array(_neighbour_overlap(unseen[:COMPARED], teacher[:COMPARED])),
    }


def _told(fidelity: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the fidelity as plain values."""
    return {
        "cosine": round(float(fidelity["cosine"]), 3),
        "neighbour_overlap": round(float(fidelity["neighbour_overlap"]), 3),
    }


def _neighbour_overlap(student: np.ndarray, teacher: np.ndarray, n_neighbours: int = 10) -> float:
    """Return the share of each row's nearest rows that both agree on."""

    def nearest(vectors: np.ndarray) -> np.ndarray:
        likeness = vectors @ vectors.T
        np.fill_diagonal(likeness, -np.inf)
        return np.argsort(-likeness, axis=1, kind="stable")[:, :n_neighbours]

    pairs = zip(nearest(student), nearest(teacher))
    return float(np.mean([len(set(a) & set(b)) / n_neighbours for a, b in pairs]))
