"""BERTopic's online topics beside this project's partitions: seconds, memory and agreement with the truth.

Both read the same papers. BERTopic is given vectors in two ways: those of this project's student, so that
only what comes after them differs, and at a smaller size MiniLM's, which are its own. MiniLM's seconds for
the large corpus are reckoned from 2,000 papers, since they take hours on two cores, and are told apart.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.environments import ROOT
from benchmarks.peers.environments import model_folder, python_of, variables
from benchmarks.scale.corpus import theme_of_papers
from benchmarks.scale.judging import topics_judged, trends_judged
from benchmarks.scale.runs import KEPT, Run, corpus_of, make
from benchmarks.scale.watching import watched
from trends.core import cache
from trends.core.words import documents
from trends.embeddings import open_student

LARGE, SMALL, TIMED = 200_000, 10_000, 2_000
"""Papers: of the comparison, of the one with MiniLM's own vectors, and of the timing of MiniLM."""

GIVEN = 50
"""Topics, as in BERTopic's documentation."""


def compared(n_papers: int = LARGE, n_small: int = SMALL) -> dict[str, Any]:
    """Run both at both sizes."""
    told: dict[str, Any] = {}
    python = python_of("bertopic")
    if not isinstance(python, Path):
        return {"error": f"BERTopic could not be installed: {python}"}
    rate = online(python, n_small, None, 0, encode_only=TIMED)["processor seconds"]["encode"] / TIMED
    told["MiniLM, processor seconds for 1,000 papers"] = round(1_000 * rate, 1)
    for size in sorted({n_small, n_papers}):
        run = Run(f"peer-{size}", size, words=True)
        ours = make(run)
        if "error" in ours:
            return told | {f"{size} papers": ours}
        topic = pd.concat(
            pd.read_parquet(path) for path in (run.folder / "run" / "members").glob("*.parquet")
        )
        theme = theme_of_papers(corpus_of(size))
        rows = {
            "trends": {name: ours[name] for name in ("wall", "processor seconds", "peak MiB", "steps")}
            | topics_judged(topic["topic_id"], theme)
            | trends_judged(run)
        }
        vectors, seconds = student_vectors(run)
        rows["student"] = {"processor seconds": seconds}
        # Ours' number of topics too where it is cheap: at 200,000 papers a run takes half an hour.
        for n_topics in sorted({GIVEN, ours["n_topics"]} if size == n_small else {GIVEN}):
            rows[f"BERTopic online, {n_topics} topics, student's vectors"] = online(
                python, size, vectors, n_topics
            )
        if size == n_small:
            rows[f"BERTopic online, {GIVEN} topics, MiniLM's vectors"] = online(python, size, None, GIVEN)
        rows["MiniLM, reckoned"] = {"processor seconds": round(rate * size)}
        told[f"{size} papers"] = rows
    return told


def rows_of(n_papers: int) -> Iterator[pd.DataFrame]:
    """Yield distinct papers by paper_id, file by file: what each tool is to read."""
    seen: set[str] = set()
    for path in sorted((corpus_of(n_papers) / "papers").iterdir()):
        table = pd.read_parquet(path, columns=["doi", "title", "abstract"])
        table = table.set_index(pd.Index("doi:" + table.pop("doi"), name="paper_id"))
        table = table[~table.index.duplicated() & ~table.index.isin(seen)]
        seen.update(table.index)
        yield table


def texts_of(n_papers: int, first: int | None = None) -> Path:
    """Write what is read of each paper, or of the first ones, as lines of JSON, once."""
    path = KEPT / "texts" / f"{n_papers}-{first or 'all'}.jsonl"
    if not path.exists():
        left = first or n_papers
        with cache.whole_file(path) as temporary, temporary.open("w", encoding="utf-8") as out:
            for table in rows_of(n_papers):
                some = documents(table).head(left)
                out.writelines(json.dumps(text) + "\n" for text in some)
                left -= len(some)
    return path


def student_vectors(run: Run) -> tuple[Path, float]:
    """Let the student of a run read all papers; give its vectors' file and the processor seconds it took."""
    student = open_student(next((run.folder / "run" / "fit").glob("*/student")))
    path, seconds, rows = run.folder / "vectors.npy", 0.0, []
    for table in rows_of(run.n_papers):
        texts = documents(table).tolist()
        start = time.process_time()
        rows.append(student.apply(texts).astype(np.float32))
        seconds += time.process_time() - start
    np.save(path, np.concatenate(rows))
    return path, round(seconds, 1)


def online(
    python: Path, n_papers: int, vectors: Path | None, n_topics: int, *, encode_only: int = 0
) -> dict[str, Any]:
    """Run BERTopic's online topics in a process of its own; or only encode the first papers."""
    texts = texts_of(n_papers, encode_only or None)
    place = KEPT / "online"
    place.mkdir(parents=True, exist_ok=True)
    task, out = place / "task.json", place / "out.json"
    out.unlink(missing_ok=True)
    cache.write_json(
        task,
        {
            "texts": str(texts),
            "vectors": str(vectors) if vectors else None,
            "topics": n_topics,
            "encode only": bool(encode_only),
            "model": model_folder(python),
            "out": str(out),
        },
    )
    began = time.perf_counter()
    with (place / "log").open("w", encoding="utf-8") as log:
        started = subprocess.Popen(
            [str(python), "-m", "benchmarks.scale.online", str(task)],
            cwd=ROOT,
            env=variables() | {"PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        with watched(started.pid) as seen:
            code = started.wait()
    if code or not out.exists():
        lines = (place / "log").read_text(encoding="utf-8").strip().splitlines()
        return {"error": f"it ended with {code}: {lines[-1][:300] if lines else 'no word'}", "seconds": {}}
    found = json.loads(out.read_text(encoding="utf-8"))
    topics = found.pop("topics")
    told = {
        "wall": round(time.perf_counter() - began, 1),
        "processor seconds": {name: round(value, 1) for name, value in found["processor seconds"].items()},
        "peak MiB": seen[started.pid].peak >> 20,
        "version": found["version"],
        "seconds": {name: round(value, 1) for name, value in found["seconds"].items()},
    }
    if topics:
        ids = pd.concat([table.iloc[:, :0] for table in rows_of(n_papers)]).index
        told |= topics_judged(pd.Series(topics, index=ids), theme_of_papers(corpus_of(n_papers)))
    return told
