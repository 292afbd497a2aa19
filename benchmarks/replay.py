"""A year and a half of weeks: hf_daily taken in week by week from 2025, with a refit every month.

    python -m benchmarks.replay [--until DATE] [--scratch] [--no-seam]

Told are, for each refit, what share of the papers that were in a topic keep its id, of all and of those that
are in a topic after it too, and the CPU seconds of updates and refits. Beside it a test for seams: the same
papers with their dates dealt out anew at random, so that no theme has a trend, taken in by halves; a share
may not step where the second half begins by more than chance allows. `--scratch` does instead what
`benchmarks.scratch` says: the same weeks beside a study from nothing.
"""

import argparse
import json
import time
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.environments import DATA
from benchmarks.steadiness import seams

RESULTS = Path(__file__).with_name("results") / "replay.json"
HF_DAILY = DATA / "hf_daily" / "hf_daily.jsonl.gz"
START = pd.Timestamp("2025-01-06")
UNTIL = pd.Timestamp("2026-08-24")


def replay(papers: pd.DataFrame, until: pd.Timestamp) -> dict[str, Any]:
    """Take the weeks in one by one; give what each refit kept and what all cost."""
    from trends import study

    begun = time.process_time()
    made = study.study_of(papers[papers["date"] < START], every="month", title="replay")
    first = time.process_time() - begun
    seconds: dict[str, list[float]] = {"update": [], "refit": []}
    refits: list[dict[str, Any]] = []
    for monday, after in pairwise(weeks_of(until)):
        week = papers[(papers["date"] >= monday) & (papers["date"] < after)]
        if len(week):
            begun = time.process_time()
            made = made.update(week, refit="never")
            seconds["update"].append(round(time.process_time() - begun, 2))
        if monday.month == after.month:
            continue
        drift = made.drift
        begun = time.process_time()
        later = made.refit()
        seconds["refit"].append(round(time.process_time() - begun, 2))
        refits.append(kept(made, later) | {"date": f"{after:%Y-%m-%d}", "proposed": drift.propose_refit})
        print(json.dumps(refits[-1]), flush=True)
        made = later
    ledger = made.topics.ledger
    ids = {k for found in (*ledger["old_ids"], *ledger["new_ids"]) for k in found}
    return {
        "papers": len(made.papers),
        "first fit, CPU seconds": round(first, 1),
        "refits": refits,
        "CPU seconds": {name: {"n": len(took), "sum": round(sum(took), 1)} for name, took in seconds.items()},
        "ids that ever existed": len(ids),
        "ids explained": sum(1 for k in ids if k in made.topics.table.index or explained(ledger, k)),
        "ids resolved": sum(1 for k in ids if made.topics.heirs(k)),
    }


def explained(ledger: pd.DataFrame, topic_id: int) -> bool:
    """Tell whether a line of the ledger ends an id."""
    ends = ledger[ledger["event"].isin(["merge", "split", "death"])]
    return any(topic_id in old for old in ends["old_ids"])


def kept(before: Any, after: Any) -> dict[str, Any]:
    """Give what share of the papers of a study keep their topic's id across a refit."""
    was = before.topics.members["topic_id"]
    now = after.topics.members["topic_id"].reindex(was.index)
    inside = was >= 0
    lives = was.isin(after.topics.table.index)
    both = inside & (now >= 0)
    lines = after.topics.ledger.iloc[len(before.topics.ledger) :]
    return {
        "papers": len(was),
        "topics": [len(before.topics.table), len(after.topics.table)],
        "keep their id": round(float((was == now)[inside].mean()), 4),
        "of those in a topic before and after": round(float((was == now)[both].mean()), 4),
        "in topics that go on": round(float(lives[inside].mean()), 4),
        "unassigned": [round(float((x < 0).mean()), 4) for x in (was, now)],
        "events": lines["event"].value_counts().to_dict(),
    }


def seam(papers: pd.DataFrame) -> dict[str, Any]:
    """Look for a step where later papers begin, of papers whose dates mean nothing."""
    from trends import study

    papers = dealt(papers)
    n_early = early(papers)
    first = study.study_of(papers.iloc[:n_early], every="month", title="seam")
    updated = first.update(papers.iloc[n_early:], refit="never")
    late = np.arange(len(papers)) >= n_early
    return {
        name: seams(made.topics.members["topic_id"].reindex(papers.index).to_numpy(), late)
        for name, made in (("after an update", updated), ("after a refit", updated.refit()))
    }


@cache
def loaded() -> pd.DataFrame:
    """Give the papers by date."""
    from trends.papers import load

    return load(HF_DAILY).sort_values("date", kind="stable")


def weeks_of(until: pd.Timestamp = UNTIL) -> list[pd.Timestamp]:
    """Give the Mondays that the weeks of the replay lie between."""
    return list(pd.date_range(START, until, freq="7D"))


def dealt(papers: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Deal the dates out anew at random; give the dated papers by their new dates."""
    given = papers.assign(date=np.random.default_rng(seed).permutation(papers["date"].to_numpy()))
    return given[given["date"].notna()].sort_values("date")


def early(papers: pd.DataFrame) -> int:
    """Give the number of papers, by date, from before the day in the middle."""
    return int((papers["date"] < papers["date"].iloc[len(papers) // 2]).sum())


def main() -> None:
    """Replay, look for seams, print and keep the numbers beside those kept of other parts."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--until", type=pd.Timestamp, default=UNTIL)
    options.add_argument("--scratch", action="store_true")
    options.add_argument("--no-seam", dest="seam", action="store_false")
    given = options.parse_args()
    if given.scratch:
        from benchmarks.scratch import beside

        found = {"scratch": beside(loaded(), given.until)}
    else:
        found = {"seam": seam(loaded())} if given.seam else {}
        print(json.dumps(found), flush=True)
        found |= replay(loaded(), given.until)
    keep(found)
    print(json.dumps(found.get("scratch") or found["CPU seconds"], indent=1))


def keep(found: dict[str, Any]) -> None:
    """Write figures to the results, whose other parts stay."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(kept | found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
