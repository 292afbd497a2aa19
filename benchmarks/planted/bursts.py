"""Are planted bursts found, at the right place, and unchanged topics left alone?

python -m benchmarks.planted.bursts [--tables N]
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.planted.clumps import clumped_shares, growing_totals
from trends.core.threads import side_by_side
from trends.timeline._bursts import find_bursts

RESULTS = Path(__file__).parents[1] / "results" / "planted_bursts.json"
FIRST_SEED = 50_000
"""Settings were chosen on seeds below; the report is of seeds from here."""


@dataclass(frozen=True)
class PlantedBursts:
    """Counts (topics x periods) and where each topic bursts: its first and last period, -1 for none."""

    n_papers: np.ndarray
    n_total: np.ndarray
    start: np.ndarray
    end: np.ndarray


def plant_bursts(
    seed: int,
    *,
    n_periods: int = 24,
    dispersion: float = 1.0,
    n_topics: int = 40,
    n_bursting: int = 20,
    times: float = 3.0,
    length: int = 3,
    share: float = 0.003,
    n_first: int = 4_000,
    corpus_growth: float = 0.05,
) -> PlantedBursts:
    """Plant bursts (in the first `n_bursting` topics) among unchanged topics; other papers take the rest.

    A topic's share is multiplied by `times` during `length` periods at a random place. Papers clump by a
    Dirichlet-multinomial, so the variance is `dispersion` times the binomial one.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(n_periods)
    n_total = growing_totals(rng, n_periods, n_first, corpus_growth)
    bursting = np.arange(n_topics) < n_bursting
    start = np.where(bursting, rng.integers(0, n_periods - length + 1, n_topics), -1)
    end = np.where(bursting, start + length - 1, -1)
    inside = (time >= start[:, None]) & (time <= end[:, None])
    shares = share * np.where(inside, times, 1.0)
    columns = []
    for t, total in enumerate(n_total):
        chances = np.append(shares[:, t], 1 - shares[:, t].sum())
        chances = clumped_shares(rng, chances, total, dispersion)
        columns.append(rng.multinomial(total, chances)[:-1])
    return PlantedBursts(np.stack(columns, axis=1), n_total, start, end)


def measure_bursts(
    n_tables: int, *, first_seed: int = FIRST_SEED, settings: dict | None = None, **planting: float
) -> dict:
    """Plant `n_tables` tables and say how often unchanged topics burst and how well bursts are found.

    Returns
    -------
    dict
        unchanged and bursting (number of topics), unjudged (unchanged topics with a burst whatever its p, as
        the automaton alone would report), false_bursts (unchanged topics with a burst of p <= .05), of them
        by runs and by spikes; power (bursting topics with a burst of p <= .05); placed (bursting topics whose
        heaviest burst, whatever its p, has both ends within one period), placed_of_found (surest burst, of
        those with p <= .05), found_and_placed (the same, of all bursting topics), found_q (q <= .05), and
        false_discoveries (mean over tables of the unchanged part of the topics with q <= .05).
    """

    def one(seed: int) -> pd.DataFrame:
        planted = plant_bursts(seed, **planting)
        return judge(planted, find_bursts(planted.n_papers, planted.n_total, **(settings or {})))

    judged = list(side_by_side(one, range(first_seed, first_seed + n_tables)))
    topics = pd.concat(judged)
    null, burst = topics[~topics["planted"]], topics[topics["planted"]]
    found = burst[burst["p"] <= 0.05]
    false = [(~table["planted"] & (table["q"] <= 0.05)).sum() for table in judged]
    all_found = [max(1, (table["q"] <= 0.05).sum()) for table in judged]
    figures = {
        "unjudged": null["kind"].notna().mean(),
        "false_bursts": (null["p"] <= 0.05).mean(),
        "false_runs": ((null["p"] <= 0.05) & (null["kind"] == "run")).mean(),
        "false_spikes": ((null["p"] <= 0.05) & (null["kind"] == "spike")).mean(),
        "power": (burst["p"] <= 0.05).mean(),
        "placed": burst["heaviest_placed"].mean(),
        "placed_of_found": found["placed"].mean(),
        "found_and_placed": found["placed"].sum() / max(1, len(burst)),
        "found_q": (burst["q"] <= 0.05).mean(),
        "false_discoveries": float(np.mean(np.divide(false, all_found))),
    }
    rounded = {name: round(float(value), 4) for name, value in figures.items()}
    return {"unchanged": len(null), "bursting": len(burst)} | rounded


def judge(planted: PlantedBursts, bursts: pd.DataFrame) -> pd.DataFrame:
    """Say of each topic how sure its surest burst is and whether it lies where it was planted."""
    start, end = planted.start[bursts["topic"]], planted.end[bursts["topic"]]
    right = ((bursts["start"] - start).abs() <= 1) & ((bursts["end"] - end).abs() <= 1)
    bursts = bursts.assign(placed=right)
    surest = bursts.sort_values(["p", "weight"], ascending=[True, False]).groupby("topic").first()
    heaviest = bursts.sort_values("weight", ascending=False).groupby("topic").first()
    every = np.arange(len(planted.start))
    return pd.DataFrame(
        {
            "planted": planted.start >= 0,
            "p": surest["p"].reindex(every).fillna(1.0),
            "q": surest["q"].reindex(every).fillna(1.0),
            "kind": surest["kind"].reindex(every),
            "placed": surest["placed"].reindex(every).eq(True),
            "heaviest_placed": heaviest["placed"].reindex(every).eq(True),
        }
    )


def main() -> dict:
    """Measure, print a table and return it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1_000)
    n_tables = parser.parse_args().tables
    found = {}
    for n_periods in (12, 24):
        for dispersion in (1, 3):
            cell = f"{n_periods} periods, dispersion {dispersion}"
            found[cell] = measure_bursts(n_tables, n_periods=n_periods, dispersion=float(dispersion))
            print(cell, found[cell])
    if n_tables == 1_000:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
