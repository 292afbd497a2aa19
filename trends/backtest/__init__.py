"""The whole flow as of an earlier date, and what came of the calls that it would have made.

At each date everything is made anew from the papers known by then: vectors, topics, cut-offs, labels,
dispersion, calls. Later papers are read and assigned by the rules frozen at that date, and so is the past
that they are compared with: no seam lies between the two. What cannot be undone is named in the notes: an
encoder that was trained later.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from trends.backtest._rules import scores as rule_scores
from trends.backtest._score import Backtest, score
from trends.backtest._truth import truth
from trends.core.errors import InputError
from trends.core.periods import check_every, numbers, period_ends, starts_of
from trends.core.records import Counts, Trends
from trends.core.tables import PAPERS, UNASSIGNED, check
from trends.embeddings import Encoder, embed
from trends.study import Study, study_of
from trends.timeline import measure
from trends.timeline._count import Dated, periods_of
from trends.topics import assign

__all__ = ["Backtest", "as_of", "run", "score"]

PERIODS_BEFORE, DATES = 8, 8
"""Complete periods that a date needs before it, and how many dates are looked at by default."""

_KEPT = (
    *("label", "status", "rank", "growth", "growth_low", "growth_high", "q", "dispersion"),
    "n_papers",
)


def as_of(
    papers: pd.DataFrame,
    date: pd.Timestamp | str,
    *,
    every: str = "auto",
    encoder: "str | Encoder | np.ndarray | pd.DataFrame" = "minilm",
    detail: float | None = None,
    n_topics: int | None = None,
    seed: int = 0,
    exact: bool = False,
    settle_days: int = 0,
) -> Study:
    """Give the study that could have been made at the beginning of a day, from the papers known by then.

    Parameters
    ----------
    papers
        The papers table, later papers too: the study is the same with and without them. Where it has a
        column `known_at` (datetime64), that is when a paper became known; else, and where that is empty, a
        paper is known `settle_days` after the last day that its date may mean: a year-precise one after its
        year. Undated papers are never known.
    date
        Papers known on an earlier day enter; periods that ended before it are complete.
    every
        As in `count`.
    encoder, exact
        As in `embed`; vectors that are given are of all papers, and may know more than the date.
    detail, n_topics, seed
        As in `cluster`.
    settle_days
        Days by which sources lag behind the dates of papers; the last period must have ended so many days
        before `date` to be complete.

    Returns
    -------
    Study
        Its `parameters` hold `as_of`, and `observed_until`, the last day whose papers count as collected.

    Raises
    ------
    InputError
        No paper was known by then, `date` is no date, or an option is not one of its values.
    """
    check(papers, PAPERS)
    day = _day(date)
    known = _known(papers, day, settle_days)
    if not known.any():
        raise InputError(f"No paper was known by {day:%Y-%m-%d}; give a later date.")
    then = papers[known].sort_index().sort_values("date", kind="stable")
    # Where the files stood that held later papers too is nothing that could be known.
    then.attrs = {}
    if isinstance(encoder, np.ndarray | pd.DataFrame):
        encoder = embed(papers, encoder)
    study = study_of(
        then,
        every=every,
        encoder=encoder,
        detail=detail,
        n_topics=n_topics,
        seed=seed,
        exact=exact,
        observed_until=f"{day - pd.Timedelta(days=1 + settle_days):%Y-%m-%d}",
        title=f"Trends in {len(then):,} papers as of {day:%Y-%m-%d}",
    )
    asked = {"as_of": f"{day:%Y-%m-%d}", "settle_days": settle_days}
    return replace(study, parameters=dict(study.parameters) | asked)


def run(
    papers: pd.DataFrame,
    dates: Iterable[pd.Timestamp | str] | None = None,
    *,
    every: str,
    horizons: Sequence[int] = (2, 4),
    encoder: "str | Encoder | np.ndarray | pd.DataFrame" = "minilm",
    detail: float | None = None,
    n_topics: int | None = None,
    seed: int = 0,
    exact: bool = False,
    settle_days: int = 0,
    observed_until: pd.Timestamp | str | None = None,
    leaky: bool = False,
) -> Backtest:
    """Make the calls of earlier dates and hold them, and naive rules beside them, against what came.

    A topic rose if its odds over the next periods are at least 1.25 times those over as many last complete
    ones, and the lower bound of their 90 % interval, widened by the topic's dispersion as known then, is
    above 1. Both sides are counted by the centroids and cut-offs of the date. The rules rank the same topics:
    the calls by `calls.rank` (emerging and growing ones only), the naive ones by the largest last change of
    share, the largest current share, the steepest slope of share, BERTrend's slope of popularity, and chance.

    Parameters
    ----------
    papers
        The papers table, with `known_at` where that is known; see `as_of`.
    dates
        The days to go back to. None takes at most 8 beginnings of periods, evenly spread, that leave 8
        complete periods before them and the largest horizon after them.
    every
        "week", "month", "quarter" or "year".
    horizons
        How many periods to look ahead.
    encoder, exact, detail, n_topics, settle_days
        As in `as_of`. An encoder trained after a date knows what came after it, which is noted.
    seed
        Seeds the topics and the bootstrap over dates.
    observed_until
        As in `count`: the last day on which papers were collected.
    leaky
        Fit topics once, on all papers, and only make the calls anew. Far cheaper, and it leaks: today's
        topics were found by knowing what grew. The result says so everywhere.

    Returns
    -------
    Backtest
        Calls with their outcome, scores of every rule, a summary with bootstrap intervals and a verdict.

    Raises
    ------
    InputError
        A horizon or date is not usable, or too few complete periods lie before and after every date.
    """
    check(papers, PAPERS)
    check_every(every)
    if not len(horizons) or any(not isinstance(h, int | np.integer) or h < 1 for h in horizons):
        raise InputError(f"horizons must be whole numbers of periods, 1 or more, not {horizons!r}.")
    dated = periods_of(papers, every, observed_until)
    days = _default_days(dated, max(horizons)) if dates is None else sorted({_day(date) for date in dates})
    if isinstance(encoder, np.ndarray | pd.DataFrame):
        encoder = embed(papers, encoder)
    fit: dict[str, Any] = {
        "encoder": encoder,
        "detail": detail,
        "n_topics": n_topics,
        "seed": seed,
        "exact": exact,
    }
    until = None if observed_until is None else f"{_day(observed_until):%Y-%m-%d}"
    whole = study_of(papers, every=every, observed_until=until, **fit) if leaky else None
    tables, made_by = [], None
    for day in _progress(days):
        if whole is None:
            study = as_of(papers, day, every=every, settle_days=settle_days, **fit)
            then = _Then(study.trends, _complete(study.counts))
            cells = _recounted(papers, dated, study, day, max(horizons), fit["encoder"])
        else:
            study, then = whole, _restricted(whole.counts, day, settle_days)
            cells = _cells(dated, papers, study.topics.members["topic_id"], study.topics.table.index)
        made_by = study.embeddings.attrs
        tables += [_outcome(then, cells, dated, day, horizon) for horizon in horizons]
    tables = [table for table in tables if len(table)]
    if not tables:
        raise InputError(
            f"No date has {min(horizons)} complete {every}s before it and as many after; "
            "give earlier dates or shorter horizons."
        )
    parameters = {
        "dates": [f"{day:%Y-%m-%d}" for day in days],
        "horizons": [int(horizon) for horizon in horizons],
        "encoder": (made_by or {}).get("encoder", "given"),
        "revision": (made_by or {}).get("revision", ""),
        "detail": detail,
        "n_topics": n_topics,
        "seed": seed,
        "exact": exact,
        "settle_days": settle_days,
        "leaky": leaky,
    }
    calls = pd.concat(tables, ignore_index=True)
    return score(calls, every=every, seed=seed, leak_free=not leaky, parameters=parameters)


@dataclass(frozen=True)
class _Then:
    """What was known at a date: the calls, and papers per topic (rows) and complete period with its total."""

    trends: Trends
    counted: tuple[np.ndarray, np.ndarray, pd.DatetimeIndex]


def _day(date: pd.Timestamp | str) -> pd.Timestamp:
    try:
        day = pd.Timestamp(date)
    except (ValueError, TypeError):
        day = pd.NaT
    if day is pd.NaT:
        raise InputError(f"date must be a date such as '2024-07-01', not {date!r}.")
    return (day.tz_convert("UTC").tz_localize(None) if day.tzinfo else day).normalize()


def _known(papers: pd.DataFrame, day: pd.Timestamp, settle_days: int) -> np.ndarray:
    """Tell which papers were known before the day began."""
    if not isinstance(settle_days, int | np.integer) or settle_days < 0:
        raise InputError(f"settle_days must be a whole number of days, 0 or more, not {settle_days!r}.")
    precision = papers["date_precision"].astype(str).to_numpy()
    known = papers["date"].where(papers["date_precision"] != "unknown").to_numpy().copy()
    for every in ("month", "year"):
        coarse = (precision == every) & ~np.isnat(known)
        known[coarse] = period_ends(starts_of(numbers(known[coarse], every), every), every).to_numpy()
    known = known + np.timedelta64(int(settle_days), "D")
    if "known_at" in papers.columns:
        told = papers["known_at"]
        if told.dtype.kind != "M" or getattr(told.dtype, "tz", None) is not None:
            raise InputError(f"papers: known_at must hold dates without a time zone, not {told.dtype}.")
        known = np.where(told.isna(), known, told.to_numpy())
    return np.asarray(known < day.to_datetime64())


def _default_days(dated: Dated, horizon: int) -> list[pd.Timestamp]:
    """Return beginnings of periods, evenly spread, with enough complete periods before and after."""
    complete = dated.window.complete
    before = np.concatenate([[0], np.cumsum(complete)[:-1]]) if len(complete) else np.zeros(0, int)
    fit = [
        k
        for k in range(len(complete) - horizon + 1)
        if before[k] >= PERIODS_BEFORE and complete[k : k + horizon].all()
    ]
    if not fit:
        raise InputError(
            f"The papers fill {int(complete.sum())} complete {dated.window.every}s; a back-test needs "
            f"{PERIODS_BEFORE} before a date and {horizon} after it: count by a shorter period or shorten "
            "horizons."
        )
    chosen = np.unique(np.linspace(0, len(fit) - 1, min(DATES, len(fit))).round().astype(int))
    return [dated.window.starts[fit[k]] for k in chosen]


def _complete(counts: Counts) -> tuple[np.ndarray, np.ndarray, pd.DatetimeIndex]:
    """Return papers per topic (without -1) and complete period with any paper, the totals and the periods."""
    used = counts.periods.index[counts.periods["complete"] & (counts.periods["n_total"] > 0)]
    wide = counts.table.pivot_table(index="topic_id", columns="period", values="n_papers", aggfunc="sum")
    wide = wide.drop(index=UNASSIGNED, errors="ignore").reindex(columns=used)
    return wide.to_numpy(float), counts.periods.loc[used, "n_total"].to_numpy(float), used


def _restricted(counts: Counts, day: pd.Timestamp, settle_days: int) -> _Then:
    """Return what today's counts say of the periods that were complete at a day."""
    seen = counts.periods["complete"] & (counts.periods["end"] < day - pd.Timedelta(days=settle_days))
    periods = counts.periods.index[seen]
    if not len(periods):
        raise InputError(f"No period was complete by {day:%Y-%m-%d}; give later dates.")
    table = counts.table[counts.table["period"].isin(periods)]
    table = table.assign(label=table["topic_id"].map(counts.labels).astype(str))
    kept = replace(
        counts, table=counts.table[counts.table["period"].isin(periods)], periods=counts.periods[seen]
    )
    return _Then(measure(table, every=counts.every), _complete(kept))


