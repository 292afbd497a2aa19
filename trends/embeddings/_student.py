"""A student, frozen: what it looks at in a paper and what it was taught, so that it can read other papers.

Everything that its corpus decided stands in it: the words and pairs and their weights, and the directions of
latent semantics. The taught papers are kept as they were seen (the dual form): 400 papers use some tens of
thousands of columns, the corpus a million.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from trends.core.errors import InputError
from trends.core.hashing import text_hash
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import product_by_row, unit_rows
from trends.core.words import Lexicon, weighted
from trends.embeddings import _frozen
from trends.embeddings._encoders import Encoder, Glancing, beginnings_cached
from trends.embeddings._level import Level, arrays_of, of_arrays, raised

KIND = "student"


class Weights(NamedTuple):
    """What each kind of feature weighs beside the words in the kernel."""

    latent: float
    known: float
    beginning: float


WEIGHTS, EARLIER_WEIGHTS = Weights(0.5, 0.5, 0.35), Weights(0.5, 1.0, 1.0)
"""Those of students of abstracts, and of those that were saved when nothing said what theirs were."""

EVERY = "g"
"""Above every hash, so that all beginnings are read."""

AT_A_TIME = 8_192

LESSON = 640
"""Characters of a paper that a teacher reads: its title and about half of an abstract. Students taught by
vectors of whole papers agree no better with classes and take longer (DECISIONS.md)."""


@dataclass(frozen=True, eq=False)
class Features:
    """What a student looks at, in columns and weights that one corpus fixed.

    Attributes
    ----------
    lexicon
        The words and pairs.
    directions
        Those of latent semantics (directions x words).
    knows
        Whether what the encoder knows of words is among the features.
    weights
        What each kind of feature weighs.
    """

    lexicon: Lexicon
    directions: np.ndarray
    knows: bool
    weights: Weights

    def of(self, words: Any, pairs: Any, encoder: Glancing | None) -> list[Any]:
        """Return the blocks of features (texts x columns, float32) of texts that have these counts.

        Inner products of all blocks add up to the kernel. Each row depends on its own text only, to the last
        bit. `encoder` is needed where the student knows words by it.
        """
        blocks = self._counted(words, pairs)
        if encoder is not None and self.knows:
            blocks.append(self._known(words, encoder))
        return blocks

    def begun(self, texts: Sequence[str], encoder: Glancing) -> np.ndarray:
        """Return one more block (texts x dimensions, float32): the encoder's vectors of beginnings."""
        vectors = unit_rows(beginnings_cached(list(texts), encoder))
        return (self.weights.beginning**0.5 * vectors).astype(np.float32)

    def _counted(self, words: Any, pairs: Any) -> list[Any]:
        alone, used = self._alone(words)
        latent = unit_rows(alone @ self.directions[:, used].T)
        blocks = [weighted(self.lexicon.rarity, words, pairs), self.weights.latent**0.5 * latent]
        return [block.astype(np.float32) for block in blocks]

    def _known(self, words: Any, encoder: Glancing) -> np.ndarray:
        """Return the block of what the encoder knows of the words."""
        alone, used = self._alone(words)
        vectors = encoder.word_vectors(self.lexicon.vocabulary[used].tolist())
        return (self.weights.known**0.5 * unit_rows(alone @ vectors)).astype(np.float32)

    def _alone(self, words: Any) -> tuple[Any, np.ndarray]:
        """Return the weights of words without pairs, and which words have any: few, where texts are few."""
        alone = weighted(self.lexicon.rarity[: len(self.lexicon.vocabulary)], words)
        used = np.unique(alone.indices)
        return alone[:, used], used


def lesson(text: str, longest: int | None = LESSON) -> str:
    """Return so many characters of a text at most, its words whole; None: all of it."""
    if longest is None or len(text) <= longest:
        return text
    return text[:longest].rpartition(" ")[0] or text[:longest]


