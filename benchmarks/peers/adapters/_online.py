"""What every adapter of the weekly replay does alike: hand batches over, ask for topics, count seconds.

The task's `ends` says up to which paper each batch goes; the first is the first fit. Papers of a batch that
is too small for a tool wait for the next. The outcome is an .npz: `kept`, the topics that the tool's
documentation says to keep, and `asked`, those that it gives when asked again about all papers so far (steps x
papers, -9 where there is none yet), and the processor seconds of every step.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from benchmarks.peers.adapters._run import Run

UNKNOWN = -9


class Tool(Protocol):
    """A tool that takes papers in, batch by batch; papers are places in `run.texts`."""

    least: int
    """The smallest batch that it can take."""
    told: dict[str, Any]
    """What else is to be told."""

    def take(self, papers: range) -> None:
        """Learn from these papers."""
        ...

    def kept(self) -> Sequence[int]:
        """Give the topics of all papers taken so far, as its documentation says to keep them."""
        ...

    def ask(self, n_papers: int) -> Sequence[int]:
        """Give the topics of the first so many papers, asked for now."""
        ...


def replay(run: Run, tool: Tool, version: str, reading: list[float] | None = None) -> None:
    """Hand the batches over and write the outcome; `reading` adds up what the encoder takes meanwhile."""
    ends: list[int] = run.task["ends"]
    n_papers = len(run.texts)
    kept = np.full((len(ends), n_papers), UNKNOWN, dtype=np.int16)
    asked = kept.copy()
    taking, asking, read = (np.zeros(len(ends)) for _ in range(3))
    taken = 0
    for step, end in enumerate(ends):
        before = sum(reading or ())
        began = time.process_time()
        if end - taken >= tool.least or end == ends[-1]:
            tool.take(range(taken, end))
            taken = end
        done = time.process_time()
        read[step] = sum(reading or ()) - before
        taking[step] = done - began - read[step]
        kept[step, :taken] = tool.kept()
        asked[step, :taken] = tool.ask(taken)
        asking[step] = time.process_time() - done
        print(step, end, round(taking[step], 2), round(asking[step], 2), flush=True)
    out = Path(run.task["out"])
    part = out.with_suffix(".part.npz")
    told = json.dumps(tool.told | {"version": version})
    np.savez_compressed(part, kept=kept, asked=asked, taking=taking, asking=asking, reading=read, told=told)
    part.replace(out)
