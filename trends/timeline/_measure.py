"""Shares with intervals, growth per year and a call for every topic, from counts alone."""

from numbers import Real

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.records import Counts, Trends
from trends.core.tables import UNASSIGNED
from trends.core.wilson import Z
from trends.timeline._bursts import find_bursts, separate
from trends.timeline._calls import as_status, gates_passed, not_used, ranks, reason, statuses
from trends.timeline._forecast import forecast_shares
from trends.timeline._grid import Grid, grid
from trends.timeline._growth import Growth, grow
from trends.timeline._joint import adjusted
from trends.timeline._ranks import mann_kendall
from trends.timeline._season import PER_YEAR, Season, season_of
from trends.timeline._tables import bursts_table, forecast_tables, phases_table, share_of, shares_table

POWER = 2.8
"""Standard errors that a slope must reach to be found four times in five (1.96 + 0.84)."""

LEFT_OUT_APART = 0.1
"""A topic that loses another part of its papers to missing dates than the corpus, by so much, is flagged: its
trend may be a matter of which papers are dated."""

TEXTS = ("label", "reason", "not_used", "season", "caveats")


def measure(
    counts: Counts | pd.DataFrame,
    *,
    fdr: float = 0.05,
    every: str | None = None,
    min_periods: int = 5,
    min_papers: int = 20,
    min_active_periods: int = 3,
    smallest_growth: float = 1.1,
    steady_within: float = 1.5,
    novel_base: float = 0.15,
    novel_ratio: float = 2.0,
    share_dispersion_from: int = 20,
    since: pd.Timestamp | str | None = None,
    turns: bool = True,
    bursts: bool = True,
    forecast: bool = True,
) -> Trends:
    """Measure the share and growth of every topic and call each emerging, growing, steady or declining.

    Growth is the odds ratio per year of a quasi-binomial logistic slope over complete periods with papers,
    tested against t with a dispersion that topics share, and widened for serial correlation. The calls keep
    the false discovery rate over all tested topics. Where two years of months (weeks, three of quarters) show
    a season, it is in the model of every topic. Incomplete periods appear in the shares and nowhere else.

    Parameters
    ----------
    counts
        Counts, or a plain table with topic_id, period (first day), n_papers, n_total and optionally complete
        (default True) and label; rows that are absent count as 0 papers, periods that are absent as unknown.
    fdr
        False discovery rate of the calls, 0 to 1.
    every
        The period of a plain table; found from its dates when None.
    min_periods, min_papers, min_active_periods
        A topic is tested from this many complete periods, papers in them, and periods with its papers.
    smallest_growth
        A rise below this odds ratio a year, or a fall above its inverse, is no trend.
    steady_within
        A topic is steady when its whole interval lies within this ratio of 1.
    novel_base, novel_ratio
        A growing topic is emerging when the first third of the periods holds at most this part of its share,
        and the mean share of the last third is at least this many times that of the first.
    share_dispersion_from
        Number of tested topics from which they share their dispersion.
    since
        First day of the periods that growth and calls rest on; shares and bursts keep all. A theme that rose
        and fell over thirty years has no single growth; it has one of the last ten.

    turns
        Look for turns: a topic that rose for years and then fell is called by what it did since it turned.
    bursts, forecast
        Whether to look for bursts, and to forecast: with thousands of topics and hundreds of periods each
        takes longer than all the rest.

    Returns
    -------
    Trends
        `shares`: topic_id (-1 too where given), period, n_papers, n_total, share (NaN without papers),
        share_low and share_high (95 % Wilson interval), band_low and band_high (the same widened by the
        topic's dispersion, for charts), complete.
        `calls`, by topic_id without -1: label, status, growth, growth_low, growth_high (odds ratio per year
        with 95 % interval, NaN where no finite slope exists), p, q (NaN where not tested), n_periods
        (complete periods with any papers), n_papers and n_total (in these), reason, and the evidence: rank
        (among rising or among falling topics), dispersion (at least 1), df, serial_correlation, tau and tau_p
        (Mann-Kendall on shares), n_active_periods, base_share, active_ratio (may be infinite),
        smallest_detectable (odds ratio per year found four times in five), first_period, last_period,
        not_used (incomplete periods, in words), turned (the period since which the topic goes another way
        than before, NaT for none: growth, tests and numbers of papers are then of the periods from there on),
        growth_before (odds ratio per year of the phase before the turn, else NaN), season ("modelled", "none
        found", "not separable" from the trend for want of periods, "none by year"), caveats (what may
        mislead, in words).
        `phases`: topic_id, label, start and end (periods), growth, growth_low, growth_high, n_papers,
        n_total; one row for each stretch of a topic with one growth, a single one for most.
        `bursts`: topic_id, label, kind ("run" of several periods, "spike" of one), start and end (first and
        last period in it), weight (natural logarithm of how much likelier the burst is), n_papers, n_total,
        share_inside, share_outside, p, q. Only those with q of at most `fdr`, and not the high end of a rise
        or fall. They change no call.
        `forecast`: topic_id, label, period, share, share_low, share_high (80 % interval), up to six periods
        ahead of the last complete one; only of topics whose back-test shows skill. `skill`, by topic_id:
        label, n_origins, baseline (the best simple rule), mase (error as a part of that rule's),
        mase_in_sample, pinball, coverage, pooled_mase, pooled_limit, pooled_coverage, width, shown, reason.

    Raises
    ------
    InputError
        The table is not usable (the message names the row) or a parameter is out of range.

    References
    ----------
    E. B. Wilson (1927), JASA 22; P. McCullagh, J. Nelder (1989), Generalized Linear Models;
    G. K. Smyth (2004), Stat. Appl. Genet. Mol. Biol. 3; Y. Benjamini, Y. Hochberg (1995), JRSS B 57.
    """
    limits = {
        "fdr": fdr,
        "min_periods": min_periods,
        "min_papers": min_papers,
        "min_active_periods": min_active_periods,
        "smallest_growth": smallest_growth,
        "steady_within": steady_within,
        "novel_base": novel_base,
        "novel_ratio": novel_ratio,
        "share_dispersion_from": share_dispersion_from,
    }
    _check_limits(limits)
    laid = grid(counts, every)
    used = laid.used & _not_before(laid.starts, since)
    season = season_of(laid.starts[used], laid.ends[used], laid.every)
    evidence = pd.DataFrame(
        {
            "n_periods": int(used.sum()),
            "n_papers": laid.n_papers[:, used].sum(axis=1),
            "n_active_periods": (laid.n_papers[:, used] > 0).sum(axis=1),
            "growth": 0.0,
        },
        index=pd.Index(laid.topic_ids, name="topic_id"),
    )
    testable = gates_passed(evidence, limits).to_numpy() & (laid.topic_ids != UNASSIGNED)
    gaps = np.diff(np.flatnonzero(used))
    growth = grow(
        laid.n_papers[:, used],
        laid.n_total[used],
        laid.years[used],
        testable,
        gaps == 1,
        season.terms,
        turns,
        limits,
    )
    calls = _calls(laid, used, growth, season, limits)
    topics = laid.topic_ids != UNASSIGNED
    ahead, skill = _outlook(laid, topics, growth.season, forecast)
    return Trends(
        shares=shares_table(laid, growth.dispersion),
        calls=calls,
        phases=phases_table(laid, used, growth),
        bursts=_bursts(laid, topics, calls, fdr, bursts),
        forecast=ahead,
        skill=skill,
        every=laid.every,
        left_out=laid.left_out,
        whole=counts.attrs.get("whole", Trends.whole) if isinstance(counts, pd.DataFrame) else Trends.whole,
        shaky=counts.shaky if isinstance(counts, Counts) else frozenset(),
        fingerprint=fingerprint(
            "measure 2", limits, str(since), turns, bursts, forecast, laid.every, laid.topic_ids,
            laid.starts, laid.n_papers, laid.n_total, laid.complete, laid.labels, laid.left_out,
        ),
    )  # fmt: skip


