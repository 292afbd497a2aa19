"""The work on one partition, step by step: read, send, merge, draw, assign.

Each step calls the rooms' own functions on the papers of its partition, keeps what it makes in the run's
folder and is known as done by its file of facts. So a step may be done twice, on any worker, at any time.
"""

import io
import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from trends.core import files
from trends.core.files import Folder
from trends.core.hashing import text_hash
from trends.core.records import Topics
from trends.core.tables import PRECISION_TYPE
from trends.core.words import bare, documents
from trends.embeddings import Encoder, embed, open_student
from trends.embeddings._encoders import find_encoder
from trends.papers import _entries as entries_room
from trends.papers import read_saved, tallied
from trends.papers._parts import Reading, Survey, entries_of, surveyed
from trends.scale._kept import facts_name, finishing, is_done
from trends.scale._partitions import Partition
from trends.topics import assign as assign_to
from trends.topics import open_topics

MICRO = 1_000_000
"""Similarities are summed as whole millionths, so that no order of partitions changes a sum."""

STUDENT, TOPICS, ABOUT = "student", "topics", "fit.json"

CELLS = ("topic_id", "date", "precision", "n_papers", "micros")
"""Columns of a partition's cells; a date in microseconds since 1970."""

KINDS = {"read": "entries", "send": "sent", "merge": "papers", "draw": "drawn", "assign": "members"}
"""The folder of what a step makes beside its facts."""

_OURS = re.compile(rf"facts/[a-z]+-[0-9a-f]{{16}}\.npz|({'|'.join(KINDS.values())})/[0-9a-f]{{16}}\.parquet")
_HALF = re.compile(r"(.*/)\.([^/]+)\.[^./]+\.[a-z]+")
"""A file under its temporary name, as a worker leaves it that is killed while it writes."""


def survey(root: str, name: str, file: Survey) -> None:
    """Look through a file, to be cut."""
    folder = Folder(root)
    if not is_done(folder, "survey", name):
        with finishing(folder, "survey", name) as facts:
            found = surveyed(file)
            facts["file"] = vars(found) | {"stones": []}
            facts["stones"] = np.array(found.stones, dtype=np.int64)


def read(root: str, partition: Partition, reading: Reading) -> None:
    """Read and clean the entries of a partition."""
    folder = Folder(root)
    if not is_done(folder, "read", partition.name):
        with finishing(folder, "read", partition.name) as facts:
            entries, log = entries_of(partition.parts, reading)
            facts["keys"] = entries_room.keys_of(entries)
            facts["log"] = log
            folder.put(_file("read", partition.name), entries_room.packed(entries))


def send(root: str, name: str, read_name: str, leaving: Sequence[np.ndarray]) -> None:
    """Put the entries that leave a partition into one file, a row group for each partition they go to."""
    folder = Folder(root)
    if not is_done(folder, "send", name):
        with finishing(folder, "send", name):
            with files.opened(folder.at(_file("read", read_name))) as stream:
                entries = entries_room.unpacked(stream)
            folder.put(_file("send", name), entries_room.packed(entries, list(leaving)))


def merge(
    root: str,
    name: str,
    read_name: str,
    leaving: np.ndarray,
    coming: Sequence[tuple[str, int]],
    reading: Reading,
) -> None:
    """Make the papers of a partition: of its entries without those that left, and of those that came."""
    folder = Folder(root)
    if is_done(folder, "merge", name):
        return
    with finishing(folder, "merge", name) as facts:
        with files.opened(folder.at(_file("read", read_name))) as stream:
            entries = entries_room.unpacked(stream)
        gone = set(leaving.tolist())
        entries = [entry for place, entry in enumerate(entries) if place not in gone] if gone else entries
        for sent, row_group in coming:
            with files.opened(folder.at(_file("send", sent))) as stream:
                entries += entries_room.unpacked(stream, row_group)
        papers = entries_room.merged(entries, reading)
        folder.put(_file("merge", name), entries_room.packed_papers(papers))
        facts["hashes"] = hashes_of(papers)
        facts["n_papers"] = len(papers)
        facts |= tallied(papers).plain()


def hashes_of(papers: pd.DataFrame) -> np.ndarray:
    """Return 64 bits of the hash of each paper's text: in their order stands any fair sample."""
    return np.array([int(text_hash(text)[:16], 16) for text in documents(papers)], dtype=np.uint64)


def draw(root: str, name: str, papers_name: str, rows: np.ndarray) -> None:
    """Take some papers of a partition into the sample."""
    folder = Folder(root)
    if not is_done(folder, "draw", name):
        with finishing(folder, "draw", name):
            papers = papers_of(folder, papers_name).iloc[rows]
            folder.put(_file("draw", name), entries_room.packed_papers(papers))


