"""How peers take in the weeks that `benchmarks.replay` takes in: whether topics stay, and what it costs.

    python -m benchmarks.peers.online [--tools NAME...] [--again]

BERTopic's `merge_models` by week and by four weeks, its `partial_fit`, and turftopic's KeyNMF by
`partial_fit`, each as its own documentation has it, on Daily Papers: those before 2025 first, then 85 weeks.
All read the same text and the same MiniLM vectors, encoded once (half precision) and not counted. Then the
same papers with their dates dealt out anew at random, where nothing may step when the second half begins.
Runs are kept in the folder of `benchmarks.environments`; what was found goes to `results/replay.json` under
"peers".
"""

import argparse
import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.environments import ROOT, WORK
from benchmarks.peers.environments import model_folder, python_of, variables
from benchmarks.replay import RESULTS, dealt, early, keep, loaded, weeks_of
from benchmarks.steadiness import FIRST, LATER, agreement, judged, late_share, seams
from trends.core.words import documents

KEPT = WORK / "peers" / "online"
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "NUMBA")}
HALF = (("precision", "bfloat16"),)
BATCH = 400
"""Papers a batch in the second half of those dealt at random: about four weeks."""


@dataclass(frozen=True)
class Taken:
    """A tool, and by what batches it takes papers in."""

    name: str
    adapter: str
    weeks: int = 1
    """How many weeks make a batch."""
    options: tuple[tuple[str, Any], ...] = ()


TOOLS = (
    Taken("BERTopic merge_models, by week", "online_merge"),
    Taken("BERTopic merge_models, by 4 weeks", "online_merge", 4),
    Taken("BERTopic merge_models at .9, by 4 weeks", "online_merge", 4, (("min_similarity", 0.9),)),
    Taken("BERTopic partial_fit, by week", "online_partial"),
    Taken("KeyNMF partial_fit, by week", "online_keynmf", options=HALF),
)


def corpus(order: str) -> tuple[Path, Path, list[int]]:
    """Write texts and vectors in order of date, or as dealt; give their files and where batches end."""
    papers = loaded()
    if order == "dealt":
        papers = dealt(papers)
        half = early(papers)
        ends = [half, *range(half + BATCH, len(papers), BATCH), len(papers)]
    else:
        ends = [int((papers["date"] < monday).sum()) for monday in weeks_of()]
    KEPT.mkdir(parents=True, exist_ok=True)
    texts, vectors = KEPT / f"{order}.jsonl", KEPT / f"{order}.npy"
    lines = (json.dumps({"text": text}) + "\n" for text in documents(papers))
    texts.write_text("".join(lines), encoding="utf-8")
    if order == "dated" and not vectors.exists():
        made = job("encode", texts, None, [], dict(HALF), vectors)
        print(f"encoded: {made['processor seconds']:.0f} processor seconds", flush=True)
    if order == "dealt":
        place = {paper: row for row, paper in enumerate(loaded().index)}
        np.save(vectors, np.load(corpus("dated")[1])[[place[paper] for paper in papers.index]])
    return texts, vectors, ends


