"""What scale costs, and whether it changes anything.

    python -m benchmarks.scale [million] [same] [kill] [curve] [peer] [--papers N [--keep]]

All parts unless some are named; each writes what it found into `results/scale.json` as it ends, so that they
can be made one by one. Corpora and runs are kept in the folder of `benchmarks.environments` (`TRENDS_BENCH`).
A million papers take a quarter of an hour of two idle cores, 8 GB of disk and 14 GB of memory.
`--papers` makes smaller runs of the same kind, which are written to the results, under their number, with
`--keep` only.
"""

import argparse
import json
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks.environments import RESULTS
from benchmarks.scale import parts
from trends.core import cache

FILE = RESULTS / "scale.json"

PARTS = {
    "million": parts.million,
    "same": parts.same,
    "kill": parts.killed,
    "curve": parts.curve,
    "peer": parts.peer,
}


def main() -> dict[str, Any]:
    """Run the parts asked for; print and keep what they found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART")
    parser.add_argument("--papers", type=int, help="so many papers instead; the results stay as they are")
    parser.add_argument("--keep", action="store_true", help="write them beside the results all the same")
    asked = parser.parse_args()
    results: dict[str, Any] = {}
    for part in asked.parts or PARTS:
        found = PARTS[part](asked.papers) if asked.papers else PARTS[part]()
        results[part] = found | {"machine": machine()}
        print(json.dumps({part: results[part]}, indent=1), flush=True)
        if asked.keep or not asked.papers:
            name = f"{part}, {asked.papers:,} papers" if asked.papers else part
            kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
            cache.write_json(FILE, kept | {name: results[part]})
    return results


def machine() -> str:
    """Say what the measurement ran on."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {model}, {memory:.0f} GiB, load {os.getloadavg()[2]:.1f} at the end"


if __name__ == "__main__":
    main()