def assign(root: str, name: str, papers_name: str, fit_name: str, encoder: "str | Encoder") -> None:
    """Read the papers of a partition by the frozen rule, assign each to a topic, and count them."""
    folder = Folder(root)
    if is_done(folder, "assign", name):
        return
    with finishing(folder, "assign", name) as facts:
        papers = papers_of(folder, papers_name)
        members = assigned(papers, *fit_of(root, fit_name), encoder)
        facts["n_papers"] = len(papers)
        facts |= cells_of(papers, members)
        kept = members.drop(columns=["x", "y"]).assign(
            date=papers["date"], date_precision=papers["date_precision"].astype(str)
        )
        folder.put(_file("assign", name), kept.to_parquet(compression="zstd"))


@lru_cache(maxsize=2)
def fit_of(root: str, fit_name: str) -> tuple[Topics, dict[str, Any], Any]:
    """Return the frozen topics, what is said of their vectors, and the rule that makes those; read once."""
    place = Folder(root).local(f"fit/{fit_name}")
    topics = open_topics(place / TOPICS, pd.DataFrame(), pd.DataFrame())
    assert topics is not None
    attrs = json.loads((place / ABOUT).read_text(encoding="utf-8"))["embeddings"]
    rule = open_student(place / STUDENT) if (place / STUDENT).is_dir() else None
    return topics, attrs, rule


def assigned(
    papers: pd.DataFrame, topics: Topics, attrs: dict[str, Any], rule: Any, encoder: "str | Encoder"
) -> pd.DataFrame:
    """Return the members table of papers under frozen topics, in the order of the papers."""
    if papers.empty:  # all entries of a partition may be further ones of papers that are elsewhere
        vectors = pd.DataFrame(np.zeros((0, topics.centroids.shape[1]), dtype=np.float32), index=papers.index)
    else:
        vectors = vectors_of(papers, attrs, rule, encoder)
    return assign_to(papers, vectors, topics)


def vectors_of(
    papers: pd.DataFrame, attrs: dict[str, Any], rule: Any, encoder: "str | Encoder"
) -> pd.DataFrame:
    """Return the vectors that the frozen rule gives papers; without a rule the encoder reads them whole."""
    if rule is None:
        like = pd.DataFrame()
        like.attrs = dict(attrs)
        return embed(papers, encoder, like=like)
    teacher = None if isinstance(encoder, str) and encoder == "lsa" else find_encoder(encoder)
    vectors = rule.apply(documents(papers).tolist(), teacher, bare(papers))
    found = pd.DataFrame(vectors, index=papers.index)
    found.attrs = dict(attrs)
    return found


def cells_of(papers: pd.DataFrame, members: pd.DataFrame) -> dict[str, np.ndarray]:
    """Count papers by topic, date and precision; what is left of a partition once it is assigned."""
    table = pd.DataFrame(
        {
            "topic_id": members["topic_id"].to_numpy(),
            "date": papers["date"].to_numpy().astype("datetime64[us]").astype(np.int64),
            "precision": papers["date_precision"].cat.codes.to_numpy(),
            "micros": np.round(members["similarity"].to_numpy(dtype=np.float64) * MICRO).astype(np.int64),
        }
    )
    return {f"cells_{k}": column.to_numpy() for k, column in summed(table.assign(n_papers=1)).items()}


def summed(cells: pd.DataFrame) -> pd.DataFrame:
    """Add up cells that are alike in topic, date and precision."""
    return cells.groupby(["topic_id", "date", "precision"], as_index=False, sort=True)[
        ["n_papers", "micros"]
    ].sum()


def dated(cells: pd.DataFrame) -> pd.DataFrame:
    """Return cells with their dates and precisions as papers have them."""
    return cells.assign(
        date=cells["date"].to_numpy().astype("datetime64[us]"),
        date_precision=pd.Categorical.from_codes(cells["precision"], dtype=PRECISION_TYPE),
    )


def papers_of(folder: Folder, name: str) -> pd.DataFrame:
    """Return the papers of a partition."""
    with files.opened(folder.at(_file("merge", name))) as stream:
        return read_saved(stream)


def drawn(folder: Folder, name: str) -> pd.DataFrame:
    """Return the papers that were drawn from a partition."""
    return read_saved(io.BytesIO(folder.get(_file("draw", name))))


def names_of(done: Iterable[tuple[str, str]]) -> set[str]:
    """Return the files that steps, given with their partitions, leave behind."""
    found = set()
    for step, name in done:
        found.add(facts_name(step, name))
        if step in KINDS:
            found.add(_file(step, name))
    return found


def is_ours(name: str) -> bool:
    """Tell whether a file is one that a step leaves: what else lies in the folder is not ours to remove."""
    return _OURS.fullmatch(_HALF.sub(r"\1\2", name)) is not None


def _file(step: str, name: str) -> str:
    return f"{KINDS[step]}/{name}.parquet"