def job(
    adapter: str, texts: Path, vectors: Path | None, ends: list[int], options: dict[str, Any], out: Path
) -> dict[str, Any]:
    """Run an adapter in the peers' environment with one thread; give what it wrote, if that is JSON."""
    python = python_of("bertopic")
    if not isinstance(python, Path):
        raise SystemExit(f"The peers' environment could not be made: {python}")
    encoding = vectors is None
    answer = out.with_suffix(".json") if encoding else out
    task = {
        "texts": str(texts),
        "embeddings": str(vectors) if vectors else None,
        "embeddings out": str(out),
        "model": model_folder(python),
        "asked": [],
        "ends": ends,
        "options": options,
        "seed": 0,
        "out": str(answer),
        "began": time.time(),
    }
    asked = out.with_suffix(".task")
    asked.write_text(json.dumps(task), encoding="utf-8")
    with out.with_suffix(".log").open("w", encoding="utf-8") as log:
        subprocess.run(
            [str(python), "-m", f"benchmarks.peers.adapters.{adapter}", str(asked)],
            cwd=ROOT,
            env=variables() | ONE_THREAD | {"TQDM_DISABLE": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
        )
    return json.loads(answer.read_text(encoding="utf-8")) if encoding else {}


def answers(tool: Taken, order: str, again: bool) -> dict[str, np.ndarray]:
    """Let a tool take the papers in, unless it did before; give what it answered at every step."""
    texts, vectors, ends = corpus(order)
    if order == "dated":
        ends = [*ends[: -1 : tool.weeks], ends[-1]]
    out = KEPT / f"{tool.name.replace(' ', '-').replace(',', '')}-{order}.npz"
    if again or not out.exists():
        job(tool.adapter, texts, vectors, ends, dict(tool.options), out)
    with np.load(out) as kept:
        return {name: kept[name] for name in kept.files} | {"ends": np.array(ends)}


def told(tool: Taken, found: dict[str, np.ndarray]) -> dict[str, Any]:
    """Give the figures of a replay by date."""
    n_first = int(found["ends"][0])
    more = json.loads(str(found["told"]))
    born = more.pop("born", None)
    return {
        "batches": len(found["ends"]) - 1,
        "CPU seconds": {
            "first fit": round(float(found["taking"][0]), 1),
            "updates": round(float(found["taking"][1:].sum()), 1),
            "reading words": round(float(found["reading"].sum()), 1),
            "asking": round(float(found["asking"].sum()), 1),
        },
        **{
            name: judged(found[name]) | {LATER: late_share(found[name], n_first)}
            for name in ("kept", "asked")
        },
        "asked at the end as kept": agreement(found["kept"][-1], found["asked"][-1]),
        FIRST: agreement(found["kept"][0, :n_first], found["asked"][-1, :n_first]),
        **({"topics born": {"sum": sum(born), "batches with one": sum(n > 0 for n in born)}} if born else {}),
    } | more


HEAD = """\
| | batches | CPU s, all | topics | stored: keep their id | asked again: same id | asked again: AMI | \
first papers: same id at the end | unassigned, first and later papers |
|---|---|---|---|---|---|---|---|---|"""
SEAMS = """\
| dates dealt at random | topics that step | largest \\|z\\| | unassigned, early and late | z |
|---|---|---|---|---|"""


def table(found: dict[str, Any]) -> str:
    """Give the replay's figures as a table of Markdown, ours and a study from nothing beside the peers."""
    anew = found["scratch"]
    cpu = anew["CPU seconds"]
    spent = cpu["update"]["sum"] + cpu["refit"]["sum"]
    anew_spent = anew["scratch, CPU"]["measured, sum"]
    ways = (
        ("trends", spent, "ours by week"),
        ("trends, looked at every 8 weeks", spent, "ours by eight weeks"),
        ("a study from nothing every 8 weeks", anew_spent, "from nothing by eight weeks"),
    )
    rows = [row(name, seconds, anew[way]["steps"], anew[way], anew[way]) for name, seconds, way in ways]
    for name, peer in found["peers"].items():
        seconds = peer["CPU seconds"]["updates"]
        rows.append(row(name, seconds, peer["batches"], peer["kept"], peer["asked"] | {FIRST: peer[FIRST]}))
    return "\n".join([HEAD, *rows])


def row(name: str, seconds: float, batches: int, kept: dict[str, Any], asked: dict[str, Any]) -> str:
    """Give a row of the table; a share is the mean over the steps, the least in brackets."""
    shares = [kept["same"], asked["same"], asked["AMI"]]
    told = [f"{share(pair['mean'])} ({share(pair['least'])})" for pair in shares]
    told.append(share(asked[FIRST]))
    topics = " to ".join(map(str, kept["topics"]))
    unassigned = ", ".join(share(part) for part in kept[LATER])
    return f"| {' | '.join([name, str(batches), f'{seconds:.0f}', topics, *told, unassigned])} |"


def seam_table(found: dict[str, Any]) -> str:
    """Give the test of dates dealt at random as a table of Markdown."""
    tests = {f"trends, {name}": test for name, test in found["seam"].items()}
    for name, peer in found["peers"].items():
        for kind, test in peer.get("dealt at random", {}).items():
            tests[f"{name.split(', by')[0]}, {SAID[kind]}"] = test
    rows = [
        f"| {name} | {share(test['share of topics with |z| > 1.96'])} | {test['largest |z|']:.1f} | "
        f"{', '.join(map(share, test['unassigned, before and after']))} | {test['z of the unassigned']:.1f} |"
        for name, test in tests.items()
    ]
    return "\n".join([SEAMS, *rows])


SAID = {"kept": "as stored", "asked": "all asked at the end"}


def share(value: float) -> str:
    """Give a share as this project writes it: ".987"."""
    return f"{value:.3f}".removeprefix("0")


def main() -> None:
    """Let every tool take the weeks in; print and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.online", description=__doc__)
    names = [tool.name for tool in TOOLS]
    parser.add_argument("--tools", nargs="+", choices=names, default=names)
    parser.add_argument("--again", action="store_true", help="make the runs anew")
    given = parser.parse_args()
    for tool in TOOLS:
        if tool.name not in given.tools:
            continue
        figures = told(tool, answers(tool, "dated", given.again))
        if tool.adapter != "online_merge" or tool.weeks > 1:  # their batches at random are of one size
            seam = answers(tool, "dealt", given.again)
            late = np.arange(seam["kept"].shape[1]) >= seam["ends"][0]
            figures["dealt at random"] = {name: seams(seam[name][-1], late) for name in ("kept", "asked")}
        print(json.dumps({tool.name: figures}, indent=1), flush=True)
        before = json.loads(RESULTS.read_text(encoding="utf-8")).get("peers", {})
        keep({"peers": before | {tool.name: figures}})


if __name__ == "__main__":
    main()
