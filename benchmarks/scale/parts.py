"""The parts of the measurement: a million papers, equal results, killed workers and runs, the cost curve."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.scale.corpus import theme_of_papers
from benchmarks.scale.costs import model, per_paper
from benchmarks.scale.judging import topics_judged, trends_judged
from benchmarks.scale.peer import LARGE, compared
from benchmarks.scale.runs import Run, corpus_of, differing, make, members_of

N_SAME, SAMPLE_SAME = 10_000, 2_500
"""Papers of the runs that must be equal, and of their samples, which most of them are not in."""

CALM = Run("calm", N_SAME, 2, 64, sample=SAMPLE_SAME, words=True, known=True)

CUTS = ((1, 0), (1, 1), (7, 1), (64, 1), (1, 2), (7, 2), (64, 2))
"""Partitions and worker processes; 0 is no cluster at all."""


def million(n_papers: int = 1_000_000) -> dict[str, Any]:
    """Run the flow on two workers; tell its cost and how much of what was planted it found.

    The same papers in one partition and one process, the one-machine path, must give the same tables.
    """
    run = Run(f"million-{n_papers}", n_papers)
    told = make(run)
    if "error" in told:
        return told
    alone = make(Run(f"alone-{n_papers}", n_papers, n_workers=0, n_partitions=1))
    return told | judged(run) | {"beside one process": compare({"two workers": told, "alone": alone})}


def judged(run: Run) -> dict[str, Any]:
    """Tell how much of what was planted a finished run found."""
    theme = theme_of_papers(corpus_of(run.n_papers))
    return {"found": topics_judged(members_of(run)["topic_id"], theme), "trends": trends_judged(run)}


def same(n_papers: int = N_SAME) -> dict[str, Any]:
    """Run the same papers in every cut; name what differs."""
    told = {}
    for n_partitions, n_workers in CUTS:
        name = f"{n_partitions} partitions, {n_workers} workers"
        run = replace(
            CALM,
            name=f"same-{n_partitions}-{n_workers}",
            n_papers=n_papers,
            n_workers=n_workers,
            n_partitions=n_partitions,
        )
        told[name] = make(run)
    return {"papers": n_papers, "sample": SAMPLE_SAME} | compare(told)


def compare(told: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Name what differs between outcomes, and tell what each took."""
    errors = {name: one["error"] for name, one in told.items() if "error" in one}
    whole = [one for one in told.values() if "error" not in one]
    return {
        "runs": {name: brief(one) for name, one in told.items() if name not in errors},
        "errors": errors,
        "differing": differing(whole) if len(whole) > 1 else [],
        "hashes": whole[0]["hashes"] | {"members": whole[0]["members"]} if whole else {},
    }


def brief(told: dict[str, Any]) -> dict[str, Any]:
    """Keep of an outcome what the comparison of runs shows."""
    return {name: told[name] for name in ("wall", "processor seconds", "peak MiB", "killed")}


def killed(n_papers: int = N_SAME) -> dict[str, Any]:
    """Kill a worker twice; kill a whole run in three places and let it go on; name what differs."""
    calm = replace(CALM, name="kill-calm", n_papers=n_papers)
    workers = replace(calm, name="kill-workers", kills=(("read", 16), ("assign", 16)))
    told = {"not killed": make(calm), "a worker killed twice": make(workers)}
    kept: dict[str, Any] = {}
    for step in ("read", "merge", "assign"):
        run = replace(calm, name=f"kill-run-{step}")
        stopped = make(run, stop_after=(step, 32))
        before = written(run.folder / "run")
        name = f"run killed after 32 of {step}, and resumed"
        told[name] = make(run, again=True)
        after = written(run.folder / "run")
        kept[name] = {
            "code": stopped["code"],
            "steps finished before": len(before),
            "of them done again": sum(after.get(path) != when for path, when in before.items()),
            "steps in all": len(after),
        }
    return {"papers": n_papers, "sample": SAMPLE_SAME, "resumed": kept} | compare(told)


def written(folder: Path) -> dict[str, int]:
    """Tell when each finished step of a run was written."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "facts").glob("*.npz")}


def curve(most: int = 1_000_000) -> dict[str, Any]:
    """Tell what a paper costs from ten thousand papers to a million, and on one worker and two.

    The student is held to words at every size, as it is by itself above 100,000 papers: below, it also reads
    the beginning of each, which is another cost and not a matter of scale. Runs that are kept, that of
    `million` among them, are not made again; remove their folders to have them anew.
    """
    sizes = [size for size in (10_000, 100_000, 1_000_000) if size <= most]
    told: dict[str, Any] = {}
    for size in sizes:
        name = f"million-{size}" if size == 1_000_000 else f"curve-{size}"
        told[f"{size}"] = kept_or_made(Run(name, size, words=True))
    runs = {
        name: kept_or_made(Run(f"workers-{size}-{n}", size, n, 8, sample=sizes[0], words=True))
        for name, size, n in (
            ("strong, 1 worker", sizes[0] * 10, 1),
            ("strong, 2 workers", sizes[0] * 10, 2),
            ("weak, 1 worker", sizes[0] * 5, 1),
        )
    }
    costs = {size: per_paper(one, int(size)) for size, one in told.items() if "error" not in one}
    return {
        "per paper": costs,
        "workers": {
            name: one if "error" in one else brief(one) | {"steps": one["steps"]}
            for name, one in runs.items()
        },
        "model": model({int(size): one for size, one in told.items() if "error" not in one}),
    }


def kept_or_made(run: Run) -> dict[str, Any]:
    """Tell of a run that is kept, or make it."""
    kept = run.folder / "told.json"
    return json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else make(run)


def peer(n_papers: int = LARGE) -> dict[str, Any]:
    """Run BERTopic's online topics beside this project."""
    return compared(n_papers)
