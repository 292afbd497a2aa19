"""`make gallery`: every chart on one page, of the embedded sample and of a table whose truth was planted.

To look at: what a chart does with few papers and wide intervals, and with all that it can show.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

import trends as tr
from trends.report import Report

N_MONTHS = 61
OF_TRENDS = ("shares", "growth", "bump", "stream", "heatmap", "bursts", "forecast")
OF_TOPICS = ("terms", "similarity", "hierarchy")


MONTH = np.arange(N_MONTHS)
HISTORIES = {
    "rises 3% a month": 0.015 * 1.03**MONTH,
    "rises 2% a month": 0.02 * 1.02**MONTH,
    "falls 3% a month": 0.12 * 0.97**MONTH,
    "rises, then falls from month 30": 0.03 * 1.04 ** (30 - np.abs(MONTH - 30)),
    "bursts in months 12 to 15 and 40": np.where((MONTH // 4 == 3) | (MONTH == 40), 0.12, 0.03),
    "begins in month 20": np.where(MONTH < 20, 0, 0.06),
    **{f"steady at {share:.0%}": np.full(N_MONTHS, share) for share in (0.08, 0.06, 0.05, 0.03, 0.02, 0.01)},
}
GROWERS = {f"rises {rate:.1%} a month": 0.02 * (1 + rate) ** MONTH for rate in np.linspace(0.018, 0.03, 6)}
"""Turns and bursts defeat a forecast, so that its chart has topics of its own."""


def planted(shares: dict[str, np.ndarray], n_papers: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Return papers by topic and month of known shares; the last month is incomplete."""
    rng = np.random.default_rng(seed)
    totals = rng.integers(int(0.9 * n_papers), int(1.1 * n_papers), N_MONTHS)
    totals[-1] //= 4
    periods = pd.date_range("2021-01-01", periods=N_MONTHS, freq="MS").as_unit("us")
    chances = np.stack([*shares.values(), 1 - sum(shares.values())], axis=1)
    counts = np.stack([rng.multinomial(n, chance) for n, chance in zip(totals, chances, strict=True)])
    labels = dict(enumerate(shares)) | {-1: "unassigned"}
    return pd.concat(
        pd.DataFrame(
            {
                "topic_id": topic_id,
                "label": label,
                "period": periods,
                "n_papers": counts[:, topic_id],
                "n_total": totals,
                "complete": MONTH < N_MONTHS - 1,
            }
        )
        for topic_id, label in labels.items()
    )


def gallery() -> Report:
    """Return the page: charts of the planted table first, then those of the sample."""
    table = tr.measure(planted(HISTORIES), every="month")
    growers = tr.measure(planted(GROWERS, 4000), every="month")
    study = tr.run(tr.sample(), title="The embedded sample")
    report = Report("Gallery of charts", summary="A table whose truth is planted, then the embedded sample.")
    for name in OF_TRENDS:
        report = report.add(
            f"{name}, planted", getattr(tr.plot, name)(growers if name == "forecast" else table)
        )
    report = report.add("stream centred, planted", tr.plot.stream(table, centred=True))
    report = report.add("coverage, sample", tr.plot.coverage(study.papers, study.trends))
    for name in OF_TRENDS:
        report = report.add(f"{name}, sample", getattr(tr.plot, name)(study.trends))
    report = report.add("map, sample", tr.plot.map(study.papers, study.topics))
    for name in OF_TOPICS:
        report = report.add(f"{name}, sample", getattr(tr.plot, name)(study.topics))
    return report


if __name__ == "__main__":
    print(gallery().save(Path(sys.argv[1])))
