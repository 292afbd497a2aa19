"""Runs of `trends.scale`, each in a process of its own, with nothing kept from before, and watched."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.environments import ROOT, WORK
from benchmarks.scale.corpus import write
from benchmarks.scale.one import finished
from benchmarks.scale.watching import Process, watched
from trends.core import cache

KEPT = WORK / "scale"

STEPS = ("survey", "read", "send", "merge", "draw", "assign")
"""What a partition goes through; each leaves a file of facts, with its seconds."""


@dataclass(frozen=True)
class Run:
    """One run: of how many papers, cut how, by how many workers (0: in the process itself), killed when."""

    name: str
    n_papers: int
    n_workers: int = 2
    n_partitions: int | None = None
    sample: int | None = None
    kills: tuple[tuple[str, int], ...] = ()
    """A worker is killed once so many partitions have gone through a step."""
    known: bool = False
    """Whether the transformer's vectors are kept from earlier runs; all else is made anew."""
    words: bool = False
    """Whether the student goes by words alone, as it does in any case above 100,000 papers."""

    @property
    def folder(self) -> Path:
        """Where the run keeps what it makes."""
        return KEPT / "runs" / self.name

    @property
    def out(self) -> Path:
        """Where the outcome is."""
        return self.folder / "outcome.json"


def corpus_of(n_papers: int) -> Path:
    """Write a corpus, once, and give its folder."""
    folder = KEPT / "corpora" / f"{n_papers}-0"
    if not (folder / "truth" / "themes.json").exists():
        write(folder, n_papers)
    return folder


def make(run: Run, *, stop_after: tuple[str, int] | None = None, again: bool = False) -> dict[str, Any]:
    """Run, and tell what it took and what came out.

    Parameters
    ----------
    run
        What to run.
    stop_after
        Kill the run, workers and all, once so many partitions have gone through a step; nothing comes out.
    again
        Go on in the folder of an earlier run, whose cache stays too.
    """
    if run.folder.exists() and not again:
        shutil.rmtree(run.folder)
    run.folder.mkdir(parents=True, exist_ok=True)
    vectors = KEPT / "vectors"
    if run.known and vectors.exists():
        shutil.copytree(vectors, run.folder / "cache" / "vectors", dirs_exist_ok=True)
    run.out.unlink(missing_ok=True)
    task = {
        "source": str(corpus_of(run.n_papers) / "papers" / "*.parquet"),
        "folder": str(run.folder / "run"),
        "report": str(run.folder / "report.html"),
        "out": str(run.out),
        "workers": run.n_workers,
        "n_partitions": run.n_partitions,
        "sample": run.sample,
        "kills": run.kills,
        "words": run.words,
    }
    cache.write_json(run.folder / "task.json", task)
    began = time.perf_counter()
    with (run.folder / "log").open("a", encoding="utf-8") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.scale.one", str(run.folder / "task.json")],
            cwd=ROOT,
            env=os.environ | {"TRENDS_CACHE": str(run.folder / "cache"), "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with watched(started.pid) as seen:
            if stop_after is None:
                code = started.wait()
            else:
                code = _stopped(started, run.folder / "run", *stop_after)
    wall = time.perf_counter() - began
    if stop_after is not None:
        return {"wall": round(wall, 1), "code": code}
    if code or not run.out.exists():
        lines = (run.folder / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return {"error": f"it ended with {code}: {lines[-1][:300] if lines else 'no word'}"}
    if run.known:
        shutil.copytree(run.folder / "cache" / "vectors", vectors, dirs_exist_ok=True)
    outcome = json.loads(run.out.read_text(encoding="utf-8"))
    told = outcome | {"wall": round(wall, 1)} | processes(started.pid, seen)
    told["steps"] = steps_of(run)
    told["members"] = members_hash(run)
    told["bytes"] = bytes_of(run)
    cache.write_json(run.folder / "told.json", told)
    return told


def _stopped(started: "subprocess.Popen[bytes]", folder: Path, step: str, n_finished: int) -> int:
    """Kill a run and all of its processes once so many partitions have gone through a step."""
    while started.poll() is None and finished(folder, step) < n_finished:
        time.sleep(0.02)
    os.killpg(started.pid, signal.SIGKILL)
    return started.wait()


def processes(root: int, seen: dict[int, Process]) -> dict[str, Any]:
    """Tell the processor seconds and the most memory, in MiB, of the main process and of each worker.

    The scheduler is in the main process, which also finds the topics, measures and writes the report; the
    workers do all that is done by partitions. Other load on the machine moves the clock, not these seconds.
    """
    workers = sorted((p for p in seen.values() if p.is_worker), key=lambda process: -process.peak)
    return {
        "processor seconds": {
            "main": round(seen[root].seconds, 1),
            "workers": [round(process.seconds, 1) for process in workers],
        },
        "peak MiB": {"main": seen[root].peak >> 20, "workers": [process.peak >> 20 for process in workers]},
    }


def steps_of(run: Run) -> dict[str, dict[str, float]]:
    """Tell, by step, how many partitions went through it, their seconds added up, and the largest memory.

    The seconds of "fit" are those between the last paper drawn and the first partition's assignment.
    """
    told: dict[str, dict[str, float]] = {}
    ends: dict[str, list[tuple[float, float]]] = {}
    for step in STEPS:
        costs = []
        for path in (run.folder / "run" / "facts").glob(f"{step}-*.npz"):
            with np.load(path, allow_pickle=False) as kept:
                costs.append(json.loads(str(kept["plain"]))["cost"])
            ends.setdefault(step, []).append((path.stat().st_mtime, costs[-1]["seconds"]))
        if costs:
            told[step] = {
                "partitions": len(costs),
                "seconds": round(sum(cost["seconds"] for cost in costs), 2),
                "peak MiB": max(cost["peak_bytes"] for cost in costs) >> 20,
            }
    began = min(end - seconds for end, seconds in ends["assign"])
    return told | {"fit": {"seconds": round(began - max(end for end, _ in ends["draw"]), 2)}}


def members_of(run: Run) -> pd.DataFrame:
    """Read which topic each paper is in, by paper_id in ascending order."""
    paths = sorted((run.folder / "run" / "members").glob("**/*.parquet"))
    columns = ["topic_id", "similarity"]
    return pd.concat([pd.read_parquet(path, columns=columns) for path in paths]).sort_index()


def members_hash(run: Run) -> str:
    """Give a hash of the topic and similarity of every paper."""
    members = members_of(run)
    found = hashlib.sha256(" ".join(members.index).encode())
    for name in members.columns:
        found.update(members[name].to_numpy().tobytes())
    return found.hexdigest()[:16]


def bytes_of(run: Run) -> dict[str, int]:
    """Tell the bytes of each folder that a run leaves."""
    told: dict[str, int] = {}
    for path in (run.folder / "run").rglob("*"):
        if path.is_file():
            kind = path.relative_to(run.folder / "run").parts[0]
            told[kind] = told.get(kind, 0) + path.stat().st_size
    return told


def differing(outcomes: Sequence[dict[str, Any]]) -> list[str]:
    """Name what is not the same in all outcomes: tables, the report, the topics of papers."""
    names = [*outcomes[0]["hashes"], "members"]
    said = [outcome["hashes"] | {"members": outcome["members"]} for outcome in outcomes]
    return [name for name in names if len({one[name] for one in said}) > 1]
