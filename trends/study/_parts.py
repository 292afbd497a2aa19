"""Papers and vectors on disk in numbered parts, so that a week writes what it brings and links the rest.

    papers/0000.parquet …          one row per paper
    embeddings/0000.safetensors …  "embeddings": float32, a row per row of the part of papers of that number
    keys.parquet                   one row per paper, part after part: what later papers are joined by
    tags.parquet                   how many papers have each tag

A part holds at most `PART` papers. A part in which a paper changes is written anew, a new paper goes into the
last part while there is room, and every other part is the same file in the old folder and in the new one: a
hard link where the disk has such, else a copy.
"""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.cache import whole_file
from trends.core.hashing import text_hash
from trends.core.tables import PRECISION_TYPE, places_in
from trends.papers import in_order, keys_of, read_saved, save

PAPERS, VECTORS, KEYS, TAGS = "papers", "embeddings", "keys.parquet", "tags.parquet"

PART = 2_048
"""Papers in a part: about 1 MB of texts and 3 MB of vectors, written anew in some hundredths of a second."""


@dataclass(frozen=True)
class Part:
    """A part as it was written: its number, a hash of its ids, size and hash of its file of papers."""

    number: int
    n_papers: int
    paper_ids: str
    n_bytes: int
    sha256: str

    def papers(self, folder: Path) -> Path:
        """Return the file of its papers in a study's folder."""
        return folder / PAPERS / f"{self.number:04}.parquet"

    def vectors(self, folder: Path) -> Path:
        """Return the file of its vectors in a study's folder."""
        return folder / VECTORS / f"{self.number:04}.safetensors"

    def plain(self) -> dict[str, Any]:
        """Return it as plain values, `Part(**values)` being the way back."""
        return dict(vars(self))


def write_part(folder: Path, number: int, papers: pd.DataFrame, vectors: np.ndarray) -> Part:
    """Write papers and their vectors as a part of a study's folder."""
    from safetensors.numpy import save_file

    part = Part(number, len(papers), ids_hash(papers.index), 0, "")
    path = save(papers, part.papers(folder))
    with whole_file(part.vectors(folder)) as temporary:
        save_file({"embeddings": np.ascontiguousarray(vectors)}, temporary)
    return Part(number, len(papers), part.paper_ids, path.stat().st_size, sha256(path))