def _recounted(
    papers: pd.DataFrame,
    dated: Dated,
    study: Study,
    day: pd.Timestamp,
    horizon: int,
    encoder: Any,
) -> np.ndarray:
    """Count all papers up to the horizon by the rules frozen at the day, past ones too (topics x periods)."""
    starts = dated.window.starts
    last = min(np.searchsorted(starts, day) + horizon, len(starts))
    counted = np.flatnonzero(dated.window.counted)[dated.window.place < last]
    later = papers.iloc[counted].loc[lambda table: ~table.index.isin(study.papers.index)]
    vectors = study.embeddings
    if len(later):
        given = isinstance(encoder, pd.DataFrame)
        new = embed(later, encoder) if given else embed(later, encoder, like=study.embeddings)
        vectors = pd.concat([vectors, new])
        vectors.attrs = dict(study.embeddings.attrs)
    everyone = papers.loc[vectors.index]
    found = assign(everyone, vectors, study.topics)["topic_id"]
    return _cells(dated, papers, found, study.topics.table.index)


def _cells(dated: Dated, papers: pd.DataFrame, found: pd.Series, topic_ids: pd.Index) -> np.ndarray:
    """Return papers per topic (rows, -1 the last) and period of those whose topic is given by paper_id."""
    groups = topic_ids.get_indexer(found.to_numpy())
    groups = np.where(groups < 0, len(topic_ids), groups)
    return dated.cells(groups, papers.index.get_indexer(found.index), len(topic_ids) + 1)


