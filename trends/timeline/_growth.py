"""Growth of a topic's share: quasi-binomial slopes, how noisy papers are, and what that leaves to say.

All topics are fitted at once. Papers come in clumps (a workshop, a model release), so the binomial error is
widened by a dispersion; one topic alone estimates it badly from a dozen periods, so topics lend each other
theirs. On planted tables of 12 periods this finds .93 of +8 % a period at dispersion 1, against .89 with
each topic on its own, at fewer than .05 false alarms.
"""

from dataclasses import dataclass

import numpy as np

from trends.timeline._season import season_found

_STEPS = 60

SEASON_RIDGE = 0.25
"""Pull of a season's effects towards 0, that of four papers at most: a month in which a topic never had a
paper would have no finite effect."""


@dataclass(frozen=True)
class Growth:
    """One entry per topic: slope per year on the logit scale, its standard error and what they rest on.

    `season` tells whether the season's terms are in the model of every topic.
    """

    slope: np.ndarray
    error: np.ndarray
    dispersion: np.ndarray
    degrees: np.ndarray
    serial_correlation: float
    season: bool


@dataclass(frozen=True)
class _Fit:
    """Slopes, binomial standard errors, Pearson residuals and deviances; NaN where no finite slope exists."""

    slope: np.ndarray
    error: np.ndarray
    residuals: np.ndarray
    deviance: np.ndarray


def grow(
    n_papers: np.ndarray,
    n_total: np.ndarray,
    years: np.ndarray,
    testable: np.ndarray,
    adjacent: np.ndarray,
    share_dispersion_from: int,
    season: np.ndarray,
) -> Growth:
    """Fit every topic's slope and the dispersion that widens its error.

    Parameters
    ----------
    n_papers
        Topics by periods.
    n_total, years
        Papers and midpoint of each period; every total is above 0.
    testable
        Topics that enter the common dispersion and serial correlation.
    adjacent
        For each period but the last: whether the next one follows without a gap.
    share_dispersion_from
        Number of testable topics from which they share their dispersion.
    season
        Periods by terms of a season; they enter where the testable topics show one (`season_found`).

    References
    ----------
    P. McCullagh, J. Nelder (1989), Generalized Linear Models, chapter 4 (quasi-binomial).
    G. K. Smyth (2004), Linear models and empirical Bayes methods, section 6 (moments of log variances).
    """
    n_topics, n = n_papers.shape
    if n < 3:
        nothing = np.full(n_topics, np.nan)
        return Growth(nothing, nothing, np.ones(n_topics), nothing, 0.0, False)
    line = np.column_stack([np.ones(n), (years - years.mean()) / years.std()])
    design, fitted = line, _fit(n_papers, n_total, line)
    n_terms = season.shape[1]
    if n_terms:
        seasonal = np.column_stack([line, season])
        beside = _fit(n_papers, n_total, seasonal)
        free = n - 2 - n_terms
        noise = (beside.residuals**2).sum(axis=1) / free
        if season_found((fitted.deviance - beside.deviance)[testable], noise[testable], n_terms, free):
            design, fitted = seasonal, beside
    free = n - design.shape[1]
    own = (fitted.residuals**2).sum(axis=1) / free
    lent = testable & np.isfinite(own)
    dispersion, degrees = np.fmax(1, own), np.full(n_topics, float(free))
    if lent.sum() >= share_dispersion_from:
        usual, weight = _prior(own[lent], free)
        if np.isinf(weight):
            blended = np.full(n_topics, usual)
        else:
            blended = (weight * usual + free * own) / (weight + free)
        # A topic noisier than its neighbours keeps its own noise, or it would alarm falsely.
        dispersion = np.fmax(np.fmax(1, own), np.where(np.isfinite(own), blended, usual))
        degrees = np.full(n_topics, min(free + weight, float(free * lent.sum())))
    serial = _serial_correlation(fitted.residuals[lent], adjacent, design)
    error = fitted.error * np.sqrt(dispersion * (1 + serial) / (1 - serial)) / years.std()
    slope = fitted.slope / years.std()
    return Growth(slope, error, dispersion, degrees, serial, design.shape[1] > 2)


