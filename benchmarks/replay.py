"""A year and a half of weeks: hf_daily taken in week by week from 2025, with a refit every month.

    python -m benchmarks.replay [--until DATE] [--scratch] [--no-seam]

Told are, for each refit, what share of the papers that were in a topic keep its id, of all and of those that
are in a topic after it too, the CPU seconds of updates and refits, and with --scratch those of a fit from
nothing each month. Beside it a test for seams: the same papers with their dates dealt out anew at random, so
that no theme has a trend, taken in by halves; a share may not step where the second half begins by more than
chance allows.
"""

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.environments import DATA

RESULTS = Path(__file__).with_name("results") / "replay.json"
HF_DAILY = DATA / "hf_daily" / "hf_daily.jsonl.gz"
START = pd.Timestamp("2025-01-06")


def replay(papers: pd.DataFrame, until: pd.Timestamp, scratch: bool) -> dict[str, Any]:
    """Take the weeks in one by one; give what each refit kept and what all cost."""
    from trends import study

    begun = time.process_time()
    made = study.study_of(papers[papers["date"] < START], every="month", title="replay")
    first = time.process_time() - begun
    seconds: dict[str, list[float]] = {"update": [], "refit": [], "scratch": []}
    refits: list[dict[str, Any]] = []
    weeks = list(pd.date_range(START, until, freq="7D"))
    for monday, after in pairwise(weeks):
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
        if scratch:
            begun = time.process_time()
            study.study_of(later.papers, every="month")
            seconds["scratch"].append(round(time.process_time() - begun, 2))
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


def seam(papers: pd.DataFrame, seed: int = 0) -> dict[str, Any]:
    """Look for a step where later papers begin, of papers whose dates mean nothing.

    Each topic's share before and after the seam is compared by a z-test of two proportions; were there no
    seam, 5 % of the topics would pass 1.96 by chance.
    """
    from trends import study

    dealt = papers.assign(date=np.random.default_rng(seed).permutation(papers["date"].to_numpy()))
    dealt = dealt[dealt["date"].notna()].sort_values("date")
    half = dealt["date"].iloc[len(dealt) // 2]
    first = study.study_of(dealt[dealt["date"] < half], every="month", title="seam")
    updated = first.update(dealt[dealt["date"] >= half], refit="never")
    found = {}
    for name, made in (("after an update", updated), ("after a refit", updated.refit())):
        topic = made.topics.members["topic_id"].reindex(dealt.index)
        late = (dealt["date"] >= half).to_numpy()
        ids = [-1, *made.topics.table.index]
        n = np.array([[np.sum((topic == k) & ~late), np.sum((topic == k) & late)] for k in ids], float)
        size = np.array([np.sum(~late), np.sum(late)], float)
        pooled = n.sum(axis=1) / size.sum()
        error = np.sqrt(pooled * (1 - pooled) * (1 / size).sum())
        z = (n[:, 1] / size[1] - n[:, 0] / size[0]) / np.maximum(error, 1e-12)
        found[name] = {
            "topics": len(ids) - 1,
            "share of topics with |z| > 1.96": round(float(np.mean(np.abs(z[1:]) > 1.96)), 3),
            "largest |z|": round(float(np.abs(z[1:]).max()), 2),
            "unassigned, before and after": [round(float(x), 4) for x in n[0] / size],
            "z of the unassigned": round(float(z[0]), 2),
        }
    return found


def main() -> None:
    """Replay, look for seams, print and keep the numbers."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--until", type=pd.Timestamp, default=pd.Timestamp("2026-08-24"))
    options.add_argument("--scratch", action="store_true")
    options.add_argument("--no-seam", dest="seam", action="store_false")
    given = options.parse_args()
    from trends.papers import load

    papers = load(HF_DAILY)
    found = {"seam": seam(papers)} if given.seam else {}
    print(json.dumps(found), flush=True)
    found |= replay(papers, given.until, given.scratch)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found["CPU seconds"]))


if __name__ == "__main__":
    main()