@dataclass(frozen=True, eq=False)
class Glances:
    """The map for papers whose beginnings are read as well.

    Attributes
    ----------
    last
        The largest hash of a text whose beginning is read. A paper's hash never changes, so the share of
        papers that are read in this way is the same in every period, now and later.
    begun
        The block of beginnings of the first n taught papers.
    weights
        What each of these weighs in each dimension (n x dimensions).
    """

    last: str
    begun: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class Student:
    """A linear map from features of papers to the vectors that a transformer gave the papers it was taught.

    Attributes
    ----------
    features
        What it looks at.
    taught
        The taught papers' blocks of features (papers x columns).
    weights
        What each taught paper weighs in each dimension (papers x dimensions), the dual of ridge regression;
        without rows where every beginning is read.
    glances
        The map for papers whose beginnings are read; None: for no paper.
    lessons, unseen
        The hashes of papers that taught it, and the vectors that these get: what a student not taught the
        paper would give (papers x dimensions).
    lens
        The map (dimensions x dimensions) from the teacher's vectors to the space of the student's, in which
        the directions count for more along which papers of the corpus differ (see `_distil.emphasis`).
    level
        What brings papers without an abstract level with the others; None: nothing.
    about
        The encoder, its revision and precision, the student's name, how many papers it was taught and how
        much of each, from what it works and how well it follows its teacher; plain values, as in the `attrs`
        of embeddings.
    """

    features: Features
    taught: tuple[Any, ...]
    weights: np.ndarray
    glances: Glances | None
    lessons: tuple[str, ...]
    unseen: np.ndarray
    lens: np.ndarray
    level: Level | None
    about: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Student {self.about['student']} of {self.about['encoder']}: reads {self.about['reads']}>"

    def apply(
        self, texts: Sequence[str], encoder: Encoder | None = None, bare: np.ndarray | None = None
    ) -> np.ndarray:
        """Return one float32 unit row per text, as the papers of the student's own corpus have theirs.

        Parameters
        ----------
        texts
            Titles and abstracts, as `trends.core.words.documents` joins them. A row depends on its own text
            only, to the last bit.
        encoder
            The teacher, where the student looks at what it knows of words or makes of beginnings.
        bare
            Marks the texts of papers without an abstract; None: there are none.

        Raises
        ------
        InputError
            The student needs its teacher and has another encoder or none.
        """
        teacher = self._teacher(encoder)
        found = np.empty((len(texts), self.unseen.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), AT_A_TIME):
            some = list(texts[start : start + AT_A_TIME])
            words, pairs = self.features.lexicon.count(some)
            blocks = self.features.of(words, pairs, teacher)
            found[start : start + len(some)] = self.mapped(blocks, some, teacher)
        return unit_rows(raised(found, bare, self.level))

    def through_lens(self, vectors: np.ndarray) -> np.ndarray:
        """Return the teacher's vectors (n x dimensions) as unit rows in the space of the student's."""
        return unit_rows(np.asarray(vectors, dtype=np.float64) @ self.lens)

    def without_lens(self, vectors: np.ndarray) -> np.ndarray:
        """Return the student's vectors (n x dimensions) as unit rows in the space of its teacher's."""
        return unit_rows(np.linalg.solve(self.lens.T, np.asarray(vectors, dtype=np.float64).T).T)

    def lesson(self, text: str) -> str:
        """Return what its teacher would have read of a text; of students of earlier versions all of it."""
        return lesson(text, self.about.get("n_characters"))

    def mapped(self, blocks: Sequence[Any], texts: Sequence[str], encoder: Glancing | None) -> np.ndarray:
        """Return the vectors (texts x dimensions, float32, of any length) of texts and their features.

        Those of papers without an abstract are as their titles say, brought level with nothing.
        """
        hashes = [text_hash(text) for text in texts]
        glances = None if encoder is None else self.glances
        last = "" if glances is None else glances.last
        glanced = np.array([name <= last for name in hashes], dtype=bool)
        vectors = np.empty((len(texts), self.unseen.shape[1]), dtype=np.float32)
        with one_thread_per_sum():
            if not glanced.all():
                rest = [block[~glanced] for block in blocks]
                vectors[~glanced] = _summed(rest, self.taught, self.weights)
            if glances is not None and encoder is not None and glanced.any():
                begun = self.features.begun([text for text, is_so in zip(texts, glanced) if is_so], encoder)
                seen = [*(block[glanced] for block in blocks), begun]
                taught = [*(block[: len(glances.begun)] for block in self.taught), glances.begun]
                vectors[glanced] = _summed(seen, taught, glances.weights)
        lesson = {name: k for k, name in enumerate(self.lessons)}
        known = [row for row, name in enumerate(hashes) if name in lesson]
        vectors[known] = self.unseen[[lesson[hashes[row]] for row in known]]
        return vectors

    def save(self, folder: str | Path) -> Path:
        """Write the student as a folder of safetensors and JSON, whole or not at all, and return it.

        Raises
        ------
        InputError
            The folder exists and holds no student.
        """
        words, *dense = self.taught
        arrays = {
            "pair_words": self.features.lexicon.pair_words.astype(np.int32),
            "rarity": self.features.lexicon.rarity,
            "directions": self.features.directions,
            "words_data": words.data,
            "words_indices": words.indices,
            "words_indptr": words.indptr,
            "weights": self.weights,
            "unseen": self.unseen,
            "lens": self.lens,
        }
        arrays |= arrays_of(self.level) | {f"dense_{k}": block for k, block in enumerate(dense)}
        if self.glances is not None:
            arrays |= {"begun": self.glances.begun, "begun_weights": self.glances.weights}
        vocabulary = self.features.lexicon.vocabulary.tolist()
        about = {
            "attrs": dict(self.about),
            "vocabulary": vocabulary,
            "knows": self.features.knows,
            "glances": "" if self.glances is None else self.glances.last,
            "weights": self.features.weights._asdict(),
            "lessons": list(self.lessons),
        }
        return _frozen.write(Path(folder), KIND, arrays, about)

    def _teacher(self, encoder: Encoder | None) -> Glancing | None:
        if not self.features.knows:
            return None
        wanted = self.about["encoder"], self.about["revision"]
        if not isinstance(encoder, Glancing) or (encoder.name, encoder.revision) != wanted:
            given = "none" if encoder is None else f"{encoder.name!r} (revision {encoder.revision})"
            raise InputError(
                f"The student {self.about['student']} reads papers with the help of {wanted[0]!r} "
                f"(revision {wanted[1]}); pass that encoder, not {given}."
            )
        return encoder


