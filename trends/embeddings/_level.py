"""Papers without an abstract, brought level with those that have one.

A title says otherwise what its abstract says, so papers without one lie aside from the others: topics gather
them, which looks like a trend where abstracts come and go, and more of them are in no topic. What an abstract
adds is learned on papers that have one, each read by its title alone as well, and given to those that have
none. Papers of fields that seldom have abstracts stay where their titles put them, since no paper is compared
with another (DECISIONS.md).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.hashing import fingerprint, text_hash
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import product_by_row, unit_rows
from trends.embeddings import _frozen
from trends.embeddings._encoders import Encoder, encode_cached

KIND = "level"

REVISION = 1
"""Raised when papers without an abstract would get other vectors."""

PAIRS, ENOUGH = 400, 30
"""How many papers with an abstract are read by their titles as well, at most and at least."""

RIDGE = 2.0
"""How much an abstract is taken to add the same to every title, and no more, in pairs of unit vectors."""


class Level(NamedTuple):
    """An affine map from the vectors of titles to those of whole papers.

    Attributes
    ----------
    titles, whole
        The mean vectors of papers read by their titles alone and whole (dimensions).
    turned
        What becomes of a difference from the first (dimensions x dimensions).
    """

    titles: np.ndarray
    whole: np.ndarray
    turned: np.ndarray

    def raised(self, vectors: np.ndarray) -> np.ndarray:
        """Return unit rows (float32) for rows of titles, each by itself to the last bit; zeros stay zeros."""
        known = np.any(vectors, axis=1)
        found = np.zeros(vectors.shape, dtype=np.float32)
        moved = product_by_row(unit_rows(vectors[known]) - self.titles, self.turned)
        found[known] = unit_rows(self.whole + moved)
        return found


def level(titles: np.ndarray, whole: np.ndarray) -> Level:
    """Learn the map from vectors of titles to those of the same papers read whole, by ridge regression.

    The penalty is on what it does besides adding the mean difference. A map free of that would draw titles
    towards their mean, since a title leaves open what the abstract says.
    """
    seen, wanted = unit_rows(titles.astype(np.float64)), unit_rows(whole.astype(np.float64))
    before, after = seen.mean(axis=0), wanted.mean(axis=0)
    with one_thread_per_sum():
        seen, wanted = seen - before, wanted - after
        raised = seen.T @ seen + RIDGE * np.eye(len(before))
        turned = np.eye(len(before)) + np.linalg.solve(raised, seen.T @ (wanted - seen))
    return Level(*(part.astype(np.float32) for part in (before, after, turned)))


def pairs(texts: pd.Series, titles: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return which papers have no abstract, and the rows of those from which a level is learned.

    Of the latter there are none where every paper has an abstract, or fewer than `ENOUGH` have. They have the
    smallest hashes, a fair sample that no order of rows can change. `titles` are the texts without abstracts.
    """
    bare = (texts == titles).to_numpy(dtype=bool)
    row = {text_hash(texts.iloc[k]): k for k in np.flatnonzero(~bare)} if bare.any() else {}
    chosen = sorted(row)[:PAIRS] if len(row) >= ENOUGH else []
    return bare, np.array([row[name] for name in chosen], dtype=int)


def said_of(titles: Sequence[str]) -> tuple[Any, ...]:
    """Return what a level hangs on besides the texts, for a fingerprint; nothing where there is none."""
    return (KIND, REVISION, RIDGE, list(titles)) if len(titles) else ()


@dataclass(frozen=True, eq=False)
class LevelledEncoder:
    """An encoder that reads every paper whole, and the level to which it brings those without an abstract.

    Attributes
    ----------
    level
        The map for these.
    about
        The encoder, its revision and precision, the level's name and of how many papers it was learned, as
        in the `attrs` of embeddings.
    """

    level: Level
    about: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<LevelledEncoder {self.about['level']} of {self.about['encoder']}>"

    def apply(
        self, texts: Sequence[str], encoder: Encoder | None = None, bare: np.ndarray | None = None
    ) -> np.ndarray:
        """Return one float32 unit row per text; `bare` marks those without an abstract.

        Raises
        ------
        InputError
            No encoder was given to read the texts.
        """
        if encoder is None:
            raise InputError(f"{self.about['encoder']!r} made these embeddings; pass that encoder.")
        return unit_rows(raised(encode_cached(list(texts), encoder), bare, self.level))

    def save(self, folder: str | Path) -> Path:
        """Write the rule as a folder of safetensors and JSON, whole or not at all, and return it.

        Raises
        ------
        InputError
            The folder exists and holds no such rule.
        """
        return _frozen.write(Path(folder), KIND, arrays_of(self.level), {"attrs": dict(self.about)})


def read(
    texts: pd.Series, titles: pd.Series, encoder: Encoder, about: Mapping[str, Any]
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the vectors of papers that an encoder reads whole, and what is said of them."""
    vectors = encode_cached(texts.tolist(), encoder)
    bare, rows = pairs(texts, titles)
    if not len(rows):
        return vectors, dict(about)
    alone = titles.iloc[rows].tolist()
    key = fingerprint(*said_of(alone), *about.values(), texts.iloc[rows].tolist())
    told = {**about, "level": key[:12], "n_levelled_by": len(rows)}
    rule = LevelledEncoder(level(encode_cached(alone, encoder), vectors[rows]), told)
    with suppress(OSError):  # a full or read-only disk costs later papers time, not these their vectors
        rule.save(_frozen.cached(told["level"]))
    return raised(vectors, bare, rule.level), told


def raised(vectors: np.ndarray, bare: np.ndarray | None, to: Level | None) -> np.ndarray:
    """Return the rows as they are, but those of papers without an abstract brought level, of length one."""
    if to is None or bare is None or not bare.any():
        return vectors
    found = vectors.astype(np.float32)
    found[bare] = to.raised(found[bare])
    return found


def arrays_of(found: Level | None) -> dict[str, np.ndarray]:
    """Return a level as arrays to save; none of no level."""
    return {} if found is None else {f"level_{name}": array for name, array in found._asdict().items()}


def of_arrays(arrays: Mapping[str, np.ndarray]) -> Level | None:
    """Return the level among saved arrays, if there is one."""
    return _of_saved(arrays) if "level_turned" in arrays else None


def from_parts(arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> LevelledEncoder:
    """Make the rule of what `LevelledEncoder.save` wrote."""
    return LevelledEncoder(_of_saved(arrays), about["attrs"])


def _of_saved(arrays: Mapping[str, np.ndarray]) -> Level:
    return Level(*(arrays[f"level_{name}"] for name in Level._fields))
