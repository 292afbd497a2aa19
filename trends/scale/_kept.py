"""What a step of a partition leaves behind: one file of facts, written last, whose presence means done."""

import io
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from trends.core.files import Folder

FORMAT = 1
"""Raised when the same partition would leave something else."""


def facts_name(step: str, name: str) -> str:
    """Return the name of the file of facts of a step of a partition."""
    return f"facts/{step}-{name}.npz"


def is_done(folder: Folder, step: str, name: str) -> bool:
    """Tell whether a step of a partition was finished, now or by an earlier run."""
    return folder.has(facts_name(step, name))


def facts_of(folder: Folder, step: str, name: str) -> dict[str, Any]:
    """Return the facts of a finished step: arrays by name, and plain values."""
    with np.load(io.BytesIO(folder.get(facts_name(step, name))), allow_pickle=False) as kept:
        found: dict[str, Any] = {key: kept[key] for key in kept.files if key != "plain"}
        return found | json.loads(str(kept["plain"]))


@contextmanager
def finishing(folder: Folder, step: str, name: str) -> Iterator[dict[str, Any]]:
    """Give a mapping to put facts in, arrays or plain values, kept once the block ends without an error.

    What the step took is told beside them: seconds, and the most memory that its process ever had.
    """
    begun = time.perf_counter()
    facts: dict[str, Any] = {}
    yield facts
    arrays = {key: value for key, value in facts.items() if isinstance(value, np.ndarray)}
    plain = {key: value for key, value in facts.items() if key not in arrays}
    plain["cost"] = {
        "seconds": round(time.perf_counter() - begun, 3),
        "peak_bytes": _peak(),
        "process": os.getpid(),
    }
    out = io.BytesIO()
    np.savez(out, plain=np.array(json.dumps(plain, ensure_ascii=False)), **arrays)  # type: ignore[arg-type]
    folder.put(facts_name(step, name), out.getvalue())


def _peak() -> int:
    """Return the most bytes that this process ever had; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most if sys.platform == "darwin" else most * 1024)
