"""Counts, however they were given, as one checked rectangle of topics by periods."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from trends.core.errors import InputError
from trends.core.periods import check_every, every_of, numbers, period_ends, starts_of
from trends.core.records import Counts
from trends.core.tables import UNASSIGNED, UNASSIGNED_LABEL

_NEEDED = ("topic_id", "period", "n_papers", "n_total")


@dataclass(frozen=True)
class Grid:
    """Papers of each topic (rows) in each period (columns), topics in order of id, periods without gaps."""

    topic_ids: np.ndarray
    starts: pd.DatetimeIndex
    ends: pd.DatetimeIndex
    n_papers: np.ndarray
    n_total: np.ndarray
    complete: np.ndarray
    every: str
    labels: pd.Series
    left_out: pd.DataFrame

    @property
    def used(self) -> np.ndarray:
        """Periods that count as evidence: complete, and with at least one paper in the whole corpus."""
        return self.complete & (self.n_total > 0)

    @property
    def years(self) -> np.ndarray:
        """Midpoint of each period in years since 1970."""
        days = (self.starts + (self.ends - self.starts) / 2 - pd.Timestamp(0)) / pd.Timedelta(days=365.2425)
        return np.asarray(days, dtype=float)


def grid(counts: Counts | pd.DataFrame, every: str | None) -> Grid:
    """Check counts or a plain table of them and lay it out."""
    if isinstance(counts, Counts):
        if every not in (None, counts.every):
            raise InputError(
                f"These counts are by {counts.every}, not by {every}; count the papers again by {every}."
            )
        complete = counts.table["period"].map(counts.periods["complete"])
        table = counts.table.assign(complete=complete.astype(bool))
        topic_ids = counts.left_out.index.union(counts.table["topic_id"].unique())
        return _lay_out(table, counts.every, topic_ids, counts.labels, counts.left_out)
    if not isinstance(counts, pd.DataFrame):
        raise InputError(
            f"counts must be Counts or a pandas DataFrame with {', '.join(_NEEDED)}, "
            f"not {type(counts).__name__}."
        )
    table = _checked(counts)
    if every is None:
        every = every_of(pd.DatetimeIndex(table["period"])) if len(table) else "year"
        if every is None:
            raise InputError(
                "counts: the periods are not all first days of weeks (Mondays), months, quarters or years; "
                "give the first day of each period."
            )
    else:
        check_every(every)
        _refuse_inner_days(table["period"], every)
    topic_ids = pd.Index(np.unique(table["topic_id"]))
    return _lay_out(table, every, topic_ids, _labels(table), None)


def _checked(counts: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in _NEEDED if name not in counts.columns]
    if missing:
        raise InputError(f"counts lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}.")
    table = counts.reset_index(drop=True)
    for name in ("topic_id", "n_papers", "n_total"):
        column = table[name]
        if len(column) and not (types.is_numeric_dtype(column) and not types.is_bool_dtype(column)):
            raise InputError(f"counts: the column {name} must hold whole numbers, not {column.dtype}.")
        _refuse(column.isna() | (column % 1 != 0), f"{name} must be a whole number", column)
        table[name] = column.astype("int64")
    _refuse(table["n_papers"] < 0, "n_papers must not be negative", table["n_papers"])
    _refuse(
        table["n_papers"] > table["n_total"],
        "n_papers must not exceed n_total, the papers of the whole period",
        table["n_papers"],
    )
    _refuse(table["topic_id"] < UNASSIGNED, "topic_id must be -1 (unassigned) or more", table["topic_id"])
    no_dates = "counts: the column period must hold dates, the first day of each period"
    if types.is_numeric_dtype(table["period"]) and len(table):
        raise InputError(f"{no_dates}, not {table['period'].dtype}.")
    try:
        periods = pd.to_datetime(table["period"], format="ISO8601")
    except (ValueError, TypeError) as error:
        raise InputError(f"{no_dates} such as 2024-01-01.") from error
    if periods.dt.tz is not None:
        raise InputError("counts: the column period must hold dates without a time zone.")
    _refuse(periods.isna(), "period must be a date", periods)
    table["period"] = periods.dt.as_unit("us")
    repeated = table.duplicated(["topic_id", "period"])
    _refuse(repeated, "a topic must have one row per period, so drop the repeated", table["period"])
    if "complete" not in table.columns:
        table["complete"] = True
    elif not types.is_bool_dtype(table["complete"]) or table["complete"].isna().any():
        raise InputError("counts: the column complete must hold True or False.")
    for name in ("n_total", "complete"):
        differs = table.groupby("period")[name].transform("nunique") > 1
        _refuse(differs, f"{name} must be the same for all topics of a period", table["period"])
    return table


def _refuse(wrong: pd.Series, rule: str, shown: pd.Series) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong.to_numpy(bool))[0])
        value = shown.iloc[row]
        text = f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else value
        raise InputError(f"counts, row {row} (from 0): {rule}, not {text}.")


def _refuse_inner_days(periods: pd.Series, every: str) -> None:
    starts = starts_of(numbers(periods.to_numpy(), every), every)
    _refuse(
        pd.Series(starts != pd.DatetimeIndex(periods)), f"period must be the first day of a {every}", periods
    )


def _labels(table: pd.DataFrame) -> pd.Series:
    if "label" not in table.columns:
        return pd.Series(dtype=str)
    differs = table.groupby("topic_id")["label"].transform("nunique") > 1
    _refuse(differs, "a topic must have one label", table["label"])
    return table.drop_duplicates("topic_id").set_index("topic_id")["label"]


def _lay_out(
    table: pd.DataFrame,
    every: str,
    topic_ids: pd.Index,
    labels: pd.Series,
    left_out: pd.DataFrame | None,
) -> Grid:
    topic_ids = pd.Index(np.sort(topic_ids.to_numpy()).astype(np.int32), name="topic_id")
    place = numbers(table["period"].to_numpy(), every)
    span = np.arange(place.min(), place.max() + 1) if len(place) else np.empty(0, np.int64)
    place = place - span[0] if len(place) else place
    n_papers = np.zeros((len(topic_ids), len(span)), np.int64)
    n_papers[topic_ids.get_indexer(table["topic_id"]), place] = table["n_papers"].to_numpy()
    # A period that no row mentions holds no papers and so no evidence.
    n_total, complete = np.zeros(len(span), np.int64), np.ones(len(span), bool)
    n_total[place], complete[place] = table["n_total"].to_numpy(), table["complete"].to_numpy(bool)
    named = pd.Series(
        [UNASSIGNED_LABEL if t == UNASSIGNED else f"topic {t}" for t in topic_ids], index=topic_ids, dtype=str
    )
    named.update(labels.dropna().astype(str))
    if left_out is None:
        left_out = pd.DataFrame({"n_undated": 0, "n_too_coarse": 0}, index=topic_ids)
    starts = starts_of(span, every)
    ends = period_ends(starts, every)
    return Grid(topic_ids.to_numpy(), starts, ends, n_papers, n_total, complete, every, named, left_out)
