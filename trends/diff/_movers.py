"""What each topic gained or lost since, by one rule on both sides, and what a refit alone made of it."""

import numpy as np
import pandas as pd

from trends.core.records import Counts
from trends.core.tables import UNASSIGNED
from trends.diff._calls import Steps, later_periods
from trends.diff._side import Side, named
from trends.diff._topics import Lineage
from trends.timeline._explain_text import difference
from trends.timeline._joint import adjusted

ALPHA = 0.05
MOVERS = [
    "label", "then", "now", "n_then", "total_then", "share_then", "n_now", "total_now", "share_now", "change",
    "change_low", "change_high", "p", "q", "moved", "share_before", "refit_effect", "papers_effect",
]  # fmt: skip


def share_changes(earlier: Side, later: Side, steps: Steps, found: Lineage) -> pd.DataFrame:
    """Compare the periods completed since with as many before them, as in `Diff.movers`.

    Where none was completed, the last complete period of the earlier study shows what refit and added papers
    made of it, and nothing is tested. Nor are topics that the earlier study did not know: they were found
    because of the papers that would be the test.

    References
    ----------
    R. G. Newcombe (1998), Interval estimation for the difference between independent proportions, Statistics
    in Medicine 17 (method 10, both sides widened by the dispersion of the topic in the periods before). The p
    is that of the two-sided z test of two proportions with the pooled share, its variance multiplied by that
    dispersion.
    """
    whole, fresh = earlier.complete(), later_periods(earlier, later)
    every = later.counts.every
    before = [period for period in later.complete() if whole and period <= whole[-1]][-max(1, len(fresh)) :]
    index = pd.Index(later.topics.table.index, name="topic_id")
    if not before or not len(index):
        return pd.DataFrame(columns=MOVERS, index=index[:0]).astype({"moved": bool})
    table = pd.DataFrame(index=index)
    table["label"] = later.topics.table["label"].astype(str)
    table["then"], table["now"] = _words(before, every), _words(fresh, every)
    for side, periods in (("then", before), ("now", fresh)):
        table[f"n_{side}"] = _papers(later.counts, periods).reindex(index, fill_value=0).astype("int64")
        table[f"total_{side}"] = _total(later.counts, periods)
        table[f"share_{side}"] = _shares(later.counts, periods).reindex(index, fill_value=0.0)
    table["share_now"] = table["share_now"].where(table["total_now"] > 0)
    table["change"] = table["share_now"] - table["share_then"]
    earlier_of = table.index.map(found.earlier_of).to_numpy(dtype=float)
    known = ~np.isnan(earlier_of)
    dispersion = _dispersion(steps, index)
    table["change_low"], table["change_high"] = _intervals(table, dispersion)
    table["p"] = np.where(known, _p_values(table, dispersion), np.nan)
    table["q"] = adjusted(table["p"].to_numpy())
    table["moved"] = table["q"] <= ALPHA
    reported = _shares(earlier.counts, before)
    asked = np.where(known, earlier_of, UNASSIGNED).astype(int)
    same_papers, recounted = _shares(steps.without_gone, before), _shares(steps.recounted, before)
    table["share_before"] = np.where(known, reported.reindex(asked, fill_value=0.0), np.nan)
    refit = recounted.reindex(index, fill_value=0.0) - same_papers.reindex(asked, fill_value=0.0).to_numpy()
    table["refit_effect"] = refit.where(known)
    table["papers_effect"] = table["share_then"] - table["share_before"] - table["refit_effect"]
    size = table["change"].abs().fillna((table["share_then"] - table["share_before"]).abs()).fillna(0.0)
    return table.loc[size.round(12).sort_values(ascending=False, kind="stable").index, MOVERS]


def _dispersion(steps: Steps, index: pd.Index) -> pd.Series:
    """Return how clumped the papers of each topic came until then: a change must not widen its own test."""
    calls = steps.measured[2].calls
    return calls.get("dispersion", pd.Series(dtype=float)).reindex(index).fillna(1.0).clip(lower=1.0)


def _papers(counts: Counts, periods: list[pd.Timestamp]) -> pd.Series:
    rows = counts.table[counts.table["period"].isin(periods)]
    return rows.groupby("topic_id")["n_papers"].sum()


def _total(counts: Counts, periods: list[pd.Timestamp]) -> int:
    return int(counts.periods["n_total"].reindex(periods).fillna(0).sum())


def _shares(counts: Counts, periods: list[pd.Timestamp]) -> pd.Series:
    return _papers(counts, periods) / max(1, _total(counts, periods))


def _intervals(table: pd.DataFrame, dispersion: pd.Series) -> tuple[list[float], list[float]]:
    names = ("n_then", "total_then", "n_now", "total_now")
    columns = (*(table[name].astype(float) for name in names), dispersion)
    both = [difference(n, total, n_now, total_now, phi) for n, total, n_now, total_now, phi in zip(*columns)]
    return [low for low, _ in both], [high for _, high in both]


def _p_values(table: pd.DataFrame, dispersion: pd.Series) -> np.ndarray:
    from scipy.special import ndtr

    n = [table[name].to_numpy(float) for name in ("n_then", "n_now")]
    total = [table[name].to_numpy(float) for name in ("total_then", "total_now")]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (n[0] + n[1]) / (total[0] + total[1])
        error = np.sqrt(dispersion.to_numpy() * share * (1 - share) * (1 / total[0] + 1 / total[1]))
        z = (n[1] / total[1] - n[0] / total[0]) / error
    return np.asarray(2 * ndtr(-np.abs(z)))


def _words(periods: list[pd.Timestamp], every: str) -> str:
    names = [named(period, every) for period in periods]
    return "" if not names else names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
