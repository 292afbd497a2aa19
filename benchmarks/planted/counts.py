"""Tables of counts whose truth is known: do growth tests, intervals and calls keep what they promise?

python -m benchmarks.planted.counts [--tables N] [CELL...]

Every cell is measured over N tables (1,000 by default) of 200 topics, on all processors; results go to
results/planted_counts.json. `shape` says what a table holds, `measure_cell` what is asked of it.
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.planted.clumps import clumped_shares, growing_totals
from trends.timeline import measure
from trends.timeline._ranks import mann_kendall

RESULTS = Path(__file__).parents[1] / "results" / "planted_counts.json"
TABLES = 1_000
STARTS = {"week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}
PER_YEAR = {"week": 365.2425 / 7, "month": 12, "quarter": 4, "year": 1}


@dataclass(frozen=True)
class Planted:
    """A plain table of counts with -1 in it, and each topic's true odds ratio per year."""

    table: pd.DataFrame
    growth: np.ndarray


def plant(
    seed,
    *,
    every="month",
    n_periods=12,
    dispersion=1.0,
    noisy=0.0,
    n_topics=200,
    n_growing=40,
    growth=1.08,
    share=0.003,
    zipf=False,
    n_first=4000,
    corpus_growth=0.05,
    swing=None,
    correlation=0.0,
    season=0.0,
    turn=False,
):
    """Plant growing topics (the first `n_growing`) among unchanged ones; -1 takes the rest of the papers.

    Parameters
    ----------
    growth
        A growing topic's share is multiplied by it each period.
    dispersion
        Variance over the binomial one, by a Dirichlet-multinomial. `noisy` is the part of topics that have
        it, 0 for all of them.
    zipf
        Shares fall as 1 / (rank + 5), `share` on average; the order of sizes is drawn.
    corpus_growth, swing
        The corpus grows by this much a period, each total within 15 %; `swing` (least, most) draws totals
        between these two instead.
    correlation
        Part of the noise that carries over to the next period.
    season
        Amplitude of a yearly wave on the log share, its peak drawn for each topic.
    turn
        Growing topics grow up to the middle and then shrink as fast; the truth is their growth since then.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(n_periods)
    if swing:
        totals = np.round(np.exp(rng.uniform(*np.log(swing), n_periods))).astype(int)
    else:
        totals = growing_totals(rng, n_periods, n_first, corpus_growth)
    slopes = np.where(np.arange(n_topics) < n_growing, np.log(growth), 0.0)
    level = np.full(n_topics, share)
    if zipf:
        level = rng.permutation(1 / (np.arange(n_topics) + 5.0))
        level *= share / level.mean()
    course = -np.abs(time - n_periods // 2) if turn else time - time.mean()
    shares = level[:, None] * np.exp(slopes[:, None] * course)
    if season:
        phase = rng.uniform(0, 2 * np.pi, (n_topics, 1))
        shares = shares * (1 + season * np.cos(2 * np.pi * time / PER_YEAR[every] - phase))
    if correlation:
        # Noise of the clumps as a first-order autoregression on the log share, binomial on top of it.
        size = np.sqrt((dispersion - 1) / (totals * share))
        noise = rng.standard_normal((n_topics, n_periods))
        for t in range(1, n_periods):
            noise[:, t] = correlation * noise[:, t - 1] + np.sqrt(1 - correlation**2) * noise[:, t]
        shares = shares * np.exp(noise * size)
    shares = np.vstack([1 - shares.sum(axis=0), shares])
    clumped = np.arange(-1, n_topics) >= n_topics * (1 - noisy)
    columns = []
    for t, total in enumerate(totals):
        chances = shares[:, t]
        if dispersion > 1 and not correlation:
            if noisy:
                concentration = (total - dispersion) / (dispersion - 1)
                drawn = rng.beta(chances * concentration, (1 - chances) * concentration)
                chances = np.where(clumped, drawn, chances)
                chances[0] = 1 - chances[1:].sum()
            else:
                chances = clumped_shares(rng, chances, total, dispersion)
        columns.append(rng.multinomial(total, chances))
    counts = np.stack(columns, axis=1)
    starts = pd.date_range("2010-01-01", periods=n_periods, freq=STARTS[every]).as_unit("us")
    table = pd.DataFrame(
        {
            "topic_id": np.repeat(np.arange(-1, n_topics), n_periods),
            "period": np.tile(starts, n_topics + 1),
            "n_papers": counts.ravel(),
            "n_total": np.tile(totals, n_topics + 1),
        }
    )
    return Planted(table, np.exp(PER_YEAR[every] * slopes * (-1 if turn else 1)))


CELLS = {
    **{
        f"{n} months, dispersion {dispersion:.0f}": {"n_periods": n, "dispersion": dispersion}
        for n in (6, 8, 12, 24)
        for dispersion in (1.0, 3.0)
    },
    "12 quarters, dispersion 1": {"every": "quarter"},
    "12 quarters, dispersion 3": {"every": "quarter", "dispersion": 3.0},
    "12 years, dispersion 3": {"every": "year", "dispersion": 3.0},
    "a tenth of topics at dispersion 3": {"dispersion": 3.0, "noisy": 0.1},
    "noise carries over by .3, dispersion 3": {"dispersion": 3.0, "correlation": 0.3, "n_growing": 0},
    "Zipf's sizes, totals 60 to 630": {"swing": (60, 630), "zipf": True, "n_periods": 24},
    "up and down by 15 %, 24 months": {"n_periods": 24, "turn": True, "growth": 1.15},
    "up and down by 15 %, 24 months, dispersion 3": {
        "n_periods": 24,
        "turn": True,
        "growth": 1.15,
        "dispersion": 3.0,
    },
    "season of 50 %, 24 months": {"n_periods": 24, "season": 0.5, "n_growing": 0},
    "season of 50 %, 36 months": {"n_periods": 36, "season": 0.5, "n_growing": 0},
    "season of 50 %, 12 quarters": {"every": "quarter", "season": 0.5, "n_growing": 0},
}
"""Kinds of tables, as options of `plant`."""


def measure_table(seed: int, shape: dict) -> dict[str, float]:
    """Measure one table and give what it adds to the sums of its cell."""
    planted = plant(seed, **shape)
    calls = measure(planted.table, bursts=False, forecast=False).calls
    n_periods = shape.get("n_periods", 12)
    raw = planted.table["n_papers"].to_numpy().reshape(-1, n_periods)[1:].astype(float)
    rises, tested = planted.growth != 1, calls["p"].notna().to_numpy()
    alarmed, found = (calls["p"] <= 0.05).to_numpy(), (calls["q"] <= 0.05).to_numpy()
    called = calls["status"].isin(["emerging", "growing", "declining"]).to_numpy()
    steady = (calls["status"] == "steady").to_numpy()
    inside = ((calls["growth_low"] <= planted.growth) & (planted.growth <= calls["growth_high"])).to_numpy()
    turned = calls["turned"].notna().to_numpy()
    middle = planted.table["period"].iloc[n_periods // 2]
    in_place = ((calls["turned"] - middle).abs() < pd.Timedelta(days=75)).to_numpy()
    raw_alarmed = mann_kendall(raw)[1] <= 0.05
    return {
        "unchanged": (tested & ~rises).sum(),
        "alarms": (alarmed & ~rises).sum(),
        "unchanged called": (called & ~rises).sum(),
        "raw alarms": (raw_alarmed & tested & ~rises).sum(),
        "growing": rises.sum(),
        "power": (alarmed & rises).sum(),
        "found": (found & rises).sum(),
        "intervals": tested.sum(),
        "covered": (inside & tested).sum(),
        "false share": (found & ~rises).sum() / max(1, found.sum()),
        "steady": steady.sum(),
        "steady beyond 1.5": (steady & (np.abs(np.log(planted.growth)) > np.log(1.5))).sum(),
        "turns of unchanged": (turned & ~rises).sum(),
        "turns": (turned & rises).sum(),
        "turns in place": (turned & rises & in_place).sum(),
        "serial": float(calls["serial_correlation"].iloc[0]),
        "season modelled": float((calls["season"] == "modelled").any()),
    }


def measure_cell(shape: dict, seeds: range) -> dict[str, float]:
    """Give a cell's rates over its tables; NaN where nothing was planted that could be found."""
    sums = pd.DataFrame([measure_table(seed, shape) for seed in seeds]).sum()
    return _rates(sums, len(seeds))


