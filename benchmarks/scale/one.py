"""One run of `trends.scale`, in a process of its own.

    python -m benchmarks.scale.one TASK.json

The task names the source, the run's folder, how many workers and partitions there are, after what a worker
is killed, and where the report and the outcome go.
"""

import hashlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from trends.core import cache

MEMORY = "9GiB"
"""What Dask lets each worker have."""


@contextmanager
def workers(n_workers: int, folder: Path, kills: list[list[Any]], killed: list[float]) -> Iterator[Any]:
    """Give a client of so many worker processes of one thread, or None; workers are killed as told."""
    if not n_workers:
        yield None
        return
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=MEMORY,
            dashboard_address=None,
        ) as cluster,
        Client(cluster) as client,
    ):
        done = threading.Event()
        killer = threading.Thread(target=kill, args=(cluster, folder, kills, killed, done), daemon=True)
        killer.start()
        try:
            yield client
        finally:
            done.set()
            killer.join()


def kill(
    cluster: Any, folder: Path, kills: list[list[Any]], killed: list[float], done: threading.Event
) -> None:
    """Kill a worker each time that so many partitions have gone through a step."""
    for step, n_finished in kills:
        while finished(folder, step) < n_finished:
            if done.wait(0.02):
                return
        nannies = [nanny for nanny in cluster.workers.values() if nanny.pid]
        os.kill(nannies[len(killed) % len(nannies)].pid, signal.SIGKILL)
        killed.append(round(time.time(), 2))


def finished(folder: Path, step: str) -> int:
    """Count the partitions that have gone through a step of a run."""
    return sum(1 for _ in folder.glob(f"facts/{step}-*.npz"))


def table_hash(table: pd.DataFrame) -> str:
    """Give a hash of what a table says."""
    return hashlib.sha256(table.to_csv().encode()).hexdigest()[:16]


def main() -> None:
    """Run and tell."""
    from trends import scale
    from trends.embeddings._minilm import MiniLM

    task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder, report = Path(task["folder"]), Path(task["report"])
    if task.get("words"):
        MiniLM.most_glanced = 0
    began, killed = time.perf_counter(), []
    options = {name: task[name] for name in ("n_partitions", "sample") if task.get(name) is not None}
    with workers(task["workers"], folder, task.get("kills") or [], killed) as client:
        started = time.perf_counter()
        study = scale.run(task["source"], folder, client=client, seed=0, **options)
        ran = time.perf_counter()
        study.report(report)
        reported = time.perf_counter()
    tables = {
        "counts": study.counts.table,
        "periods": study.counts.periods,
        "topics": study.topics.table,
        "calls": study.trends.calls,
        "bursts": study.trends.bursts,
    }
    kept = Path(task["out"]).parent
    for name, table in tables.items():
        table.reset_index().to_parquet(kept / f"{name}.parquet")
    cache.write_json(
        Path(task["out"]),
        {
            "seconds": {
                "cluster": round(started - began, 2),
                "run": round(ran - started, 2),
                "report": round(reported - ran, 2),
            },
            "killed": len(killed),
            "every": study.counts.every,
            "n_topics": len(study.topics.table),
            "report bytes": report.stat().st_size,
            "hashes": {name: table_hash(table) for name, table in tables.items()}
            | {"report": hashlib.sha256(report.read_bytes()).hexdigest()[:16]},
        },
    )


if __name__ == "__main__":
    main()
