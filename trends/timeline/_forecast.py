"""Forecasts of shares, shown only where a back-test finds skill.

Three standard models (drift, damped trend, Theta) are averaged on the logit scale and replayed from every
origin of the past. A forecast appears only if it beat the simple rules in its own topic and over all topics:
alone, a topic does so by luck. None of 8,000 planted tables of 60 topics whose shares only flicker or walk at
random shows any.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.timeline._forecast_models import (
    all_origins,
    first_origin,
    logit,
    share_at,
    simple_rule,
    steadiness_of,
)

COVERAGE = 0.8
"""Part of future shares that an interval is to hold."""

COVERAGE_WITHIN = (0.75, 0.85)
"""What the intervals of the back-test must hold over all topics."""

LONGEST_HORIZON = 6
FEWEST_ORIGINS = 5

_CHUNK = 500
"""Topics worked on at once; their arrays then fit the cache of a processor, and memory stays small."""

_CHECKPOINTS = 20
_FEW_ERRORS = 20
"""Errors of a horizon below which it takes the quantiles of all horizons."""

_WIDEST = 3.0
_FARTHEST = 10.0
"""A ratio of errors counts at most so much in the pooled one, and at least one over it."""

_LUCK = 0.2
"""How far the logarithm of the pooled ratio must lie below 0, times the root of the number of topics.

