"""How long `measure` takes for 10,000 topics and 400 periods, beside a plain loop over statsmodels.

python -m benchmarks.measuring [--topics N] [--periods N] [--looped N]

Both read the same table. The loop does what a notebook does for each topic: a binomial GLM with its
dispersion, Kendall's tau, Wilson's intervals of its shares; it is timed over fewer topics, per topic.
"""

import argparse
import json
import resource
import time
import warnings
from pathlib import Path

import numpy as np

from benchmarks.planted.counts import plant
from trends.timeline import measure

RESULTS = Path(__file__).with_name("results") / "measuring.json"
ROUNDS = 3
KINDS = {
    "shares, growth, turns, calls": {"bursts": False, "forecast": False},
    "and bursts": {"forecast": False},
    "and forecasts": {},
}


def looped(table, n_topics: int) -> float:
    """Give the seconds per topic of a plain loop over statsmodels."""
    import statsmodels.api as sm
    from scipy.stats import kendalltau
    from statsmodels.stats.proportion import proportion_confint

    groups = [group for topic_id, group in table.groupby("topic_id") if topic_id >= 0][:n_topics]
    began = time.perf_counter()
    for group in groups:
        papers, totals = group["n_papers"].to_numpy(), group["n_total"].to_numpy()
        years = np.asarray((group["period"] - group["period"].iloc[0]).dt.days / 365.2425)
        months = np.asarray(group["period"].dt.month)[:, None] == np.arange(2, 13)
        design = np.column_stack([sm.add_constant(years), months.astype(float)])
        sides = np.column_stack([papers, totals - papers])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sm.GLM(sides, design, family=sm.families.Binomial()).fit(scale="X2").conf_int()
        kendalltau(years, papers / totals)
        proportion_confint(papers, totals, method="wilson")
    return (time.perf_counter() - began) / len(groups)


def main() -> dict:
    """Measure, print and return."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--topics", type=int, default=10_000)
    options.add_argument("--periods", type=int, default=400)
    options.add_argument("--looped", type=int, default=200)
    asked = options.parse_args()
    planted = plant(
        0,
        n_topics=asked.topics,
        n_growing=asked.topics // 20,
        growth=1.005,
        n_periods=asked.periods,
        share=0.3 / asked.topics,
        n_first=20 * asked.topics,
        corpus_growth=0.0,
    )
    measure(plant(0, n_topics=30, n_growing=3).table)  # imports and compilation are not what is asked
    ours, loop = {kind: [] for kind in KINDS}, []
    for _ in range(ROUNDS):
        for kind, options in KINDS.items():
            began = time.perf_counter()
            trends = measure(planted.table, **options)
            ours[kind].append(time.perf_counter() - began)
        loop.append(looped(planted.table, asked.looped) * asked.topics)
    found = {
        "topics": asked.topics,
        "periods": asked.periods,
        "seconds": {kind: round(sorted(times)[ROUNDS // 2], 1) for kind, times in ours.items()},
        "statsmodels loop, milliseconds per topic": round(1000 * sorted(loop)[ROUNDS // 2] / asked.topics, 2),
        "times faster": {
            kind: [round(float(r), 1) for r in sorted(np.divide(loop, times))] for kind, times in ours.items()
        },
        "peak MiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "statuses": trends.calls["status"].value_counts().to_dict(),
        "bursts": len(trends.bursts),
        "topics with a forecast": int(trends.forecast["topic_id"].nunique()),
    }
    print(json.dumps(found, indent=1))
    if asked.topics == 10_000:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
