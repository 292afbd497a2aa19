"""A study on disk: a folder of Parquet tables, safetensors and one JSON manifest.

    study.json               format, title, parameters, encoder, reading log, fingerprint, sha256 of papers
    papers.parquet           one row per paper, as `trends.load` reads it
    embeddings.safetensors   "embeddings": float32, a row per row of papers.parquet
    student/                 the rule of the vectors, where the corpus decided it
    topics/                  table, members, ledger (.parquet), centroids.safetensors, topics.json
    watch/                   table, members, near (.parquet), watch.json, where themes are followed
    shares, calls, phases, bursts, forecast, skill (.parquet)

pandas reads every table. A writer holds the lock beside the folder, writes a new folder in full, has it on
the disk, and then exchanges the two, so that a kill or a power cut at any moment leaves the last good study.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.cache import restore, tidy, was_left, whole_folder, write_json
from trends.core.errors import InputError
from trends.core.hashing import text_hash
from trends.core.lock import held
from trends.core.records import Topics, Trends
from trends.core.watch import Watch
from trends.embeddings import keep_student, save_student
from trends.papers import load, read_saved, save
from trends.topics import open_topics, open_watch, save_topics, save_watch

MANIFEST, PAPERS_FILE, STUDENT = "study.json", "papers.parquet", "student"
MEASURED = ("shares", "calls", "phases", "bursts", "forecast", "skill")

FORMAT = 2
"""2: the ledger tells old and new ids; the papers' hash is kept. Format 1 is read as well."""

WAIT = 60.0
"""Seconds that a writer or reader waits for another process."""


@dataclass(frozen=True, eq=False)
class Stored:
    """What a folder holds of a study; what follows from it is made anew."""

    papers: pd.DataFrame
    embeddings: pd.DataFrame
    topics: Topics
    watch: Watch | None
    title: str
    parameters: Mapping[str, Any]
    every: str


def writing(folder: Path, wait: float = WAIT) -> AbstractContextManager[None]:
    """Hold a study's folder, so that no other process reads or writes it; see `core.lock.held`."""
    return held(folder, wait)


def check_is_study(folder: Path) -> None:
    """Refuse a folder that is no study, before a lock is made beside it."""
    if not (folder / MANIFEST).is_file() and not was_left(folder):
        raise InputError(f"{folder} is not a study: it has no {MANIFEST}.")


def write(folder: Path, stored: Stored, trends: Trends, fingerprint: str) -> None:
    """Write a study in place of the one that is there; the caller holds the folder.

    Raises
    ------
    InputError
        The folder exists and is not a study.
    """
    from safetensors.numpy import save_file

    restore(folder)
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise InputError(f"{folder} exists and is not a study; give another folder, or remove it first.")
    tidy(folder)
    papers = stored.papers
    with whole_folder(folder, durable=True) as temporary:
        save(papers, temporary / PAPERS_FILE)
        vectors = np.ascontiguousarray(stored.embeddings.loc[papers.index].to_numpy())
        save_file({"embeddings": vectors}, temporary / "embeddings.safetensors")
        save_student(stored.embeddings, temporary / STUDENT)
        save_topics(stored.topics, temporary / "topics")
        if stored.watch is not None:
            save_watch(stored.watch, temporary / "watch")
        for name in MEASURED:
            getattr(trends, name).to_parquet(temporary / f"{name}.parquet")
        manifest = {
            "format": FORMAT,
            "title": stored.title,
            "parameters": dict(stored.parameters),
            "encoder": dict(stored.embeddings.attrs),
            "reading": papers.attrs.get("reading", []),
            "every": stored.every,
            "watch": stored.watch is not None,
            "fingerprint": fingerprint,
            "sha256": {PAPERS_FILE: _sha256(temporary / PAPERS_FILE), "paper_ids": _ids_hash(papers.index)},
        }
        write_json(temporary / MANIFEST, manifest)


def read(folder: Path) -> Stored:
    """Read a study from its folder; the caller holds the folder where that can be.

    Papers whose file is as it was written are read as they are, in a fortieth of the time that `load` takes;
    a file that was changed by other hands goes through `load`, and the reading log says so.

    Raises
    ------
    InputError
        The folder is no study, is damaged, or was written by a later version.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    restore(folder)
    check_is_study(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        written = int(manifest["format"])
        if written > FORMAT:
            raise InputError(
                f"{folder} was written in format {written} by a later version of trends; "
                f"this one reads up to format {FORMAT}: upgrade trends to open it."
            )
        papers = _papers(folder / PAPERS_FILE, manifest)
        vectors = load_file(folder / "embeddings.safetensors")["embeddings"]
        embeddings = pd.DataFrame(vectors, index=_ids(folder / PAPERS_FILE)).loc[papers.index]
        embeddings.attrs = manifest["encoder"]
        if (folder / STUDENT).is_dir():
            keep_student(embeddings, folder / STUDENT)
        topics = open_topics(folder / "topics", papers, embeddings)
        watch = open_watch(folder / "watch") if manifest.get("watch") else None
        about = manifest["title"], manifest["parameters"], manifest["every"]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"The study {folder} is damaged ({type(error).__name__}); make it again.") from error
    if topics is None:
        raise InputError(f"The study {folder} is damaged: its topics cannot be read; make it again.")
    return Stored(papers, embeddings, topics, watch, *about)


def reading(folder: Path, wait: float = WAIT) -> Stored:
    """Read a study while no other process writes it, after putting back what a kill left aside."""
    if not folder.parent.is_dir():
        return read(folder)
    with held(folder, wait, to_read=True):
        return read(folder)


def _papers(path: Path, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Return the papers, with a line in the reading log where the file is not as it was written."""
    known, read = manifest.get("sha256", {}), list(manifest["reading"])
    if known.get(PAPERS_FILE) == _sha256(path):
        papers = read_saved(path)
    else:
        papers = load(path)
        ids = _ids(path)
        if known and (_ids_hash(ids) != known["paper_ids"] or set(papers.index) != set(ids)):
            raise InputError(
                f"{path} was changed by other hands, and its papers, their order or titles are not those of "
                "the study; put the old file back, or make the study again from the new one."
            )
        if known:
            told = {"note": f"{path.name} was changed since the study was saved, and was read anew"}
            read += [line | told for line in papers.attrs["reading"]]
    papers.attrs["reading"] = read
    papers.attrs["n_loaded"] = len(papers)
    return papers


def _ids(path: Path) -> pd.Index:
    """Return the paper ids of a file in the order of its rows, which is that of the vectors."""
    return pd.Index(pd.read_parquet(path, columns=["paper_id"])["paper_id"], name="paper_id", dtype="str")


def _ids_hash(ids: pd.Index) -> str:
    return text_hash("\n".join(ids))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