Of random walks over 24 and 40 periods, 25 and 33 % of tables with one topic would show a forecast by luck,
and 12 and 20 % of those with five; with this margin it is 5 and 4 %, and 1 %.
"""

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Forecast:
    """Shares to come, topics by periods ahead (NaN where none is shown), and the skill behind them.

    Attributes
    ----------
    share, low, high
        Median and 80 % interval of the share of all papers, 0 to 1.
    skill
        One row per topic, in the order given: n_origins, baseline (the best simple rule: "naive", "seasonal
        naive", "mean" or "seasonal mean"), mase, mase_in_sample, pinball, coverage, pooled_mase,
        pooled_limit, pooled_coverage, width, shown, reason. See `forecast_shares`.
    """

    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    skill: pd.DataFrame


def forecast_shares(n_papers: np.ndarray, n_total: np.ndarray, *, season: int | None = None) -> Forecast:
    """Forecast every topic's share, and show it only where the same forecasts of the past had skill.

    The forecast is the mean of drift, damped-trend exponential smoothing and Theta on the logit of
    (papers + 1/2) of (all papers + 1). It is a median: logits are averaged and turned back, which keeps order
    and needs no correction for the mean. It is replayed from each origin after the first 8 periods (two
    seasons, if that is more) at every horizon that has a truth, and compared there with simple rules: the
    last share (naive), the share of all papers so far (mean), and with a season both within the same season.
    Without the mean, any average would seem skilled on a share that only flickers.

    Intervals come from errors on the logit scale, divided by the topic's own one-step error and pooled over
    topics, by horizon. Their coverage is out of sample: each origin's interval knows only errors whose truth
    lies before it. Where 75 to 85 % is missed, all intervals are widened or narrowed by one factor until 80 %
    hold; where no factor does that, nothing is shown.

    Parameters
    ----------
    n_papers
        Papers, topics by consecutive complete periods, oldest first. Unassigned papers are no topic.
    n_total
        All papers of each period, above 0.
    season
        Periods in a year where topics have a season (12, 4), else None.

    Returns
    -------
    Forecast
        At most 6 periods ahead, and no more than a quarter of the periods given. In `skill`, mase is the mean
        absolute error divided by that of the best simple rule over the same origins and horizons (NaN where
        that rule made no error), mase_in_sample the same error divided by the mean change from period to
        period; pinball is the mean loss of the interval's two bounds (quantiles .1 and .9, in shares);
        coverage the part of the back-tested shares inside; pooled_mase the geometric mean of mase over
        topics, so that the one large topic does not speak for all; pooled_limit what it must stay below (.97
        for 60 topics, .82 for one: few topics are below 1 by luck); pooled_coverage the coverage of all;
        width the factor that all intervals were widened (above 1) or narrowed by, with pooled_coverage in
        view; shown is True where mase is below 1, pooled_mase below its limit, and intervals hold; reason
        says why or why not.

    Raises
    ------
    InputError
        The arrays do not fit together, counts are impossible, or season is below 2.

    References
    ----------
    V. Assimakopoulos, K. Nikolopoulos (2000), The theta model, Int. J. Forecasting 16;
    R. J. Hyndman, B. Billah (2003), Unmasking the Theta method, Int. J. Forecasting 19;
    E. S. Gardner, E. McKenzie (1985), Forecasting trends in time series, Management Science 31;
    R. J. Hyndman, A. B. Koehler (2006), Another look at measures of forecast accuracy, IJF 22;
    A. Davydenko, R. Fildes (2013), Measuring forecasting accuracy, IJF 29 (geometric mean of ratios).
    """
    n_papers, n_total = _checked(n_papers, n_total, season)
    n_topics, n = n_papers.shape
    first, horizon = first_origin(season), min(LONGEST_HORIZON, n // 4)
    if n - first < FEWEST_ORIGINS:
        needed = first + FEWEST_ORIGINS
        return _nothing(
            n_topics, horizon, max(0, n - first),
            f"too few periods for a back-test: {n} of the {needed} that it needs",
        )  # fmt: skip
    played = _play(n_papers, n_total, season, horizon)
    # A rule without any error cannot be beaten: most often there are no papers, and 0 is right.
    tested = np.asarray((played.simple_mae > 0).all(axis=1))
    return _decided(played, tested, _calibrated(played, tested), n_papers / n_total)


@dataclass(frozen=True)
class _Played:
    """What the back-test left: logit forecasts of every origin (the last is now), their errors, and skill."""

    centre: np.ndarray  # topics x origins x horizon
    spread: np.ndarray  # topics x origins, one-step error of the models up to the origin
    errors: np.ndarray  # topics x past origins x horizon, in units of spread; NaN without a truth
    usual: np.ndarray  # papers of a usual period, by origin
    mae: np.ndarray
    simple_mae: np.ndarray  # topics x rules
    change: np.ndarray  # mean change of the share from period to period
    rules: list[str]


def _play(n_papers: np.ndarray, n_total: np.ndarray, season: int | None, horizon: int) -> _Played:
    n_topics, n = n_papers.shape
    first = first_origin(season)
    origins = np.arange(first, n + 1)
    usual = _usual(n_total, origins, season)
    rules = ["naive", "mean"] + (["seasonal naive", "seasonal mean"] if season else [])
    centre = np.empty((n_topics, len(origins), horizon))
    spread = np.empty((n_topics, len(origins)))
    errors = np.empty((n_topics, len(origins) - 1, horizon))
    mae, simple_mae, change = np.empty(n_topics), np.empty((n_topics, len(rules))), np.empty(n_topics)
    steadiness = steadiness_of(n_papers, n_total, season)
    ahead = origins[:-1, None] + np.arange(horizon)
    known = ahead < n
    for part in _chunks(n_topics):
        y = n_papers[part]
        centre[part], spread[part] = all_origins(y, n_total, season, horizon, steadiness)
        shares = y / n_total
        truth = shares[:, np.minimum(ahead, n - 1)]
        wanted = logit(truth * usual[:-1, None], usual[:-1, None])
        errors[part] = np.where(known, (wanted - centre[part, :-1]) / spread[part, :-1, None], np.nan)
        missed = np.abs(share_at(centre[part, :-1], usual[:-1, None]) - truth)
        mae[part] = missed[:, known].mean(axis=1)
        for k, rule in enumerate(rules):
            missed = np.abs(simple_rule(rule, y, n_total, origins[:-1], horizon, season) - truth)
            simple_mae[part, k] = missed[:, known].mean(axis=1)
        change[part] = np.abs(np.diff(shares, axis=1)).mean(axis=1)
    return _Played(centre, spread, errors, usual, mae, simple_mae, change, rules)


@dataclass(frozen=True)
class _Intervals:
    """Quantiles of errors by origin and horizon, and how far each error of the back-test lies out in them."""

    low: np.ndarray  # origins x horizon, at most 0; NaN where too few errors were known
    high: np.ndarray
    reach: np.ndarray  # topics x past origins x horizon: inside where at most `width`
    width: float
    coverage: float


def _calibrated(played: _Played, tested: np.ndarray) -> _Intervals:
    """Give each origin the quantiles of the errors known there, and the width that makes them hold."""
    errors = played.errors[tested]
    n_origins, horizon = played.errors.shape[1:]
    low, high = np.full((2, n_origins + 1, horizon), np.nan)
    # Sorting all errors anew at each of hundreds of origins would take minutes and change little.
    checkpoints = np.unique(np.linspace(1, n_origins, min(_CHECKPOINTS, n_origins)).astype(int))
    for now, until in zip(checkpoints, np.append(checkpoints[1:], n_origins + 1)):
        low[now:until], high[now:until] = _quantiles(errors, now)
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = np.where(played.errors > 0, played.errors / high[:-1], played.errors / low[:-1])
    reach[played.errors == 0] = 0
    reach[np.isnan(played.errors) | np.isnan(high[:-1])] = np.nan
    judged = reach[tested]
    judged = judged[~np.isnan(judged)]
    if not len(judged):
        return _Intervals(low, high, reach, 1.0, np.nan)
    width, coverage = 1.0, float((judged <= 1 + _ROUNDING).mean())
    if not COVERAGE_WITHIN[0] <= coverage <= COVERAGE_WITHIN[1]:
        # An error beyond a bound of no width is infinitely far out; between two such there is no number.
        width = float(np.clip(np.quantile(judged, COVERAGE, method="inverted_cdf"), 1 / _WIDEST, _WIDEST))
        coverage = float((judged <= width + _ROUNDING).mean())
    return _Intervals(low, high, reach, width, coverage)


def _quantiles(errors: np.ndarray, now: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the quantiles by horizon of the errors whose truth was known at an origin, NaN from too few.

    Of m errors the k-th from either end, k the whole part of (m + 1) / 10: the next one then falls outside
    each end with a chance of one in ten at most (V. Vovk, A. Gammerman, G. Shafer 2005, chapter 2).
    """
    horizon = errors.shape[2]
    known = [errors[:, : max(0, now - ahead), ahead].ravel() for ahead in range(horizon)]
    bounds = np.full((2, horizon), np.nan)
    everything = np.concatenate(known)
    for ahead in range(horizon):
        used = known[ahead] if len(known[ahead]) >= _FEW_ERRORS else everything
        k = int((len(used) + 1) * (1 - COVERAGE) / 2 + _ROUNDING)
        if k:
            bounds[:, ahead] = np.partition(used, [k - 1, len(used) - k])[[k - 1, len(used) - k]]
    # The forecast itself always belongs to its interval.
    return np.minimum(bounds[0], 0), np.maximum(bounds[1], 0)


def _decided(played: _Played, tested: np.ndarray, intervals: _Intervals, shares: np.ndarray) -> Forecast:
    best = played.simple_mae.argmin(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mase = np.where(tested, played.mae / played.simple_mae.min(axis=1), np.nan)
        in_sample = np.where(tested, played.mae / played.change, np.nan)
    # Sorted, so that no order of topics changes the last digit of a sum.
    ratios = np.sort(np.clip(mase[tested], 1 / _FARTHEST, _FARTHEST))
    pooled = float(np.exp(np.log(ratios).mean())) if len(ratios) else np.nan
    limit = float(np.exp(-_LUCK / np.sqrt(max(1, len(ratios)))))
    holds = COVERAGE_WITHIN[0] <= intervals.coverage <= COVERAGE_WITHIN[1]
    shown = tested & (mase < 1) & (pooled < limit) & holds
    skill = pd.DataFrame(
        {
            "n_origins": played.errors.shape[1],
            "baseline": pd.Series(np.array(played.rules, dtype=object)[best], dtype=str),
            "mase": mase,
            "mase_in_sample": in_sample,
            "pinball": _pinball(played, intervals, shares),
            "coverage": _coverage(intervals),
            "pooled_mase": pooled,
            "pooled_limit": limit,
            "pooled_coverage": intervals.coverage,
            "width": intervals.width,
            "shown": shown,
        }
    )
    skill["reason"] = pd.Series([_reason(row) for row in skill.itertuples()], dtype=str)
    bounds = [
        intervals.width * side[-1] * played.spread[:, -1, None] for side in (intervals.low, intervals.high)
    ]
    low, share, high = (
        np.where(shown[:, None], share_at(played.centre[:, -1] + moved, played.usual[-1]), np.nan)
        for moved in (bounds[0], 0.0, bounds[1])
    )
    return Forecast(share, low, high, skill)


def _coverage(intervals: _Intervals) -> np.ndarray:
    judged = ~np.isnan(intervals.reach)
    inside = (intervals.reach <= intervals.width + _ROUNDING).sum(axis=(1, 2))
    return inside / np.where(judged.any(axis=(1, 2)), judged.sum(axis=(1, 2)), np.nan)


def _pinball(played: _Played, intervals: _Intervals, shares: np.ndarray) -> np.ndarray:
    """Average the loss of both bounds as quantiles (R. Koenker, G. Bassett 1978), over the same cells."""
    n_origins, horizon = played.errors.shape[1:]
    n = shares.shape[1]
    ahead = np.minimum(n - n_origins + np.arange(n_origins)[:, None] + np.arange(horizon), n - 1)
    loss = np.empty(len(shares))
    for part in _chunks(len(shares)):
        judged = ~np.isnan(intervals.reach[part])
        total = np.zeros(judged.shape)
        for bound, level in ((intervals.low, (1 - COVERAGE) / 2), (intervals.high, (1 + COVERAGE) / 2)):
            moved = intervals.width * bound[:-1] * played.spread[part, :-1, None]
            gap = shares[part][:, ahead] - share_at(played.centre[part, :-1] + moved, played.usual[:-1, None])
            total += np.maximum(level * gap, (level - 1) * gap) / 2
        n_judged = judged.sum(axis=(1, 2))
        loss[part] = np.where(judged, total, 0).sum(axis=(1, 2)) / np.where(n_judged, n_judged, np.nan)
    return loss


def _reason(row: Any) -> str:
    if np.isnan(row.mase):
        return f"nothing to beat: the {row.baseline} rule made no error in the back-test"
    if not row.mase < 1:
        return f"no skill: error {row.mase:.2f} of the {row.baseline} rule's"
    if not row.pooled_mase < 1:
        return f"no skill over all topics: error {row.pooled_mase:.2f} of the simple rules'"
    if not row.pooled_mase < row.pooled_limit:
        return (
            f"no skill beyond luck over all topics: error {row.pooled_mase:.2f} of the simple rules', "
            f"below {row.pooled_limit:.2f} is needed"
        )
    if np.isnan(row.pooled_coverage):
        return "too few errors in the back-test for an interval"
    if not row.shown:
        return f"no interval: {row.pooled_coverage:.0%} of the shares inside in place of {COVERAGE:.0%}"
    return f"error {row.mase:.2f} of the {row.baseline} rule's"


def _nothing(n_topics: int, horizon: int, n_origins: int, reason: str) -> Forecast:
    empty = np.full((n_topics, horizon), np.nan)
    names = (
        *("mase", "mase_in_sample", "pinball", "coverage"),
        *("pooled_mase", "pooled_limit", "pooled_coverage", "width"),
    )
    skill = pd.DataFrame(
        {
            "n_origins": n_origins,
            "baseline": pd.Series([""] * n_topics, dtype=str),
            **dict.fromkeys(names, np.nan),
            "shown": False,
            "reason": pd.Series([reason] * n_topics, dtype=str),
        },
        index=range(n_topics),
    )
    return Forecast(empty, empty.copy(), empty.copy(), skill)


def _checked(n_papers: np.ndarray, n_total: np.ndarray, season: int | None) -> tuple[np.ndarray, np.ndarray]:
    n_papers, n_total = np.asarray(n_papers, dtype=float), np.asarray(n_total, dtype=float)
    if n_papers.ndim != 2 or n_total.shape != n_papers.shape[1:]:
        raise InputError(
            f"n_papers must be topics by periods and n_total one number a period, not of shapes "
            f"{n_papers.shape} and {n_total.shape}."
        )
    if not (np.isfinite(n_total) & (n_total > 0)).all():
        raise InputError(
            "n_total must be above 0 in every period; give an unbroken run of periods with papers."
        )
    if not ((n_papers >= 0) & (n_papers <= n_total)).all():
        raise InputError("n_papers must lie between 0 and n_total in every period.")
    if season is not None and (not isinstance(season, Integral) or season < 2):
        raise InputError(f"season must be None or the periods in a year, 2 or more, not {season!r}.")
    return n_papers, n_total


def _usual(n_total: np.ndarray, origins: np.ndarray, season: int | None) -> np.ndarray:
    """Give the median of all papers over the last four periods (a season, if longer) before each origin."""
    window = max(4, season or 0)
    return np.array([np.median(n_total[origin - window : origin]) for origin in origins])


def _chunks(n_topics: int) -> Iterator[slice]:
    """Cut topics so that working arrays stay small whatever their number."""
    return (slice(start, start + _CHUNK) for start in range(0, n_topics, _CHUNK))
