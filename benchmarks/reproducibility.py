"""Does the same input give the same result? First and second run, hash seeds, row order, one and two threads.

    python -m benchmarks.reproducibility [INPUT...]

Each run is a process of its own with a cache of its own, so nothing is shared but the input.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUN = """
import json, sys, trends as tr
sources, order, folder = json.loads(sys.argv[1])
papers = tr.load(*sources) if sources else tr.sample()
if order:
    papers = papers.sample(frac=1, random_state=order)
study = tr.run(papers, title="benchmark")
study.report(folder + "/report.html")
study.topics.members.to_parquet(folder + "/members.parquet")
loaded = sorted({"torch", "bertopic", "umap", "numba"} & set(sys.modules))
print(json.dumps({"fingerprint": study.fingerprint, "loaded": loaded}))
"""

RESULTS = Path(__file__).with_name("results") / "reproducibility.json"

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def run(
    sources: list[str], folder: Path, *, cache: Path, order: int = 0, seed: str = "0", threads: int = 2
) -> dict:
    """Run the whole flow in a process of its own; give its fingerprint, seconds and report bytes."""
    folder.mkdir(parents=True)
    environment = os.environ | {"TRENDS_CACHE": str(cache), "PYTHONHASHSEED": seed}
    environment |= dict.fromkeys(THREADS, str(threads))
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps([sources, order, str(folder)])],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - began
    report = (folder / "report.html").read_bytes()
    return json.loads(done.stdout) | {"seconds": round(seconds, 1), "report": report, "folder": folder}


def moved(one: dict, other: dict) -> float:
    """Give the share of papers whose topic differs between two runs."""
    import pandas as pd

    a, b = (pd.read_parquet(r["folder"] / "members.parquet")["topic_id"].sort_index() for r in (one, other))
    return float((a != b).mean())


def main() -> dict:
    """Measure, print a table and return it."""
    sources = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        first = run(sources, base / "first", cache=base / "a")
        second = run(sources, base / "second", cache=base / "a")
        shuffled = run(sources, base / "shuffled", cache=base / "b", order=1, seed="42")
        single = run(sources, base / "single", cache=base / "c", threads=1)
        found = {
            "first run, seconds": first["seconds"],
            "second run, seconds": second["seconds"],
            "second run / first run": round(second["seconds"] / first["seconds"], 3),
            "second run loaded": second["loaded"],
            "second run, same report bytes": second["report"] == first["report"],
            "shuffled rows and another hash seed, same report bytes": shuffled["report"] == first["report"],
            "one thread, share of papers in another topic": moved(single, first),
            "one thread, same report bytes": single["report"] == first["report"],
        }
    for what, value in found.items():
        print(f"{what:<58} {value}")
    if not sources:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
