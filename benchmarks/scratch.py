"""The same weeks taken in by updates and refits, and by a study from nothing every eighth week, side by side.

    python -m benchmarks.replay --scratch

One process and one thread for sums (`OMP_NUM_THREADS=1`), in turns. Texts are encoded beforehand for both;
everything else is done by each for itself, in caches of their own. What a study from nothing would cost in
the weeks between is read off a line fitted in the number of papers.
"""

import os
import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.environments import WORK
from benchmarks.replay import weeks_of
from benchmarks.steadiness import FIRST, LATER, UNKNOWN, agreement, judged, late_share, on_a_line

CACHES = WORK / "replay-caches"
EVERY = 8


def beside(papers: pd.DataFrame, until: pd.Timestamp) -> dict[str, Any]:
    """Take the weeks in both ways; give seconds, and what share of the papers keep their topic's id."""
    from trends import study

    weeks = weeks_of(until)
    ends = [int((papers["date"] < monday).sum()) for monday in weeks]
    warmed(papers, ends)
    ours = np.full((len(ends), len(papers)), UNKNOWN)
    anew = ours.copy()
    took: dict[str, list[list[float]]] = {"first": [], "update": [], "refit": [], "scratch": []}
    with cached("ours"), timed(took["first"]):
        made = study.study_of(papers.iloc[: ends[0]], every="month")
    ours[0, : ends[0]] = topics_of(made)
    anew[0] = ours[0]
    for step, (monday, after) in enumerate(pairwise(weeks), start=1):
        with cached("ours"), timed(took["update"]):
            made = made.update(papers.iloc[ends[step - 1] : ends[step]], refit="never")
        if monday.month != after.month:
            with cached("ours"), timed(took["refit"]):
                made = made.refit()
        ours[step, : ends[step]] = topics_of(made, papers.index[: ends[step]])
        if step % EVERY == 0 or step == len(ends) - 1:
            with cached("scratch"), timed(took["scratch"]):
                found = study.study_of(papers.iloc[: ends[step]], every="month")
            anew[step, : ends[step]] = topics_of(found)
            print(step, ends[step], took["refit"][-1:], took["scratch"][-1], flush=True)
    np.savez_compressed(CACHES / "answers.npz", ours=ours, anew=anew, ends=ends)
    return figures(ours, anew, ends, took)


def figures(
    ours: np.ndarray, anew: np.ndarray, ends: list[int], took: dict[str, list[list[float]]]
) -> dict[str, Any]:
    """Give the seconds of both ways, those of a study from nothing also for the weeks not measured."""
    measured = [ends[step] for step in range(1, len(ends)) if (anew[step] != UNKNOWN).any()]
    cpu, clock = ([pair[place] for pair in took["scratch"]] for place in (0, 1))
    sums = {name: np.sum(pairs, axis=0) for name, pairs in took.items()}
    lines = [on_a_line(measured, seconds, ends[1:]) for seconds in (cpu, clock)]
    spent = sums["update"] + sums["refit"]
    whole = "sum of all steps, by the line"
    return {
        "every": EVERY,
        "CPU seconds": {
            name: {"n": len(pairs), "sum": round(float(sums[name][0]), 1)} for name, pairs in took.items()
        },
        "clock seconds": {name: round(float(total[1]), 1) for name, total in sums.items()},
        "scratch, CPU": lines[0],
        "scratch, clock": lines[1],
        "times dearer from nothing, CPU": round(lines[0][whole] / float(spent[0]), 2),
        "times dearer from nothing, clock": round(lines[1][whole] / float(spent[1]), 2),
        **{
            name: judged(answers)
            | {
                LATER: late_share(answers, ends[0]),
                FIRST: agreement(answers[0, : ends[0]], answers[-1, : ends[0]]),
            }
            for name, answers in (
                ("ours by week", ours),
                ("ours by eight weeks", ours[(anew != UNKNOWN).any(axis=1)]),
                ("from nothing by eight weeks", anew),
            )
        },
    }


def topics_of(made: Any, index: pd.Index | None = None) -> np.ndarray:
    """Give the topic of each paper."""
    return made.topics.members["topic_id"].reindex(made.papers.index if index is None else index).to_numpy()


def warmed(papers: pd.DataFrame, ends: list[int]) -> None:
    """Encode what either way will have read: every beginning, whole the papers that students learn from."""
    from trends.core.hashing import text_hash
    from trends.core.words import documents
    from trends.embeddings._distil import TAUGHT_WITH_GLANCES
    from trends.embeddings._encoders import beginnings_cached, encode_cached, find_encoder

    for name in ("ours", "scratch"):
        shutil.rmtree(CACHES / name, ignore_errors=True)
        (CACHES / name).mkdir(parents=True)
        (CACHES / name / "vectors").symlink_to(CACHES / "vectors")
    (CACHES / "vectors").mkdir(exist_ok=True)
    texts = documents(papers).tolist()
    hashes = [text_hash(text) for text in texts]
    taught = {row for end in ends for row in sorted(range(end), key=hashes.__getitem__)[:TAUGHT_WITH_GLANCES]}
    with cached("ours"):
        encoder = find_encoder("minilm")
        encode_cached([texts[row] for row in sorted(taught)], encoder)
        beginnings_cached(texts, encoder)


@contextmanager
def cached(name: str) -> Iterator[None]:
    """Use a cache of this name."""
    before = os.environ.get("TRENDS_CACHE")
    os.environ["TRENDS_CACHE"] = str(CACHES / name)
    try:
        yield
    finally:
        if before is None:
            del os.environ["TRENDS_CACHE"]
        else:
            os.environ["TRENDS_CACHE"] = before


@contextmanager
def timed(seconds: list[list[float]]) -> Iterator[None]:
    """Add what a block took: CPU seconds, its children's among them, and the clock's."""
    clock, cpu = time.perf_counter(), spent()
    yield
    seconds.append([spent() - cpu, time.perf_counter() - clock])


def spent() -> float:
    """Give the CPU seconds of this process and its children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in used)