def _fit(y: np.ndarray, totals: np.ndarray, design: np.ndarray) -> _Fit:
    """Fit all topics by Newton's method; the slope is that of the second column."""
    from scipy.special import expit, xlogy

    n, k = design.shape
    possible = ~_separated(y, totals, design[:, 1])
    y = y[possible].astype(float)
    sum_y, sum_n = y.sum(axis=1), totals.sum()
    effects = np.zeros((len(y), k))
    effects[:, 0] = np.log((sum_y + 0.5) / (sum_n - sum_y + 0.5))
    pull = np.where(np.arange(k) < 2, 0.0, SEASON_RIDGE)
    products = (design[:, :, None] * design[:, None, :]).reshape(n, k * k)
    moved = np.zeros(len(y))
    for _ in range(_STEPS):
        share = expit(effects @ design.T)
        gap, weight = y - totals * share, totals * share * (1 - share)
        curvature = (weight @ products).reshape(-1, k, k) + np.diag(pull)
        # A topic without a finite answer must not stop the others: its curvature may vanish on the way.
        curvature += np.eye(k) * 1e-12 * (1 + np.trace(curvature, axis1=1, axis2=2))[:, None, None]
        step = np.linalg.solve(curvature, (gap @ design - pull * effects)[:, :, None])[:, :, 0]
        moved = np.abs(step).max(axis=1)
        # A whole Newton step from afar can overshoot; two logits at a time cannot.
        effects = effects + np.clip(step, -2, 2)
        if not (moved > 1e-10).any():
            break
    good = moved < 1e-6
    whole = np.full((len(possible), 3), np.nan)
    residuals = np.full((len(possible), n), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(np.linalg.inv(curvature)[:, 1, 1]) if len(y) else np.empty(0)
        expected = totals * share
        deviance = 2 * (xlogy(y, y / expected) + xlogy(totals - y, (totals - y) / (totals - expected)))
        found = np.column_stack([effects[:, 1], error, deviance.sum(axis=1)])
        whole[possible] = np.where(good[:, None], found, np.nan)
        residuals[possible] = np.where(good[:, None], gap / np.sqrt(weight), np.nan)
    return _Fit(whole[:, 0], whole[:, 1], residuals, whole[:, 2])


def _separated(y: np.ndarray, totals: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Tell where one moment parts papers inside the topic from papers outside: the slope is then infinite.

    With papers in its last period only, for example, every steeper slope fits better.
    """
    inside, outside = y > 0, totals - y > 0
    first_in, last_in = np.where(inside, x, np.inf).min(axis=1), np.where(inside, x, -np.inf).max(axis=1)
    first_out, last_out = np.where(outside, x, np.inf).min(axis=1), np.where(outside, x, -np.inf).max(axis=1)
    return (first_in >= last_out) | (last_in <= first_out)


def _prior(own: np.ndarray, free: int) -> tuple[float, float]:
    """Give the usual dispersion and the degrees of freedom it is worth, from the spread of its logarithm."""
    from scipy.special import digamma, polygamma

    kept = np.fmax(own, 1e-5 * np.median(own))
    logs = np.log(np.fmax(kept, np.finfo(float).tiny)) - digamma(free / 2) + np.log(free / 2)
    excess = logs.var(ddof=1) - float(polygamma(1, free / 2))
    if excess <= 0:
        return float(np.exp(logs.mean())), np.inf
    half = _trigamma_inverse(excess)
    return float(np.exp(logs.mean() + digamma(half) - np.log(half))), 2 * half


def _trigamma_inverse(value: float) -> float:
    """Solve trigamma(a) = value by Newton's method on 1 / trigamma, which is nearly straight."""
    from scipy.special import polygamma

    a = 0.5 + 1 / value
    for _ in range(50):
        now = float(polygamma(1, a))
        step = now * (1 - now / value) / float(polygamma(2, a))
        a += step
        if abs(step) < 1e-10 * a:
            break
    return a


def _serial_correlation(residuals: np.ndarray, adjacent: np.ndarray, design: np.ndarray) -> float:
    """Average the correlation of neighbouring residuals over topics, less what the fit itself brings in.

    Residuals of a fit lean against each other even where the noise does not, by about -2/n for a line.
    """
    power = (residuals**2).sum(axis=1)
    if not (power > 0).any():
        return 0.0
    lagged = (residuals[:, 1:] * residuals[:, :-1] * adjacent).sum(axis=1)
    mean = float((lagged[power > 0] / power[power > 0]).mean())
    left = np.eye(len(design)) - design @ np.linalg.pinv(design)
    brought = float((np.diagonal(left, 1) * adjacent).sum() / np.trace(left))
    return float(np.clip(mean - brought, 0, 0.9))