def from_parts(arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> Student:
    """Make the student of what `Student.save` wrote.

    Raises
    ------
    InputError
        An earlier version wrote it, whose students looked at other features.
    """
    from scipy.sparse import csr_array

    if "glances" not in about:
        raise InputError(
            f"The student {about['attrs']['student']} was taught by an earlier version of trends, "
            "which looked at other features; embed its papers again."
        )

    vocabulary = np.array(about["vocabulary"], dtype=object)
    lexicon = Lexicon(vocabulary, arrays["pair_words"], arrays["rarity"])
    parts = [arrays[f"words_{name}"] for name in ("data", "indices", "indptr")]
    words = csr_array(tuple(parts), shape=(len(parts[2]) - 1, len(arrays["rarity"])))
    dense = [arrays[f"dense_{k}"] for k in range(sum(name.startswith("dense_") for name in arrays))]
    weights, glances = arrays["weights"], None
    if about["glances"] is True:  # an earlier version kept beginnings beside the other blocks
        glances, weights = Glances(EVERY, dense.pop(), weights), weights[:0]
    elif about["glances"]:
        glances = Glances(about["glances"], arrays["begun"], arrays["begun_weights"])
    return Student(
        features=Features(
            lexicon,
            arrays["directions"],
            knows=bool(about.get("knows", about["glances"])),
            weights=Weights(**about["weights"]) if "weights" in about else EARLIER_WEIGHTS,
        ),
        taught=(words, *dense),
        weights=weights,
        glances=glances,
        lessons=tuple(about["lessons"]),
        unseen=arrays["unseen"],
        # Students of earlier versions had none.
        lens=arrays.get("lens", np.eye(arrays["unseen"].shape[1], dtype=np.float32)),
        level=of_arrays(arrays),
        about=about["attrs"],
    )


def _summed(blocks: Sequence[Any], taught: Sequence[Any], weights: np.ndarray) -> np.ndarray:
    """Return the vectors (texts x dimensions) that a linear map gives texts' blocks of features."""
    (words, *dense), (taught_words, *taught_dense) = blocks, taught
    # Columns that no taught paper uses, or none of these, add nothing.
    used = np.intersect1d(taught_words.indices, words.indices)
    found = words[:, used] @ np.asarray(taught_words[:, used].T @ weights)
    for block, part in zip(dense, taught_dense, strict=True):
        found = found + product_by_row(block, part.T @ weights)
    return found
