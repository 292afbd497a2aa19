"""What a week costs: saved studies of several sizes take later papers in, few and many; where the time goes.

    python -m benchmarks.updates STUDY... --week WEEK...

Each STUDY is a folder that `Study.save` wrote, each WEEK a file of later papers; the steps are told of the
first. The studies stay as they are. The long way reads and writes the whole study, as followed themes and
reports need it. CPU seconds of this process are told beside the clock's, which hang on who else computes;
from several weeks follows what an update of each study costs by itself and for a new paper.
"""

import argparse
import itertools
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).with_name("results") / "updates.json"


@contextmanager
def timed(found: dict[str, Any], name: str) -> Iterator[None]:
    """Keep how long a block took: CPU seconds, and the clock's."""
    clock, cpu = time.perf_counter(), time.process_time()
    yield
    found[name] = [round(time.process_time() - cpu, 2), round(time.perf_counter() - clock, 2)]


def measured(folder: Path, week: Path) -> dict[str, Any]:
    """Update a copy of a study step by step; give the seconds of each."""
    from trends.embeddings import embed
    from trends.papers import load
    from trends.study import _week as weeks
    from trends.study._reading import encoder_of
    from trends.study._shelved import Shelved

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        copy = shutil.copytree(folder, Path(name) / "study")
        with timed(found, "read keys and topics"):
            kept = weeks.opened(copy)
        if kept is None:
            raise SystemExit(f"{folder} is no study of this format; open and save it first.")
        encoder = encoder_of(str(kept.shelf.encoder["encoder"]), None)
        with timed(found, "read the new papers (student and teacher)"):
            embed(load(week), encoder, like=kept.shelf.vectors(kept.shelf.keys.index[:1]))
        with timed(found, "join, read again (from the cache), assign, describe"):
            later = weeks.with_week(kept, (week,), observed_until=None, tags=None, encoder=None)
        assert later is not None
        after = Shelved.of(later.after)
        with timed(found, "count"):
            counts = after.counts
        with timed(found, "measure"):
            trends = after.trends
        with timed(found, "write, on the disk"):
            written = weeks.write(later, trends, after.fingerprint)
        with timed(found, "drift"):
            _ = Shelved.of(written, counts=counts, trends=trends).drift
    return {"n_papers": len(kept.shelf.keys), "n_new": len(later.rows), "seconds": found}


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Give a block a cache of its own, so that new papers are read; the encoder stays loaded."""
    before = os.environ.get("TRENDS_CACHE")
    with tempfile.TemporaryDirectory() as name:
        os.environ["TRENDS_CACHE"] = name
        try:
            yield
        finally:
            os.environ.pop("TRENDS_CACHE")
            os.environ.update({"TRENDS_CACHE": before} if before else {})


def by_size(folders: Sequence[Path], weeks: Sequence[Path], rounds: int = 3) -> dict[str, Any]:
    """Update copies of every study by every week, new papers read; fit a line to the seconds of each study.

    What a new paper costs differs between studies, since of a large one few beginnings are read.
    """
    from pyarrow import parquet

    from trends.papers import load
    from trends.study import update

    n_new = {week: len(load(week)) for week in weeks}
    points = []
    for week, folder in itertools.product(weeks, folders):
        found: dict[str, Any] = {}
        for number in range(rounds):
            with tempfile.TemporaryDirectory(dir=folder.parent) as parent, nothing_kept():
                copy = shutil.copytree(folder, Path(parent) / "study")
                with timed(found, str(number)):
                    update(copy, week)
        n_papers = parquet.read_metadata(folder / "keys.parquet").num_rows
        points.append((n_new[week], n_papers, statistics.median(cpu for cpu, _ in found.values())))
    lines = {}
    for n_papers in sorted({n for _, n, _ in points}):
        new, seconds = np.array([(m, s) for m, n, s in points if n == n_papers]).T
        each, start = np.polyfit(new, seconds, 1)
        lines[str(n_papers)] = {
            "by itself, s": round(float(start), 3),
            "a new paper, ms": round(1e3 * float(each), 3),
        }
    return {"new papers, papers, CPU seconds": points, "by papers of the study": lines}


def whole(folder: Path, week: Path) -> dict[str, list[float]]:
    """Update a copy as a user does, and another the long way; give CPU and clock seconds."""
    from trends.study import before_and_after, update

    found: dict[str, Any] = {}
    for way, name in ((update, "update"), (before_and_after, "the long way")):
        with tempfile.TemporaryDirectory(dir=folder.parent) as parent:
            copy = shutil.copytree(folder, Path(parent) / "study")
            with timed(found, name):
                way(copy, week)
    return found


def main() -> None:
    """Measure every study given, print and keep the numbers."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("studies", nargs="+", type=Path)
    options.add_argument("--week", type=Path, required=True, nargs="+")
    given = options.parse_args()
    rows = [measured(folder, given.week[0]) | whole(folder, given.week[0]) for folder in given.studies]
    found = {"steps": rows, "by size": by_size(given.studies, given.week)}
    print(json.dumps(found, indent=1))
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