def _outcome(then: _Then, cells: np.ndarray, dated: Dated, day: pd.Timestamp, horizon: int) -> pd.DataFrame:
    """Return the calls of a day, each rule's score and what came; empty where too little was observed."""
    window, (n_papers, n_total, known) = dated.window, then.counted
    first = int(np.searchsorted(window.starts, day))
    after = np.arange(first, min(first + horizon, len(window.starts)))
    before = window.starts.get_indexer(known[-horizon:])
    if len(after) < horizon or len(before) < horizon or not window.complete[after].all():
        return pd.DataFrame()
    (n_before, total_before), (n_after, total_after) = (
        (cells[:-1, side].sum(axis=1), cells[:, side].sum()) for side in (before, after)
    )
    calls = then.trends.calls
    dispersion = calls["dispersion"].fillna(1).to_numpy(float)
    came = truth(n_before, np.array(total_before), n_after, np.array(total_after), dispersion)
    table = calls[list(_KEPT)].reset_index()
    table.insert(0, "as_of", day.as_unit("us"))
    table.insert(1, "horizon", int(horizon))
    table = table.assign(
        n_before=n_before, total_before=int(total_before), n_after=n_after, total_after=int(total_after)
    )
    return pd.concat([table, came, pd.DataFrame(rule_scores(n_papers, n_total))], axis=1)


def _progress(days: list[pd.Timestamp]) -> Iterable[pd.Timestamp]:
    from tqdm.auto import tqdm

    return tqdm(days, desc="Looking back", unit="date")
