"""What a week costs: a saved study takes 200 later papers in, at several sizes; where the time goes.

    python -m benchmarks.updates STUDY... --week WEEK

Each STUDY is a folder that `Study.save` wrote, WEEK a file of later papers. The studies stay as they are. CPU
seconds of this process are told beside the clock's, which hang on who else computes.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results") / "updates.json"


@contextmanager
def timed(found: dict[str, Any], name: str) -> Iterator[None]:
    """Keep how long a block took: CPU seconds, and the clock's."""
    clock, cpu = time.perf_counter(), time.process_time()
    yield
    found[name] = [round(time.process_time() - cpu, 2), round(time.perf_counter() - clock, 2)]


def measured(folder: Path, week: Path) -> dict[str, Any]:
    """Update a study step by step; give the seconds of each."""
    from trends import timeline
    from trends.embeddings import embed
    from trends.papers import join
    from trends.study import _store as store
    from trends.study import _upkeep as upkeep
    from trends.study._reading import encoder_of
    from trends.topics import drift, extend

    found: dict[str, Any] = {}
    with timed(found, "read papers, vectors and topics"):
        kept = store.read(folder)
    with timed(found, "join"):
        joined = join(kept.papers, week)
    encoder = encoder_of(str(kept.embeddings.attrs["encoder"]), None)
    with timed(found, "read the new papers (student and teacher)"):
        embed(joined.papers.loc[joined.new], encoder, like=kept.embeddings)
    ids = list(dict.fromkeys(joined.now.values()))
    before = kept.papers.loc[list(joined.now)]
    fresh = upkeep.to_read(before, joined.papers.loc[ids], joined.now, joined.new)
    with timed(found, "read them again (from the cache)"):
        vectors = upkeep._vectors(kept.embeddings, joined, fresh, encoder)
    with timed(found, "assign and describe"):
        topics = extend(
            joined.papers, vectors, kept.topics, fresh=fresh, changed=joined.changed, now=joined.now
        )
    with timed(found, "count"):
        counts = timeline.count(joined.papers, topics, every=kept.every)
    with timed(found, "measure"):
        trends = timeline.measure(counts)
    with timed(found, "drift"):
        drift(joined.papers, vectors, topics)
    after = store.Stored(joined.papers, vectors, topics, kept.watch, kept.title, kept.parameters, kept.every)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name, timed(found, "write, on the disk"):
        store.write(Path(name) / "study", after, trends, "benchmark")
    total = [round(sum(pair[place] for pair in found.values()), 2) for place in (0, 1)]
    return {"n_papers": len(kept.papers), "n_new": len(joined.new), "seconds": found, "total": total}


def whole(folder: Path, week: Path) -> list[float]:
    """Update a copy as a user does; give CPU and clock seconds."""
    from trends.study import update

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        copy = shutil.copytree(folder, Path(name) / "study")
        with timed(found, "update"):
            update(copy, week)
    return found["update"]


def main() -> None:
    """Measure every study given, print and keep the numbers."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("studies", nargs="+", type=Path)
    options.add_argument("--week", type=Path, required=True)
    given = options.parse_args()
    rows = [measured(folder, given.week) | {"update": whole(folder, given.week)} for folder in given.studies]
    for row in rows:
        print(json.dumps(row, indent=1))
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
