"""Do topics that were called growing go on to grow, more often than those that a naive rule names?

    python -m benchmarks.backtest hf_daily|conference [--dates N] [--leaky]

Daily Papers are counted by month, three and six months ahead: they fill 26 complete months, so that a year
ahead would leave seven dates whose outcomes are nearly one and the same. Conference papers are counted by
year, two and four years ahead, from 2008 on; their venues change from year to year, so a topic may rise
because its venue came in. The calls of each date are kept in the folder of `benchmarks.environments` as they
are done, and a stopped benchmark goes on where it was. Everything is refitted at each date: minutes each.
`--leaky` fits once, on all papers.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import trends as tr
from benchmarks.corpora import FILES
from benchmarks.environments import DATA, WORK
from trends import backtest
from trends.backtest import Backtest, score
from trends.core.cache import write_json
from trends.core.hashing import fingerprint
from trends.core.tables import STATUS_TYPE

RESULTS = Path(__file__).with_name("results") / "backtest.json"
FORMAT = 1
"""Raised when the same papers would be called or judged otherwise, so that kept calls are made anew."""

LOOKED_AT: dict[str, dict[str, Any]] = {
    "hf_daily": {"every": "month", "horizons": (3, 6), "dates": ("2025-02-01", "2026-02-01")},
    "conference": {"every": "year", "horizons": (2, 4), "dates": ("2008-01-01", "2022-01-01")},
}
STARTS = {"month": "MS", "year": "YS"}


def papers_of(corpus: str) -> pd.DataFrame:
    """Give the papers table of a corpus."""
    return tr.load(DATA / "hf_daily" / "hf_daily.jsonl.gz" if corpus == "hf_daily" else FILES[corpus])


def dates_of(corpus: str, most: int | None) -> list[pd.Timestamp]:
    """Give the beginnings of periods to go back to, at most so many, evenly spread."""
    wanted = LOOKED_AT[corpus]
    dates = pd.date_range(*wanted["dates"], freq=STARTS[wanted["every"]])
    chosen = np.linspace(0, len(dates) - 1, min(most or len(dates), len(dates))).round().astype(int)
    return list(dates[np.unique(chosen)])


def calls_of(corpus: str, papers: pd.DataFrame, date: pd.Timestamp) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Give the calls of a date with their outcome and what decided them, kept or made now."""
    wanted = LOOKED_AT[corpus]
    parts = (FORMAT, tr.__version__, papers.index, papers["date"], wanted["every"], wanted["horizons"])
    kept = WORK / "backtest" / f"{corpus}-{fingerprint(*parts)[:12]}-{date:%Y-%m-%d}.parquet"
    about = kept.with_suffix(".json")
    if not (kept.is_file() and about.is_file()):
        began = time.perf_counter()
        made = backtest.run(papers, [date], every=wanted["every"], horizons=wanted["horizons"])
        kept.parent.mkdir(parents=True, exist_ok=True)
        made.calls.to_parquet(kept)
        seconds = round(time.perf_counter() - began, 1)
        write_json(about, {"parameters": dict(made.parameters), "seconds": seconds})
    calls = pd.read_parquet(kept)
    return calls.astype({"status": STATUS_TYPE}), json.loads(about.read_text(encoding="utf-8"))


def measured(
    corpus: str, papers: pd.DataFrame, dates: list[pd.Timestamp], leaky: bool
) -> tuple[Backtest, list]:
    """Give the back-test of all dates and the seconds of each."""
    wanted = LOOKED_AT[corpus]
    if leaky:
        began = time.perf_counter()
        found = backtest.run(papers, dates, every=wanted["every"], horizons=wanted["horizons"], leaky=True)
        return found, [round(time.perf_counter() - began, 1)]
    made = []
    for date in dates:
        made.append(calls_of(corpus, papers, date))
        print(f"{date:%Y-%m-%d} {made[-1][1]['seconds']} s", flush=True)
    parameters = made[0][1]["parameters"] | {"dates": [f"{date:%Y-%m-%d}" for date in dates]}
    calls = pd.concat([calls for calls, _ in made], ignore_index=True)
    return score(calls, every=wanted["every"], parameters=parameters), [about["seconds"] for _, about in made]


def plain(found: Backtest, n_papers: int, seconds: list[float]) -> dict[str, Any]:
    """Give a back-test as JSON values."""
    rounded = found.summary.round(3).astype(object).where(found.summary.notna(), None)
    directions = found.directions.round(3).reset_index().astype(object)
    topics = found.scores.drop_duplicates(["as_of", "horizon"])
    return {
        "verdict": found.verdict,
        "leak_free": found.leak_free,
        "notes": list(found.notes),
        "papers": n_papers,
        "dates": found.parameters["dates"],
        "topics": [int(n) for n in topics.drop_duplicates("as_of")["n_topics"]],
        "base rate": {
            str(h): round(float(rate), 3) for h, rate in found.calls.groupby("horizon")["rose"].mean().items()
        },
        "summary": rounded.to_dict("records"),
        "directions": directions.where(directions.notna(), None).to_dict("records"),
        "seconds": seconds,
        "parameters": dict(found.parameters),
    }


def main() -> dict[str, Any]:
    """Measure one corpus, print the verdict and add it to the results."""
    words = sys.argv[1:]
    corpora = [word for word in words if word in LOOKED_AT]
    if len(corpora) != 1:
        raise SystemExit(__doc__)
    most = int(words[words.index("--dates") + 1]) if "--dates" in words else None
    leaky = "--leaky" in words
    papers = papers_of(corpora[0])
    found, seconds = measured(corpora[0], papers, dates_of(corpora[0], most), leaky)
    result = plain(found, len(papers), seconds)
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    name = corpora[0] + (", leaky" if leaky else "")
    write_json(RESULTS, before | {name: result})
    print(found.summary.round(3).to_string())
    print(found.directions.round(3).to_string())
    print(found.verdict, *found.notes, sep="\n")
    return result


if __name__ == "__main__":
    main()
