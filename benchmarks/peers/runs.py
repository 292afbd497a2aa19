"""Runs of one tool on one corpus: each a process of its own, each kept, so that a benchmark can go on."""

import hashlib
import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import corpora
from benchmarks.environments import ROOT, WORK
from benchmarks.peers.environments import PEERS, model_folder, python_of, variables

KEPT = WORK / "peers"
LIMIT = {"main": 2 * 60 * 60, "curve": 3 * 60 * 60, "protocol": 60 * 60, "steady": 60 * 60}
"""Seconds after which a run is given up; further runs of that tool on those papers are then left out."""
MOST_MEMORY = 20 * 1024**3

# Seconds for 1,000 papers on two cores, of a main run and of a sweep, until a run of the tool says better.
ROUGH = {
    "encode": (45, 45),
    "trends": (45, 60),
    "trends-exact": (60, 90),
    "bertopic": (25, 60),
    "top2vec": (40, 40),
    "topeax": (40, 100),
    "keynmf": (30, 60),
    "gmm": (20, 60),
    "fastopic": (30, 150),
    "evoc": (15, 30),
}


@dataclass(frozen=True)
class Wanted:
    """One run: which tool, on which papers, asked for what."""

    peer: str
    corpus: str
    n_papers: int | None
    seed: int
    asked: tuple
    part: str
    """"main" (timed), "curve", "protocol" or "steady"."""
    options: tuple[tuple[str, Any], ...] = ()
    encode_each: bool = False
    draw: int | None = None
    """The seed that draws nine tenths of the papers; all of them by default."""

    @property
    def name(self) -> str:
        """A readable name for messages and files."""
        return f"{papers_name(self.corpus, self.n_papers, self.draw)}-{self.peer}-{self.part}-{self.seed}"

    @property
    def path(self) -> Path:
        """Where the outcome is kept; another question, version or adapter is another run."""
        peer = PEERS.get(self.peer)
        code = (ROOT / "benchmarks/peers/adapters" / f"{peer.adapter if peer else self.peer}.py").read_bytes()
        told = json.dumps([self.asked, self.options, self.encode_each, peer.package if peer else ""])
        ours = own_code() if self.is_ours else ""
        key = hashlib.sha256(told.encode() + code + ours.encode()).hexdigest()[:10]
        return KEPT / "runs" / f"{self.name}-{key}.json"

    @property
    def is_ours(self) -> bool:
        """Whether it is this project's."""
        return self.peer.startswith("trends")

    def outcome(self) -> dict[str, Any] | None:
        """Read the outcome if the run was made before; one that failed has an `error`."""
        lost = self.peer == "encode" and not embeddings_of(self.corpus, self.n_papers).exists()
        if lost or not self.path.exists():
            return None
        return json.loads(self.path.read_text(encoding="utf-8"))