_DATE = "datetime64[us]"


def _outlook(laid: Grid, topics: np.ndarray, season: bool, wanted: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecast from the last unbroken block of complete periods."""
    unused = np.flatnonzero(~laid.used[: _end(laid)])
    block = slice(unused[-1] + 1 if len(unused) else 0, _end(laid) if wanted else 0)
    found = forecast_shares(
        laid.n_papers[topics][:, block],
        laid.n_total[block],
        season=PER_YEAR[laid.every] if season and laid.every != "week" else None,
    )
    return forecast_tables(laid, found, laid.topic_ids[topics])


def _end(laid: Grid) -> int:
    """Give the number of periods up to the last complete one."""
    return int(np.flatnonzero(laid.used)[-1]) + 1 if laid.used.any() else 0


def _bursts(laid: Grid, topics: np.ndarray, calls: pd.DataFrame, fdr: float, wanted: bool) -> pd.DataFrame:
    used = laid.used if wanted else np.zeros(len(laid.starts), bool)
    found = find_bursts(laid.n_papers[topics][:, used], laid.n_total[used])
    trending = np.flatnonzero(calls["status"].isin(["emerging", "growing", "declining"]))
    kept = separate(found[found["q"] <= fdr], trending, int(used.sum()))
    return bursts_table(laid, kept, laid.topic_ids[topics])


def _check_limits(limits: dict[str, float]) -> None:
    for name, value in limits.items():
        if not isinstance(value, Real):
            raise InputError(f"{name} must be a number, not {value!r}.")
    for name in ("fdr", "novel_base"):
        if not 0 < limits[name] < 1:
            raise InputError(f"{name} must lie between 0 and 1, not {limits[name]!r}.")
    for name in ("smallest_growth", "steady_within", "novel_ratio"):
        if not limits[name] >= 1:
            raise InputError(f"{name} must be 1 or more, not {limits[name]!r}.")
    for name, least in (("min_periods", 3), ("min_papers", 1), ("min_active_periods", 2)):
        if not limits[name] >= least:
            raise InputError(f"{name} must be {least} or more, not {limits[name]!r}.")


def _not_before(starts: pd.DatetimeIndex, since: pd.Timestamp | str | None) -> np.ndarray:
    if since is None:
        return np.ones(len(starts), bool)
    day = pd.to_datetime(since, errors="coerce") if isinstance(since, str) else since
    if not isinstance(day, pd.Timestamp) or pd.isna(day):
        raise InputError(f"since must be a date such as '2015-01-01', not {since!r}.")
    return np.asarray(starts >= day)


def _calls(
    laid: Grid,
    used: np.ndarray,
    growth: Growth,
    season: Season,
    limits: dict[str, float],
) -> pd.DataFrame:
    from scipy.special import stdtr, stdtrit

    shares = share_of(laid.n_papers[:, used], laid.n_total[used])
    tau, tau_p = _ranked(shares, growth.start, season.place if growth.season else None)
    base_share, active_ratio = _novelty(shares)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        reach = stdtrit(growth.degrees, 0.975) if used.sum() > 2 else np.nan
        reach = np.where(np.isinf(growth.degrees), Z, reach)
        ratio, low, high = (np.exp(growth.slope + side * reach * growth.error) for side in (0, -1, 1))
        p = 2 * stdtr(growth.degrees, -np.abs(growth.slope / growth.error))
        smallest_detectable = np.exp(POWER * growth.error)
    span = laid.starts[used]
    rested = np.arange(len(span)) >= growth.start[:, None]
    n_papers = np.where(rested, laid.n_papers[:, used], 0)
    first = span[growth.start] if len(span) else pd.DatetimeIndex([pd.NaT] * len(shares))
    calls = pd.DataFrame(
        {
            "label": laid.labels.to_numpy(),
            "status": as_status(np.full(len(shares), "too few to say")),
            "growth": ratio,
            "growth_low": low,
            "growth_high": high,
            "p": p,
            "q": np.nan,
            "n_periods": rested.sum(axis=1),
            "n_papers": n_papers.sum(axis=1),
            "reason": "",
            "rank": pd.NA,
            "n_total": rested @ laid.n_total[used],
            "n_active_periods": (n_papers > 0).sum(axis=1),
            "dispersion": growth.dispersion,
            "df": growth.degrees,
            "serial_correlation": growth.serial_correlation,
            "tau": tau,
            "tau_p": tau_p,
            "base_share": base_share,
            "active_ratio": active_ratio,
            "smallest_detectable": smallest_detectable,
            "first_period": first,
            "last_period": span[-1] if len(span) else pd.NaT,
            "not_used": not_used(laid.starts, laid.complete, laid.every),
            "turned": first.where(growth.start > 0),
            "growth_before": np.exp(growth.before),
            "season": _season_word(laid.every, season, growth),
            "caveats": _caveats(laid),
        },
        index=pd.Index(laid.topic_ids, name="topic_id"),
    ).astype({"first_period": _DATE, "last_period": _DATE, "turned": _DATE, **dict.fromkeys(TEXTS, str)})
    calls = calls.drop(index=UNASSIGNED, errors="ignore")
    calls["p"] = calls["p"].where(gates_passed(calls, limits))
    calls["q"] = adjusted(calls["p"].to_numpy(dtype=float))
    calls["status"] = as_status(statuses(calls, limits))
    calls["rank"] = ranks(calls)
    calls["reason"] = pd.Series(
        [reason(row, laid.every, limits) for row in calls.to_dict("records")], index=calls.index, dtype=str
    )
    return calls


def _ranked(shares: np.ndarray, start: np.ndarray, place: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Give Mann-Kendall's tau and p of each topic from its start on.

    Less than a season long, a phase has no two periods of one season to compare, and all are compared.
    """
    tau, p = np.empty(len(shares)), np.empty(len(shares))
    for first in np.unique(start):
        rows = start == first
        season = (
            None
            if place is None or len(np.unique(place[first:])) == shares.shape[1] - first
            else place[first:]
        )
        tau[rows], p[rows] = mann_kendall(shares[rows, first:], season)
    return tau, p


def _season_word(every: str, season: Season, growth: Growth) -> str:
    if every == "year":
        return "none by year"
    if not season.separable:
        return "not separable"
    return "modelled" if growth.season else "none found"


def _caveats(laid: Grid) -> list[str]:
    """Say of each topic whether another part of its papers than of all papers is in no period."""
    lost = laid.left_out.reindex(laid.topic_ids, fill_value=0).sum(axis=1).to_numpy()
    everything = laid.n_papers.sum(axis=1) + lost
    if not everything.sum():
        return [""] * len(everything)
    usual = lost.sum() / everything.sum()
    rates = lost / np.fmax(everything, 1)
    return [
        f"{rate:.0%} of its papers are in no {laid.every}, {usual:.0%} of all" if odd else ""
        for rate, odd in zip(rates, (np.abs(rates - usual) > LEFT_OUT_APART) & (everything > 0))
    ]


def _novelty(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the first third's part of all shares, and the last third's mean share over the first's."""
    third = max(1, shares.shape[1] // 3)
    first, last = shares[:, :third].sum(axis=1), shares[:, -third:].sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return first / shares.sum(axis=1), last / first
