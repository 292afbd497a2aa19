"""From measured runs to a model: processor seconds = a + b n, bytes per paper, and money for millions."""

from typing import Any

import numpy as np

PRICE = 0.05
"""US dollars for an hour of one core with 4 GiB: about what clouds ask on demand; stated, not asked."""

WANTED = {"1 M": 1_000_000, "3 M": 3_000_000, "250 M": 250_000_000}

PARTITION = 50_000
"""Papers of a partition."""

HASHES, HASHING = 170.0, 0.5e-6
"""Bytes and processor seconds of the main process for each entry, while it looks for papers that come twice;
measured to 8,000,000 entries. In smaller runs the topics take more memory, later, so that no run shows it."""

HOURS = 1.0
"""The cluster is reckoned for work by partitions that takes so long."""

WORKER_STEPS = ("survey", "read", "send", "merge", "draw", "assign")


def per_paper(told: dict[str, Any], n_papers: int) -> dict[str, float]:
    """Tell what a paper cost in a run: by step on the clock, of the workers' processors, in bytes kept."""
    steps = {
        f"{step}, µs": round(1e6 * told["steps"][step]["seconds"] / n_papers, 1)
        for step in WORKER_STEPS
        if step in told["steps"]
    }
    return steps | {
        "workers, processor µs": round(1e6 * sum(told["processor seconds"]["workers"]) / n_papers, 1),
        "main process, seconds": told["processor seconds"]["main"],
        "main process, MiB": told["peak MiB"]["main"],
        "a worker, MiB": max(told["peak MiB"]["workers"], default=0),
        "bytes kept": round(sum(told["bytes"].values()) / n_papers, 1),
    }


def line(sizes: list[int], values: list[float]) -> tuple[float, float]:
    """Fit value = a + b n, by relative errors, so that the small runs count as much as the large ones.

    Neither is below nothing: where two runs cost the same, the noise between them is no gain by size.
    """
    from scipy.optimize import nnls

    wanted = np.asarray(values, dtype=float)
    weights = 1 / np.maximum(wanted, 1e-9)
    largest = max(sizes)
    design = np.column_stack([np.ones(len(sizes)), np.asarray(sizes, dtype=float) / largest])
    (start, each), _ = nnls(design * weights[:, None], wanted * weights)
    return float(start), float(each) / largest


def model(runs: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Fit the cost over corpora of which the sample is only a part, and reckon larger ones.

    The work by partitions grows with the papers. The main process finds the topics, which costs the same for
    any corpus larger than the sample, and adds up what the partitions tell.
    """
    sizes = [size for size in sorted(runs) if size > PARTITION]
    if len(sizes) < 2:
        return {}
    told = [runs[size] for size in sizes]
    start, each = line(sizes, [sum(one["processor seconds"]["workers"]) for one in told])
    fit, reduce = line(sizes, [one["processor seconds"]["main"] for one in told])
    memory = max(one["peak MiB"]["main"] for one in told)
    worker = max(max(one["peak MiB"]["workers"]) for one in told)
    kept = sum(told[-1]["bytes"].values()) / sizes[-1]
    return {
        "fitted to": sizes,
        "workers, processor seconds": {"a": round(start, 1), "b, µs": round(1e6 * each, 1)},
        "main process, processor seconds": {"a": round(fit, 1), "b, µs": round(1e6 * reduce, 1)},
        "main process, MiB": memory,
        "a worker, MiB": worker,
        "bytes kept, a paper": round(kept),
        "price of a core hour, USD": PRICE,
        "reckoned": {
            name: reckoned(n, each, fit, max(reduce, HASHING), memory, worker, kept)
            for name, n in WANTED.items()
        },
    }


def reckoned(
    n_papers: int,
    each: float,
    fit: float,
    reduce: float,
    memory: float,
    worker: float,
    kept: float,
) -> dict[str, Any]:
    """Reckon what a corpus takes: core hours, the workers that do it in an hour, memory, disk and money."""
    work, main = each * n_papers, fit + reduce * n_papers
    workers = max(1, int(np.ceil(work / 3600 / HOURS)))
    wall = work / workers + main
    return {
        "papers": n_papers,
        "core hours by partitions": round(work / 3600, 1),
        "hours of the main process": round(main / 3600, 2),
        "workers": workers,
        "wall, hours": round(wall / 3600, 2),
        "memory of a worker, GiB": round(worker / 1024, 1),
        "memory of the main process, GiB": round(max(memory / 2**10, HASHES * n_papers / 2**30), 1),
        "disk, GB": round(kept * n_papers / 1e9),
        # Every core is paid for until the end, also while the main process works alone.
        "money, USD": round((workers + 1) * wall / 3600 * PRICE, 2),
    }