def own_code() -> str:
    """Give a hash of this project's code: what was found with other code is found anew."""
    sources = sorted((ROOT / "trends").rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def warm_cache() -> Path:
    """Give a cache folder in which texts stay encoded; all else is dropped when the code has changed."""
    folder = KEPT / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    made_by = folder / "code"
    if not made_by.exists() or made_by.read_text(encoding="utf-8") != own_code():
        for path in folder.iterdir():
            if path.is_dir() and path.name != "vectors":
                shutil.rmtree(path)
        made_by.write_text(own_code(), encoding="utf-8")
    return folder


def papers_name(corpus: str, n_papers: int | None, draw: int | None = None) -> str:
    """Name papers for files."""
    return f"{corpus}-{n_papers or 'all'}" + ("" if draw is None else f"-draw{draw}")


def embeddings_of(corpus: str, n_papers: int | None) -> Path:
    """Say where the embeddings that peers share are kept."""
    return KEPT / "embeddings" / f"{papers_name(corpus, n_papers)}.npy"


def embeddings_of_draw(corpus: str, n_papers: int | None, draw: int) -> Path:
    """Write the shared embeddings of a draw's papers, once."""
    path = KEPT / "embeddings" / f"{papers_name(corpus, n_papers, draw)}.npy"
    every = embeddings_of(corpus, n_papers)
    if not path.exists() or path.stat().st_mtime < every.stat().st_mtime:
        rows = np.load(every)
        part = path.with_name(f"{path.stem}.part.npy")
        np.save(part, rows[corpora.drawn(len(rows), draw)])
        part.replace(path)
    return path


def texts_of(corpus: str, n_papers: int | None, draw: int | None = None) -> Path:
    """Write the texts that every tool reads, once; one JSON object a line."""
    path = KEPT / "texts" / f"{papers_name(corpus, n_papers, draw)}.jsonl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = corpora.read(corpus, n_papers)
        if draw is not None:
            rows = [rows[place] for place in corpora.drawn(len(rows), draw)]
        lines = (json.dumps(row | {"text": corpora.text(row)}) + "\n" for row in rows)
        part = path.with_suffix(".part")
        part.write_text("".join(lines), encoding="utf-8")
        part.replace(path)
    return path


def make(wanted: Wanted, python: Path | None = None) -> dict[str, Any]:
    """Run it in a process of its own, keep the outcome and return it; a failure is an outcome too."""
    found = python or python_of(wanted.peer)
    if not isinstance(found, Path):
        return {"error": f"could not be installed: {found}"}
    path = wanted.path
    path.parent.mkdir(parents=True, exist_ok=True)
    shared = embeddings_of(wanted.corpus, wanted.n_papers)
    shared.parent.mkdir(parents=True, exist_ok=True)
    given = wanted.peer != "encode" and not wanted.is_ours and not wanted.encode_each
    if given and not shared.exists():
        return {"error": "there are no embeddings, because encoding failed"}
    embeddings = shared
    if given and wanted.draw is not None:
        embeddings = embeddings_of_draw(wanted.corpus, wanted.n_papers, wanted.draw)
    task = {
        "texts": str(texts_of(wanted.corpus, wanted.n_papers, wanted.draw)),
        "embeddings": str(embeddings) if given else None,
        "embeddings out": str(shared),
        "model": model_folder(found),
        "asked": list(wanted.asked),
        "options": dict(wanted.options),
        "seed": wanted.seed,
        "memory": MOST_MEMORY,
        "out": str(path),
        "began": time.time(),
    }
    peer = PEERS.get(wanted.peer)
    adapter = peer.adapter if peer else wanted.peer
    # The main run of this project starts with nothing kept; its sweeps need not encode again each time.
    cold = wanted.is_ours and wanted.part == "main" and wanted.seed == 0
    cache = Path(tempfile.mkdtemp(prefix="trends-cold-")) if cold else warm_cache()
    log = path.with_suffix(".log")
    try:
        asked = path.with_suffix(".task")
        asked.write_text(json.dumps(task), encoding="utf-8")
        with log.open("w", encoding="utf-8") as told:
            done = subprocess.run(
                [str(found), "-m", f"benchmarks.peers.adapters.{adapter}", str(asked)],
                cwd=ROOT,
                env=variables() | {"TRENDS_CACHE": str(cache)},
                stdout=told,
                stderr=subprocess.STDOUT,
                timeout=LIMIT[wanted.part],
            )
        failed = f"it ended with {done.returncode}" if done.returncode else ""
    except subprocess.TimeoutExpired:
        failed = f"given up after {LIMIT[wanted.part] // 60} minutes"
    finally:
        if cold:
            shutil.rmtree(cache, ignore_errors=True)
    if failed or not path.exists():
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        outcome = {"error": f"{failed}: {lines[-1][:200] if lines else 'no word'}"}
        path.write_text(json.dumps(outcome), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def expected(wanted: Wanted, known: dict[tuple[str, str], list[tuple[int, float]]], n_papers: int) -> float:
    """Guess a run's seconds: from runs of the tool on other sizes, else from a rough table, by papers."""
    runs = known.get((wanted.peer, wanted.part))
    if runs:
        size, seconds = min(runs, key=lambda run: abs(run[0] - n_papers))
        return seconds * (n_papers / size) ** 1.1
    main, sweep = ROUGH.get(wanted.peer, (60, 120))
    return (main if wanted.part == "main" else sweep) * n_papers / 1_000
