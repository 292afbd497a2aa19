"""What every adapter does alike: read the task, time the stages, write the outcome.

    python -m benchmarks.peers.adapters.NAME TASK.json

Runs in a peer's environment, so it needs nothing but Python and numpy. The task names files of texts and,
if they were encoded before, of their embeddings; `asked` lists the fits to make: null for the tool as its
users run it, a number of topics, or settings of the tool by name. The outcome holds, for each fit, a topic
per paper, the topics' words and the labels shown to users; and seconds by stage, processor seconds and
the peak memory of the process.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

TOP = 10
SHOWN = 4
"""Words of a topic that stand for its label where the tool has none, as many as in BERTopic's names."""


class Run:
    """One task: its texts and embeddings, the seconds of its stages, and what came out."""

    def __init__(self) -> None:
        self.task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        if limit := self.task.get("memory"):
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        with Path(self.task["texts"]).open(encoding="utf-8") as lines:
            self.rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
        self.texts: list[str] = [row["text"] for row in self.rows]
        kept = self.task.get("embeddings")
        self.embeddings = np.load(kept) if kept else None
        self.asked: list[Any] = self.task["asked"]
        self.options: dict[str, Any] = self.task.get("options") or {}
        self.seed: int = self.task["seed"]
        self.seconds: dict[str, float] = {}
        self.fits: list[dict[str, Any]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add what happens inside to a stage's seconds."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def timed(self, owner: Any, method: str, stage: str) -> None:
        """Add the seconds of a method of an object to a stage, wherever the tool calls it."""
        inner = getattr(owner, method)

        def call(*given: Any, **named: Any) -> Any:
            with self.stage(stage):
                return inner(*given, **named)

        setattr(owner, method, call)

    def encoder(self) -> Any:
        """Load MiniLM from its folder, as the tools' users load it from the hub."""
        from sentence_transformers import SentenceTransformer

        made = SentenceTransformer(self.task["model"], local_files_only=True)
        return made.bfloat16() if self.options.get("precision") == "bfloat16" else made

    def vectors(self, encoder: Any) -> np.ndarray:
        """Give the texts' embeddings: those made before, else made now."""
        if self.embeddings is None:
            with self.stage("encode"):
                self.embeddings = encoder.encode(self.texts, show_progress_bar=False)
        return self.embeddings

    def keep(
        self,
        asked: Any,
        labels: Sequence[Any],
        words: Sequence[Sequence[str]] | None,
        shown: Sequence[str] | None = None,
        **more: Any,
    ) -> None:
        """Keep a fit: topics per paper (-1 unassigned), and per topic its best words and its label."""
        first = None if words is None else [[str(word) for word in topic[:TOP]] for topic in words]
        if shown is None and first is not None:
            shown = [" ".join(topic[:SHOWN]) for topic in first]
        self.fits.append(
            {
                "asked": asked,
                "labels": [int(label) for label in labels],
                "words": first,
                "shown": None if shown is None else [str(label) for label in shown],
            }
            | more
        )

    def write(self, version: str) -> None:
        """Write the outcome; whatever comes after is not counted."""
        spent = os.times()
        seconds = time.time() - self.task["began"]
        # What no stage claims: reading the texts, starting Python, handing tables about.
        self.seconds["other"] = max(seconds - sum(self.seconds.values()), 0.0)
        outcome = {
            "version": version,
            "seconds": {"total": seconds} | self.seconds,
            "processor seconds": spent.user + spent.system + spent.children_user + spent.children_system,
            "peak memory": peak(),
            "fits": self.fits,
        }
        out = Path(self.task["out"])
        part = out.with_suffix(".part")
        part.write_text(json.dumps(outcome), encoding="utf-8")
        part.replace(out)


def peak() -> int:
    """Give the largest memory of this process in bytes; getrusage would begin with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def without_number(name: str) -> str:
    """Give a label such as "3_token_pruning" as a reader takes it: without its number."""
    return " ".join(part for part in name.split("_")[1:] if part)