def write_all(folder: Path, papers: pd.DataFrame, vectors: np.ndarray) -> list[Part]:
    """Write all papers, keys and tags of a study into its folder, which is empty."""
    parts = [
        write_part(folder, number, papers.iloc[start : start + PART], vectors[start : start + PART])
        for number, start in enumerate(range(0, max(1, len(papers)), PART))
    ]
    write_keys(folder, keys_table(papers, np.arange(len(papers)) // PART))
    write_tags(folder, tags_of(papers))
    return parts


def link(old: Path, new: Path) -> None:
    """Give a file another name on the same disk, or copy it where that cannot be."""
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new)
    except OSError:
        shutil.copy2(old, new)


def untouched(folder: Path, manifest: Path, parts: Sequence[Part]) -> bool:
    """Tell, without reading them, whether the files of parts are as they were written.

    The manifest is written after all parts: one that is younger was changed, or copied, since.
    """
    newest = manifest.stat().st_mtime_ns
    files = [path for part in parts for path in (part.papers(folder), part.vectors(folder))]
    found = [path.stat() for path in (*files, folder / KEYS, folder / TAGS)]
    sizes = [stat.st_size for stat in found[: 2 * len(parts) : 2]]
    return max(stat.st_mtime_ns for stat in found) <= newest and sizes == [part.n_bytes for part in parts]


def unsorted(papers: pd.DataFrame) -> bool:
    """Tell whether papers stand in another order than `load` gives them."""
    return not in_order(papers[["date"]]).index.equals(papers.index)


def keys_table(papers: pd.DataFrame, number: np.ndarray) -> pd.DataFrame:
    """Return what is to be known of papers to join later ones, with the number of the part of each."""
    return keys_of(papers).assign(
        date=papers["date"], date_precision=papers["date_precision"], part=number.astype(np.int32)
    )


def write_keys(folder: Path, keys: pd.DataFrame) -> None:
    """Write what `keys_table` gave."""
    # A dictionary of values that are nearly all different takes more time and room than the values.
    keys.to_parquet(folder / KEYS, use_dictionary=["date_precision"])


def read_keys(folder: Path) -> pd.DataFrame:
    """Read what `write_keys` wrote."""
    return pd.read_parquet(folder / KEYS).astype({"date_precision": PRECISION_TYPE})


def tags_of(papers: pd.DataFrame) -> Counter[str]:
    """Count how many papers have each tag."""
    return Counter(tag for own in papers["tags"] for tag in own)


def write_tags(folder: Path, tags: Counter[str]) -> None:
    """Write what `tags_of` gave."""
    known = sorted(tag for tag, n in tags.items() if n)
    table = pd.DataFrame({"tag": pd.Series(known, dtype="str"), "n_papers": [tags[tag] for tag in known]})
    table.astype({"n_papers": "int64"}).to_parquet(folder / TAGS, index=False)


def read_tags(folder: Path) -> Counter[str]:
    """Read what `write_tags` wrote."""
    table = pd.read_parquet(folder / TAGS)
    return Counter(dict(zip(table["tag"].tolist(), table["n_papers"].tolist())))


@dataclass(frozen=True, eq=False)
class Shelf:
    """The papers and vectors in a study's folder, of which those are read that are asked for.

    Attributes
    ----------
    folder
        The study's folder.
    parts
        Its parts.
    keys
        As `keys_table` gives them.
    encoder
        The `attrs` of the vectors.
    """

    folder: Path
    parts: tuple[Part, ...]
    keys: pd.DataFrame
    encoder: Mapping[str, Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the papers."""
        import pyarrow.parquet as pq

        names = pq.read_schema(self.parts[0].papers(self.folder)).names
        return tuple(name for name in names if name != "paper_id")

    def papers(self, ids: pd.Index) -> pd.DataFrame:
        """Return whole papers by their ids."""
        found = [
            read_saved(part.papers(self.folder), rows=rows.tolist()) for part, _, rows in self._places(ids)
        ]
        return pd.concat(found).loc[ids] if found else read_saved(self.parts[0].papers(self.folder), rows=[])

    def vectors(self, ids: pd.Index) -> pd.DataFrame:
        """Return the vectors of papers by their ids."""
        n_dimensions = mapped(self.parts[0].vectors(self.folder)).shape[1]
        found = np.empty((len(ids), n_dimensions), dtype=np.float32)
        for part, places, rows in self._places(ids):
            found[places] = mapped(part.vectors(self.folder))[rows]
        return self.framed(found, ids)

    def framed(self, vectors: np.ndarray, ids: pd.Index) -> pd.DataFrame:
        """Return vectors as embeddings of the study's encoder."""
        table = pd.DataFrame(vectors, index=ids, copy=False)
        table.attrs = dict(self.encoder)
        return table

    def _places(self, ids: pd.Index) -> Iterator[tuple[Part, np.ndarray, np.ndarray]]:
        """Yield each part that holds some of these, the places of those, and their rows in the part."""
        at = places_in(self.keys.index, ids)
        starts = np.cumsum([0, *(part.n_papers for part in self.parts)])
        which = np.searchsorted(starts, at, side="right") - 1
        for number, part in enumerate(self.parts):
            places = np.flatnonzero(which == number)
            if len(places):
                yield part, places, at[places] - starts[number]


def mapped(path: Path) -> np.ndarray:
    """Return the vectors of a part as an array that reads from the file what is taken of it.

    Raises
    ------
    OSError, ValueError, KeyError
        The file is absent or damaged, or holds other numbers than float32.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        about = json.loads(file.read(size))["embeddings"]
    if about["dtype"] != "F32":
        raise ValueError(f"vectors of {about['dtype']}")
    start = 8 + size + about["data_offsets"][0]
    return np.memmap(path, dtype="<f4", mode="r", offset=start, shape=tuple(about["shape"]))


def ids_hash(ids: pd.Index) -> str:
    """Return a hash of paper ids in their order."""
    return text_hash("\n".join(ids))


def sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
