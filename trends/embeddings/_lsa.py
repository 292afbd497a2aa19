"""Latent semantic analysis: vectors from the corpus' own words, with no model."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core import cache
from trends.core.hashing import fingerprint
from trends.core.vectors import unit_rows
from trends.core.words import Lexicon, latent_directions, rules, tfidf, weighted, word_counts
from trends.embeddings import _frozen
from trends.embeddings._level import Level, arrays_of, level, of_arrays, pairs, raised, said_of

KIND = "lsa"
DIMENSIONS = 100


@dataclass(frozen=True, eq=False)
class LatentSemantics:
    """Latent semantics of one corpus, frozen: its words, their weights and its directions.

    Attributes
    ----------
    lexicon
        The words; no pairs.
    directions
        At most 100 of them by words, float32.
    level
        What brings papers without an abstract level with the others; None: nothing.
    about
        "lsa" and its revision, as in the `attrs` of embeddings.
    """

    lexicon: Lexicon
    directions: np.ndarray
    level: Level | None
    about: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<LatentSemantics {self.about['revision']}: {len(self.lexicon.vocabulary):,} words>"

    def apply(self, texts: Sequence[str], encoder: Any = None, bare: np.ndarray | None = None) -> np.ndarray:
        """Return one float32 unit row per text (zeros where no word is known); no encoder is asked.

        `bare` marks the texts of papers without an abstract.
        """
        words, _ = self.lexicon.count(texts)
        alone = weighted(self.lexicon.rarity, words)
        used = np.unique(alone.indices)
        return unit_rows(raised(alone[:, used] @ self.directions[:, used].T, bare, self.level))

    def save(self, folder: str | Path) -> Path:
        """Write the rule as a folder of safetensors and JSON, whole or not at all, and return it.

        Raises
        ------
        InputError
            The folder exists and holds no such rule.
        """
        arrays = {"rarity": self.lexicon.rarity, "directions": self.directions} | arrays_of(self.level)
        vocabulary = self.lexicon.vocabulary.tolist()
        return _frozen.write(
            Path(folder), KIND, arrays, {"attrs": dict(self.about), "vocabulary": vocabulary}
        )


def from_parts(arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> LatentSemantics:
    """Make the rule of what `LatentSemantics.save` wrote."""
    no_pairs = np.zeros((0, 2), dtype=np.int64)
    lexicon = Lexicon(np.array(about["vocabulary"], dtype=object), no_pairs, arrays["rarity"])
    return LatentSemantics(lexicon, arrays["directions"], of_arrays(arrays), about["attrs"])


def lsa(texts: pd.Series, titles: pd.Series, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Return (texts x at most 100) vectors and what made them; the rule is kept under its revision.

    `titles` are the texts without abstracts.
    """
    bare, rows = pairs(texts, titles)
    alone = titles.iloc[rows].tolist()
    key = fingerprint("lsa", DIMENSIONS, seed, rules(), list(texts), *said_of(alone))
    about: dict[str, Any] = {"encoder": "lsa", "revision": key[:12]}
    if alone:
        about["n_levelled_by"] = len(alone)

    def make() -> dict[str, np.ndarray]:
        counts = word_counts(texts)
        matrix = tfidf(counts.words)
        directions = latent_directions(matrix, DIMENSIONS, seed)
        lexicon = Lexicon.of(counts).without_pairs()
        rule, vectors = LatentSemantics(lexicon, directions, None, about), matrix @ directions.T
        if alone:
            rule = replace(rule, level=level(rule.apply(alone), vectors[rows]))
        with suppress(OSError):  # a full or read-only disk costs later papers time, not these their vectors
            rule.save(_frozen.cached(about["revision"]))
        return {"vectors": raised(vectors, bare, rule.level)}

    made = cache.arrays("embeddings", key, make)
    if not _frozen.is_cached(about["revision"]):
        make()  # the vectors were kept, by an earlier version say, and their rule was not
    return made["vectors"], about