def _rates(sums: pd.Series, n_tables: int) -> dict[str, float]:
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = {
            "false alarms (p)": sums["alarms"] / sums["unchanged"],
            "unchanged called": sums["unchanged called"] / sums["unchanged"],
            "Mann-Kendall on counts": sums["raw alarms"] / sums["unchanged"],
            "power (p)": sums["power"] / sums["growing"],
            "found (q)": sums["found"] / sums["growing"],
            "coverage": sums["covered"] / sums["intervals"],
            "FDR": sums["false share"] / n_tables,
            "steady beyond 1.5": sums["steady beyond 1.5"] / sums["steady"],
            "unchanged that turn": sums["turns of unchanged"] / sums["unchanged"],
            "growing that turn": sums["turns"] / sums["growing"],
            "turn within two months": sums["turns in place"] / sums["turns"],
            "serial correlation": sums["serial"] / n_tables,
            "season modelled": sums["season modelled"] / n_tables,
        }
    return {name: round(float(rate), 4) for name, rate in rates.items()}


def _part(name: str, seeds: range) -> tuple[str, pd.Series]:
    return name, pd.DataFrame([measure_table(seed, CELLS[name]) for seed in seeds]).sum()


def main() -> dict:
    """Measure, print a table and return it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("cells", nargs="*", metavar="CELL")
    options.add_argument("--tables", type=int, default=TABLES)
    asked = options.parse_args()
    names = [name for name in CELLS if not asked.cells or any(part in name for part in asked.cells)]
    chunk = 50
    parts = [
        (name, range(k, min(k + chunk, asked.tables)))
        for name in names
        for k in range(0, asked.tables, chunk)
    ]
    sums: dict[str, pd.Series] = {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for name, part in pool.map(_part, *zip(*parts)):
            sums[name] = part + sums.get(name, 0)
    found = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for name in names:
        found[name] = {"tables": asked.tables} | _rates(sums[name], asked.tables)
        print(name, found[name], flush=True)
    ordered = {name: found[name] for name in CELLS if name in found}
    text = json.dumps(ordered, indent=1).replace("NaN", "null")
    RESULTS.write_text(text + "\n", encoding="utf-8")
    return ordered


if __name__ == "__main__":
    main()
