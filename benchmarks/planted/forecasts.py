"""How often is a forecast of shares shown, and is it right about periods that it has not seen?

python -m benchmarks.planted.forecasts [--tables N]
"""

import argparse
import json
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.planted.clumps import clumped_shares, growing_totals
from trends.timeline._forecast import forecast_shares

RESULTS = Path(__file__).parents[1] / "results" / "planted_forecasts.json"
KINDS = ("noise", "walk", "growth", "stops", "mixed")
N_TOPICS = 60
SHARE = 0.003
N_FIRST = 4000
CORPUS_GROWTH = 0.01
GROWTH = 1.04
STEP = 0.2
AHEAD = 6


def plant(
    seed: int, kind: str, *, n_periods: int, dispersion: float, n_topics: int = N_TOPICS
) -> tuple[np.ndarray, np.ndarray]:
    """Plant papers, topics by periods and six more, and all papers of each.

    Shares are log-normal around .003 of some 4,000 papers (12 a topic and period). On the log scale they stay
    ("noise"), take a normal step of .2 a period ("walk"), rise by 4 % a period ("growth"), or do so until
    the last period given and then stay ("stops": no forecast can see that); of "mixed" a fifth of the topics
    rise, the rest stay. Papers clump by a Dirichlet-multinomial; unassigned ones take the rest.
    """
    rng = np.random.default_rng(seed)
    n = n_periods + AHEAD
    time = np.arange(n)
    totals = growing_totals(rng, n, N_FIRST, CORPUS_GROWTH)
    moved = {
        "noise": np.zeros(n),
        "walk": rng.normal(0, STEP, (n_topics, n)).cumsum(axis=1),
        "growth": np.log(GROWTH) * (time - n_periods / 2),
        "mixed": np.log(GROWTH) * (time - n_periods / 2) * (np.arange(n_topics) < n_topics / 5)[:, None],
        "stops": np.log(GROWTH) * (np.minimum(time, n_periods - 1) - n_periods / 2),
    }[kind]
    shares = SHARE * np.exp(rng.normal(0, 0.5, (n_topics, 1)) + moved)
    # Walks can wander off to more than all papers.
    shares = shares / np.maximum(1, shares.sum(axis=0) / 0.9)
    shares = np.vstack([1 - shares.sum(axis=0), shares])
    columns = []
    for t, total in enumerate(totals):
        chances = clumped_shares(rng, shares[:, t], total, dispersion)
        columns.append(rng.multinomial(total, chances))
    return np.stack(columns, axis=1)[1:], totals


def measure(kind: str, n_periods: int, dispersion: float, n_topics: int, n_tables: int) -> dict:
    """Forecast every table and score what is shown on the periods after the last one given."""
    n_shown, n_tables_shown, inside, pooled, coverage, width = 0, 0, [], [], [], []
    errors, naive, mean, best = [], [], [], []
    for seed in range(n_tables):
        papers, totals = plant(seed, kind, n_periods=n_periods, dispersion=dispersion, n_topics=n_topics)
        past, past_totals = papers[:, :n_periods], totals[:n_periods]
        found = forecast_shares(past, past_totals)
        shown = found.skill["shown"].to_numpy()
        n_shown += shown.sum()
        n_tables_shown += bool(shown.any())
        pooled.append(found.skill["pooled_mase"].iloc[0])
        coverage.append(found.skill["pooled_coverage"].iloc[0])
        width.append(found.skill["width"].iloc[0])
        if not shown.any():
            continue
        horizon = found.share.shape[1]
        truth = (papers / totals)[shown, n_periods : n_periods + horizon]
        last = past[shown, -1:] / past_totals[-1]
        always = past[shown].sum(axis=1, keepdims=True) / past_totals.sum()
        rule = np.where((found.skill["baseline"] == "mean").to_numpy()[shown, None], always, last)
        inside.append(((found.low[shown] <= truth) & (truth <= found.high[shown])).ravel())
        for kept, guess in ((errors, found.share[shown]), (naive, last), (mean, always), (best, rule)):
            kept.append(np.abs(guess - truth).ravel())
    result = {
        "tables": n_tables,
        "tables with a forecast": round(n_tables_shown / n_tables, 3),
        "topics with a forecast": round(int(n_shown) / n_tables / n_topics, 3),
        "pooled mase of the back-test": round(float(np.mean(pooled)), 3),
        "pooled coverage of the back-test": round(float(np.nanmean(coverage)), 3),
        "mean width of intervals after the coverage rule": round(float(np.mean(width)), 3),
        "tables where that rule was needed": round(float((np.array(width) != 1).mean()), 3),
    }
    if errors:
        error = np.concatenate(errors).mean()
        result |= {
            "later error of the naive rule's": round(float(error / np.concatenate(naive).mean()), 3),
            "later error of the mean rule's": round(float(error / np.concatenate(mean).mean()), 3),
            "later error of the back-test's best rule's": round(
                float(error / np.concatenate(best).mean()), 3
            ),
            "later coverage": round(float(np.concatenate(inside).mean()), 3),
        }
    return result


def main() -> dict:
    """Measure every kind, dispersion and length, print and return it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1000, help="tables for each row")
    n_tables = parser.parse_args().tables
    found = {}
    cells = [(*cell, N_TOPICS) for cell in product(KINDS, (1, 3), (24, 40))]
    # A follower of one theme, or of a handful, has no other topics to tell luck from skill.
    cells += [
        (kind, 1, n_periods, n_topics) for kind, n_periods, n_topics in product(KINDS[:4], (24, 40), (1, 5))
    ]
    for kind, dispersion, n_periods, n_topics in cells:
        name = f"{kind}, dispersion {dispersion}, {n_periods} periods, {n_topics} topic{'s' * (n_topics > 1)}"
        found[name] = measure(kind, n_periods, dispersion, n_topics, n_tables)
        print(name, found[name], flush=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
