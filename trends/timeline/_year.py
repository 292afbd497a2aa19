"""This year against the last, month for month, so that a yearly season cancels out."""

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.periods import numbers, period_label
from trends.core.records import Trends
from trends.core.tables import UNASSIGNED
from trends.core.wilson import Z

IN_YEAR = {"week": 52, "month": 12, "quarter": 4, "year": 1}
"""Periods after which the same season comes again; a week is compared with that of 364 days before."""

COLUMNS = (
    *("label", "n_before", "total_before", "share_before", "n_after", "total_after", "share_after"),
    *("ratio", "ratio_low", "ratio_high", "dispersion", "same_months", "reason"),
)


def year_on_year(trends: Trends) -> pd.DataFrame:
    """Compare each topic's share in the last twelve complete months with the same months a year before.

    Where fewer than two whole years are known, only the months known in both years are compared, on both
    sides alike. By quarter, year or week the same is done with 4 quarters, 1 year or 52 weeks.

    Parameters
    ----------
    trends
        As `measure` returns them.

    Returns
    -------
    DataFrame
        Index topic_id (-1 left out): label; n_before, total_before, share_before and n_after, total_after,
        share_after (papers of the topic, all papers, and the first over the second, in the months of the year
        before and of the last year); ratio (odds of the last year over odds of the year before; 0 or infinite
        where one year has none), ratio_low, ratio_high (95 % interval, widened by the topic's dispersion and
        by serial correlation as growth is); dispersion; same_months (which months were compared, in words);
        reason ("" or why there is no ratio or what its interval does not cover). The intervals hold for each
        topic by itself: of a hundred unchanged topics five lie outside.

    Raises
    ------
    InputError
        `trends` is no Trends.

    References
    ----------
    J. J. Gart (1966), Alternative analyses of contingency tables, JRSS B 28 (half a paper in each cell);
    A. Agresti (1999), On logit confidence intervals for the odds ratio with small samples, Biometrics 55
    (the open end where a cell is empty).
    """
    if not isinstance(trends, Trends):
        raise InputError(f"trends must be Trends, as measure returns, not {type(trends).__name__}.")
    calls = trends.calls
    shares = trends.shares[trends.shares["topic_id"] != UNASSIGNED]
    before, after = _same_months(trends)
    table = calls[["label"]].copy()
    for side, periods in (("before", before), ("after", after)):
        sums = shares[shares["period"].isin(periods)].groupby("topic_id")["n_papers"].sum()
        table[f"n_{side}"] = sums.reindex(calls.index, fill_value=0).astype("int64")
        totals = trends.shares.drop_duplicates("period").set_index("period")["n_total"]
        table[f"total_{side}"] = int(totals.reindex(periods).sum())
        total = table[f"total_{side}"].where(table[f"total_{side}"] > 0)
        table[f"share_{side}"] = table[f"n_{side}"] / total
    table["dispersion"] = calls["dispersion"].fillna(1.0)
    table["ratio"], table["ratio_low"], table["ratio_high"] = _odds_ratio(table, calls)
    table["same_months"] = _words(before, after, trends.every)
    table["reason"] = _reasons(table, calls, trends.every)
    return table[list(COLUMNS)].astype({"same_months": str, "reason": str})


def _same_months(trends: Trends) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """Give the periods of the last year, and those a year before, that are both complete and hold papers."""
    known = trends.shares.drop_duplicates("period")
    known = known[known["complete"] & (known["n_total"] > 0)].sort_values("period")
    starts = pd.DatetimeIndex(known["period"])
    number = numbers(starts.to_numpy(), trends.every)
    year = IN_YEAR[trends.every]
    last = number[number > number.max() - year] if len(number) else number
    both = last[np.isin(last - year, number)]
    place = pd.Series(np.arange(len(number)), index=number)
    return starts[place[both - year].to_numpy(int)], starts[place[both].to_numpy(int)]


def _odds_ratio(table: pd.DataFrame, calls: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from scipy.special import stdtrit

    serial = calls["serial_correlation"].fillna(0.0).to_numpy()
    widening = table["dispersion"].to_numpy() * (1 + serial) / (1 - serial)
    cells = np.stack(
        [
            table["n_before"],
            table["total_before"] - table["n_before"],
            table["n_after"],
            table["total_after"] - table["n_after"],
        ]
    ).astype(float)
    degrees = calls["df"].to_numpy(dtype=float)
    finite = np.where(np.isfinite(degrees), degrees, 1.0)
    reach = np.where(np.isfinite(degrees), stdtrit(finite, 0.975), Z)
    # Papers in clumps of this size tell as much as so many fewer papers.
    fewer = cells / widening + 0.5
    middle = np.log(fewer[2] / fewer[3]) - np.log(fewer[0] / fewer[1])
    half = reach * np.sqrt((1 / fewer).sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (cells[2] / cells[3]) / (cells[0] / cells[1])
        low, high = np.exp(middle - half), np.exp(middle + half)
    low = np.where((cells[2] == 0) | (cells[1] == 0), 0.0, low)
    high = np.where((cells[0] == 0) | (cells[3] == 0), np.inf, high)
    nothing = np.isnan(ratio)
    return ratio, np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def _words(before: pd.DatetimeIndex, after: pd.DatetimeIndex, every: str) -> str:
    if not len(after):
        return ""
    n = len(after)
    count = f"{n} {every}{'' if n == 1 else 's'}"
    return f"{count}, {_runs(after, every)} against {_runs(before, every)}"


def _runs(starts: pd.DatetimeIndex, every: str) -> str:
    """Name runs of periods by their first and last."""
    number = numbers(starts.to_numpy(), every)
    runs = np.split(np.arange(len(starts)), np.flatnonzero(np.diff(number) > 1) + 1)
    said = []
    for run in runs:
        first, last = period_label(starts[run[0]], every), period_label(starts[run[-1]], every)
        said.append(first if first == last else f"{first} to {last}")
    return ", ".join(said)


def _reasons(table: pd.DataFrame, calls: pd.DataFrame, every: str) -> np.ndarray:
    needed = IN_YEAR[every] + 1
    if not table["same_months"].any():
        why = f"no complete {every} has papers in the year before as well; {needed} complete {every}s needed"
        return np.full(len(table), why, dtype=object)
    empty = (table["n_before"] == 0) & (table["n_after"] == 0)
    unknown = calls["df"].isna()
    return np.select(
        [empty, table["ratio"].isna(), unknown],
        [
            "no papers of this topic in either year",
            "all papers of one year are in this topic",
            f"the interval takes papers as independent: too few {every}s to tell how they clump",
        ],
        "",
    )
