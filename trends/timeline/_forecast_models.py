"""Forecasts from every origin of the past at once, and the simple rules that they must beat.

One recursion per parameter over the whole series serves every origin, since the squared errors up to an
origin choose the parameters there, and nothing later is read.
"""

import numpy as np

FIRST_ORIGIN = 8
"""Periods before the first origin at least, two seasons where there is one."""

_ALPHA = np.array([0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0])
_DAMPED = np.array(
    [
        (alpha, beta, phi)
        for alpha in (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
        for beta in (0.05, 0.15, 0.35)
        for phi in (0.8, 0.9, 0.98)
    ]
)


def all_origins(
    n_papers: np.ndarray, n_total: np.ndarray, season: int | None, horizon: int, steadiness: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give the logit forecasts of every origin, topics by origins by horizon, and the one-step errors there.

    An origin is a number of periods; its forecasts read these and none after them.
    """
    first = first_origin(season)
    z = logit(n_papers, n_total)
    effects: np.ndarray | float = 0.0
    if season and steadiness > 0:
        z, effects = _deseasonalised(z, season, horizon, steadiness)
    start, lift = _line(z[:, :FIRST_ORIGIN])
    level, alpha, spread = _smoothed(z, start, first)
    damped = _damped(z, start, lift, first, horizon)
    drift, theta = _drift(z, first, horizon), _theta(z, level, alpha, first, horizon)
    # A series that never moved has no error of its own; the floor keeps what is divided by it finite.
    return (drift + damped + theta) / 3 + effects, np.maximum(spread, 1e-6)


def _drift(z: np.ndarray, first: int, horizon: int) -> np.ndarray:
    """Carry on the line from the first period to the origin."""
    last = np.arange(first - 1, z.shape[1])
    slope = (z[:, last] - z[:, :1]) / last
    return z[:, last, None] + slope[..., None] * np.arange(1, horizon + 1)


def _smoothed(z: np.ndarray, start: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smooth exponentially: level, alpha and root mean squared one-step error, topics by origins.

    The alpha of an origin is the one with the least squared errors up to it.
    """
    n_topics, n = z.shape
    alpha = _ALPHA[:, None]
    level = np.broadcast_to(start, (len(_ALPHA), n_topics)).copy()
    squares = np.zeros_like(level)
    found = np.empty((3, n_topics, n - first + 1))
    topics = np.arange(n_topics)
    for t in range(1, n):
        error = z[:, t] - level
        squares += error**2
        level += alpha * error
        if t >= first - 1:
            best = squares.argmin(axis=0)
            rooted = np.sqrt(squares[best, topics] / t)
            found[:, :, t - first + 1] = level[best, topics], _ALPHA[best], rooted
    return found[0], found[1], found[2]


def _theta(z: np.ndarray, level: np.ndarray, alpha: np.ndarray, first: int, horizon: int) -> np.ndarray:
    """Smooth, and add half the slope of the regression line, with what smoothing lags behind it."""
    half = _slopes(z, first) / 2
    n_seen = np.arange(first, z.shape[1] + 1)
    behind = (1 - (1 - alpha) ** n_seen) / alpha
    return level[..., None] + half[..., None] * (np.arange(horizon) + behind[..., None])


def _slopes(z: np.ndarray, first: int) -> np.ndarray:
    """Give the least-squares slope over the periods up to each origin."""
    n_seen = np.arange(first, z.shape[1] + 1)
    time = np.arange(z.shape[1])
    # Subtracting the first value keeps the difference of two large sums exact enough.
    moved = z - z[:, :1]
    sums, products = moved.cumsum(axis=1)[:, first - 1 :], (moved * time).cumsum(axis=1)[:, first - 1 :]
    return (products - sums * (n_seen - 1) / 2) / (n_seen * (n_seen.astype(float) ** 2 - 1) / 12)


def _damped(z: np.ndarray, start: np.ndarray, lift: np.ndarray, first: int, horizon: int) -> np.ndarray:
    """Smooth level and trend, and let the trend die away; parameters as in `_smoothed`."""
    n_topics, n = z.shape
    alpha, beta, phi = (column[:, None] for column in _DAMPED.T)
    level = np.broadcast_to(start, (len(_DAMPED), n_topics)).copy()
    trend = np.broadcast_to(lift, level.shape).copy()
    squares = np.zeros_like(level)
    dying = (_DAMPED[:, 2:] ** np.arange(1, horizon + 1)).cumsum(axis=1)
    found = np.empty((n_topics, n - first + 1, horizon))
    topics = np.arange(n_topics)
    for t in range(1, n):
        trend *= phi
        level += trend
        error = z[:, t] - level
        squares += error**2
        error *= alpha
        level += error
        error *= beta
        trend += error
        if t >= first - 1:
            best = squares.argmin(axis=0)
            found[:, t - first + 1] = level[best, topics, None] + trend[best, topics, None] * dying[best]
    return found


def _line(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give value at the first period and slope of the line through the given periods."""
    time = np.arange(z.shape[1]) - (z.shape[1] - 1) / 2
    slope = z @ time / (time**2).sum()
    return z.mean(axis=1) + slope * time[0], slope


def steadiness_of(n_papers: np.ndarray, n_total: np.ndarray, season: int | None) -> float:
    """Correlate the seasons of the first two years, averaged over topics: how much of one year is season."""
    if not season:
        return 0.0
    years = slice(2 * season)
    past = _two_years(logit(n_papers[:, years], n_total[years]), season)
    with np.errstate(invalid="ignore", divide="ignore"):
        together = (past[:, 0] * past[:, 1]).sum(axis=1)
        alike = together / np.sqrt((past[:, 0] ** 2).sum(axis=1) * (past[:, 1] ** 2).sum(axis=1))
    alike = np.sort(alike[np.isfinite(alike)])
    return float(np.clip(alike.mean(), 0, 1)) if len(alike) else 0.0


def _two_years(z: np.ndarray, season: int) -> np.ndarray:
    """Give the first two years without their own level and without the slope between them."""
    years = z[:, : 2 * season].reshape(-1, 2, season)
    level = years.mean(axis=2, keepdims=True)
    slope = (level[:, 1:] - level[:, :1]) / season
    return years - level - slope * (np.arange(season) - (season - 1) / 2)


def _deseasonalised(
    z: np.ndarray, season: int, horizon: int, steadiness: float
) -> tuple[np.ndarray, np.ndarray]:
    """Take the season out of every period and give what each origin adds for its horizons.

    An effect is the mean of its past deviations from the level of the last year, shrunk by what k years of
    that steadiness are worth (C. Spearman, W. Brown 1910), so that flicker is not taken for a season. The
    first two years give the effects of themselves; later periods are read only after their own effect.
    """
    n, first = z.shape[1], 2 * season
    past = _two_years(z, season)
    sums, n_years = past.sum(axis=1), np.full(season, 2)
    effects = np.empty((len(z), n - first_origin(season) + 1, horizon))
    ahead = np.arange(horizon)
    adjusted = z.copy()
    adjusted[:, :first] -= np.tile(sums * _worth(n_years, steadiness), 2)
    for t in range(first, n + 1):
        now = sums * _worth(n_years, steadiness)
        if t >= first_origin(season):
            effects[:, t - first_origin(season)] = now[:, (t + ahead) % season]
        if t < n:
            phase = t % season
            adjusted[:, t] -= now[:, phase]
            level = z[:, t - season + 1 : t + 1].mean(axis=1)
            before = z[:, t - 2 * season + 1 : t - season + 1].mean(axis=1)
            sums[:, phase] += z[:, t] - level - (level - before) / season * (season - 1) / 2
            n_years[phase] += 1
    return adjusted, effects


def _worth(n_years: np.ndarray, steadiness: float) -> np.ndarray:
    """Turn sums over years into shrunken means."""
    return steadiness / (1 + (n_years - 1) * steadiness)


def simple_rule(
    rule: str,
    n_papers: np.ndarray,
    n_total: np.ndarray,
    origins: np.ndarray,
    horizon: int,
    season: int | None,
) -> np.ndarray:
    """Give the shares that a simple rule forecasts, topics by origins by horizon (by 1 if all are alike)."""
    if rule == "mean":
        return (n_papers.cumsum(axis=1) / n_total.cumsum())[:, origins - 1, None]
    if rule == "naive":
        return (n_papers / n_total)[:, origins - 1, None]
    assert season
    if rule == "seasonal mean":
        n_papers, n_total = _by_season(n_papers, season), _by_season(n_total, season)
    ahead = np.arange(horizon)
    return (n_papers / n_total)[:, origins[:, None] + ahead - season * (1 + ahead // season)]


def _by_season(values: np.ndarray, season: int) -> np.ndarray:
    """Sum the periods of the same season up to each period, along the last axis."""
    sums = values.copy()
    for phase in range(season):
        sums[..., phase::season] = values[..., phase::season].cumsum(axis=-1)
    return sums


def first_origin(season: int | None) -> int:
    return max(FIRST_ORIGIN, 2 * (season or 0))


def logit(n_papers: np.ndarray, n_total: np.ndarray) -> np.ndarray:
    return np.log((n_papers + 0.5) / (n_total - n_papers + 0.5))


def share_at(z: np.ndarray, n_total: np.ndarray | float) -> np.ndarray:
    """Undo `logit`: a share of 0 comes back as 0 and not as half a paper."""
    from scipy.special import expit

    return np.clip((expit(z) * (n_total + 1) - 0.5) / n_total, 0, 1)
