"""A study on disk: a folder of Parquet tables, safetensors and one JSON manifest.

    study.json               format, title, parameters, encoder, reading log, fingerprint, sha256 of the parts
    papers/0000.parquet …    one row per paper; pandas reads the folder as one table
    embeddings/              0000.safetensors …: "embeddings", float32, a row per row of papers/0000.parquet …
    keys.parquet, tags.parquet   what an update needs to know of the papers (see `_parts`)
    student/                 the rule of the vectors, where the corpus decided it
    topics/                  table, members, ledger (.parquet), centroids.safetensors, topics.json
    watch/                   table, members, near (.parquet), watch.json, where themes are followed
    shares, calls, phases, bursts, forecast, skill (.parquet)

pandas reads every table. A writer holds the lock beside the folder, writes a new folder in full, has it on
the disk, and then exchanges the two, so that a kill or a power cut at any moment leaves the last good study.
Parts that stay as they are get a second name in the new folder before the old one goes.
"""

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
from trends.core.hashing import rows_sum
from trends.core.lock import held
from trends.core.records import Topics, Trends
from trends.core.watch import Watch
from trends.embeddings import keep_student, save_student
from trends.papers import in_order, load, read_saved
from trends.study._parts import Part, ids_hash, sha256, unsorted, write_all
from trends.study._reading import said_by
from trends.topics import open_topics, open_watch, save_topics, save_watch

MANIFEST, STUDENT = "study.json", "student"
MEASURED = ("shares", "calls", "phases", "bursts", "forecast", "skill")

FORMAT = 3
"""3: papers and vectors in parts. 2: the ledger tells old and new ids; the papers' hash is kept. Formats 1
and 2, with all papers in papers.parquet and all vectors in embeddings.safetensors, are read as well."""

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


def holding(folder: Path, wait: float = WAIT, *, to_read: bool = False) -> AbstractContextManager[None]:
    """Hold a study's folder, so that no other process reads or writes it; see `core.lock.held`."""
    return held(folder, wait, to_read=to_read)


def fingerprint_in(folder: Path) -> str | None:
    """Return the fingerprint of the study in a folder as it was written; None where none can be read."""
    restore(folder)
    try:
        return str(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


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
    restore(folder)
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise InputError(f"{folder} exists and is not a study; give another folder, or remove it first.")
    tidy(folder)
    papers = stored.papers
    with whole_folder(folder, durable=True) as temporary:
        parts = write_all(temporary, papers, stored.embeddings.loc[papers.index].to_numpy())
        save_student(stored.embeddings, temporary / STUDENT)
        if stored.watch is not None:
            save_watch(stored.watch, temporary / "watch")
        write_results(temporary, stored.topics, trends)
        manifest = {
            "format": FORMAT,
            "title": stored.title,
            "parameters": dict(stored.parameters),
            "encoder": dict(stored.embeddings.attrs),
            "reading": papers.attrs.get("reading", []),
            "every": stored.every,
            "watch": stored.watch is not None,
            "fingerprint": fingerprint,
            "parts": [part.plain() for part in parts],
            "sorted": not unsorted(papers),
            "papers": f"{rows_sum(said_by(papers)):064x}",
        }
        write_json(temporary / MANIFEST, manifest)


def write_results(folder: Path, topics: Topics, trends: Trends) -> None:
    """Write topics and what was measured of them into a study's folder."""
    save_topics(topics, folder / "topics")
    for name in MEASURED:
        getattr(trends, name).to_parquet(folder / f"{name}.parquet")


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
        files = _files(folder, manifest)
        papers = _papers(folder, files, manifest)
        vectors = np.concatenate([load_file(file.vectors)["embeddings"] for file in files])
        embeddings = pd.DataFrame(vectors, index=_ids(files)).loc[papers.index]
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


@dataclass(frozen=True)
class _File:
    """A file of papers and that of their vectors, with what the manifest says of the papers."""

    papers: Path
    vectors: Path
    sha256: str | None
    paper_ids: str | None


def _files(folder: Path, manifest: Mapping[str, Any]) -> list[_File]:
    """Return a study's files of papers and vectors, whatever format it has."""
    if "parts" in manifest:
        parts = [Part(**values) for values in manifest["parts"]]
        return [_File(p.papers(folder), p.vectors(folder), p.sha256, p.paper_ids) for p in parts]
    name, known = "papers.parquet", manifest.get("sha256", {})
    vectors = folder / "embeddings.safetensors"
    return [_File(folder / name, vectors, known.get(name), known.get("paper_ids"))]


def _papers(folder: Path, files: list[_File], manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Return the papers, with a line in the reading log where a file is not as it was written."""
    read = list(manifest["reading"])
    other = [file for file in files if file.sha256 != sha256(file.papers)]
    paths = [file.papers for file in files]
    if not other:
        papers = read_saved(*paths)
        # Later papers stand in the last parts, whatever their dates.
        papers = in_order(papers) if manifest.get("sorted", False) else papers
    else:
        papers = load(*paths)
        known = [file for file in other if file.paper_ids is not None]
        if known and (
            any(file.paper_ids != ids_hash(_ids([file])) for file in known)
            or set(papers.index) != set(_ids(files))
        ):
            raise InputError(
                f"{known[0].papers} was changed by other hands, and its papers, their order or titles are not"
                " those of the study; put the old file back, or make the study again from the new one."
            )
        names = {file.papers.name for file in known}
        told = "was changed since the study was saved, and was read anew"
        read += [
            line | {"note": f"{line['file']} {told}"}
            for line in papers.attrs["reading"]
            if line["file"] in names
        ]
    papers.attrs["reading"] = read
    papers.attrs["n_loaded"] = len(papers)
    return papers


def _ids(files: list[_File]) -> pd.Index:
    """Return the paper ids of files in the order of their rows, which is that of the vectors."""
    found = [pd.read_parquet(file.papers, columns=["paper_id"])["paper_id"] for file in files]
    return pd.Index(pd.concat(found), name="paper_id", dtype="str")
