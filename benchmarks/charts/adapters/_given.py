"""What every adapter is handed: papers, their topics and places, and where to write.

    python -m benchmarks.charts.adapters.NAME GIVEN OUT

Runs in a peer's environment, so it needs nothing but Python. Each adapter writes HTML files into the
folder OUT, and `made.json` with the tool's version and what did not work.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Given:
    """One corpus with its topics, the same for every tool."""

    def __init__(self) -> None:
        self.folder, self.out = (Path(name) for name in sys.argv[1:3])
        with (self.folder / "papers.jsonl").open(encoding="utf-8") as lines:
            self.papers: list[dict[str, Any]] = [json.loads(line) for line in lines]
        topics = json.loads((self.folder / "topics.json").read_text(encoding="utf-8"))
        self.labels: dict[int, str] = {int(topic): label for topic, label in topics["labels"].items()}
        self.periods: list[str] = topics["periods"]
        self.popularity = {int(topic): row for topic, row in topics["popularity"].items()}
        self.failed: dict[str, str] = {}
        self.out.mkdir(parents=True, exist_ok=True)

    def column(self, name: str) -> list[Any]:
        """Give one field of all papers."""
        return [paper[name] for paper in self.papers]

    def draw(self, name: str, make: Callable[[Path], Any]) -> None:
        """Let a tool write one chart; a failure is kept with its message and the next one is drawn."""
        try:
            make(self.out / f"{name}.html")
        except Exception as error:  # any failure of a peer is a finding
            self.failed[name] = f"{type(error).__name__}: {error}"[:300]

    def finish(self, **facts: str) -> None:
        """Write what was made."""
        told = json.dumps({**facts, "failed": self.failed}, indent=1)
        (self.out / "made.json").write_text(told, encoding="utf-8")
