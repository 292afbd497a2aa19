"""Growth of a topic's share: quasi-binomial slopes, how noisy papers are, and what that leaves to say.

All topics are fitted at once. Papers come in clumps (a workshop, a model release), so the binomial error is
widened by a dispersion that topics share: on planted tables of 12 periods this finds .93 of +8 % a period at
dispersion 1, against .89 with each topic on its own, at fewer than .05 false alarms. Where a topic turned,
its growth is that since it turned.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trends.timeline._dispersion import correlation_brought, dispersion_of, serial_correlation
from trends.timeline._logistic import Logistic, fit
from trends.timeline._season import season_found
from trends.timeline._turns import MOST_TURNS, Turns, find_turns

SEASON_PULL = 0.25
"""Pull of a season's effects towards 0, that of four papers at most: a month in which a topic never had a
paper would have no finite effect."""


@dataclass(frozen=True)
class Growth:
    """One entry per topic: slope per year on the logit scale, its standard error and what they rest on.

    Attributes
    ----------
    slope, error, dispersion, degrees
        Of the periods from `start` on.
    start
        First period of the growth: 0, or that of the last turn.
    before
        Slope of the phase before that turn, NaN for none.
    serial_correlation
        Of neighbouring periods' noise, one number for all topics.
    season
        Whether the season's terms are in the model of every topic.
    phases
        One row per topic and phase: topic and start (their numbers), slope and error.
    """

    slope: np.ndarray
    error: np.ndarray
    dispersion: np.ndarray
    degrees: np.ndarray
    start: np.ndarray
    before: np.ndarray
    serial_correlation: float
    season: bool
    phases: np.ndarray


def grow(
    n_papers: np.ndarray,
    n_total: np.ndarray,
    years: np.ndarray,
    testable: np.ndarray,
    adjacent: np.ndarray,
    season: np.ndarray,
    turns: bool,
    limits: Mapping[str, float],
) -> Growth:
    """Fit every topic's slope and the dispersion that widens its error.

    Parameters
    ----------
    n_papers
        Topics by periods.
    n_total, years
        Papers and midpoint of each period; every total is above 0.
    testable
        Topics that enter the common dispersion and serial correlation, and that may turn.
    adjacent
        For each period but the last: whether the next one follows without a gap.
    season
        Periods by terms of a season; they enter where the testable topics show one (`season_found`).
    turns
        Whether to look for turns.
    limits
        Options of `measure`: share_dispersion_from, and what a phase must hold to be called by itself.

    References
    ----------
    P. McCullagh, J. Nelder (1989), Generalized Linear Models, chapter 4 (quasi-binomial).
    """
    n_topics, n = n_papers.shape
    if n < 3:
        nothing = np.full(n_topics, np.nan)
        start, none = np.zeros(n_topics, int), np.empty((0, 4))
        return Growth(nothing, nothing, np.ones(n_topics), nothing, start, nothing, 0.0, False, none)
    scale = years.std()
    line = np.column_stack([np.ones(n), (years - years.mean()) / scale])
    line, pull, fitted = _with_season(n_papers, n_total, line, season, testable)
    turned = find_turns(n_papers, n_total, line, pull, fitted, testable & turns)
    dispersion, degrees, serial = _noise(
        line, fitted, turned, testable, adjacent, int(limits["share_dispersion_from"])
    )
    carry = (1 + serial) / (1 - serial)

    slope, error = fitted.along(np.eye(line.shape[1])[1])
    phases = _phases(turned, np.sqrt(dispersion[turned.rows] * carry))
    newest = np.flatnonzero(np.diff(phases[:, 0], append=n_topics))
    last, before = phases[newest], phases[newest - 1]
    enough = _enough(n_papers[turned.rows], last[:, 1], limits)
    others = turned.rows[enough]
    start, earlier = np.zeros(n_topics, int), np.full(n_topics, np.nan)
    # A line that is kept although the topic turned is only as sure as it fits.
    kept = turned.rows[~enough]
    dispersion[kept] = np.fmax(dispersion[kept], fitted.noise(n - line.shape[1])[kept])
    error = error * np.sqrt(dispersion * carry)
    slope[others], error[others], start[others] = last[enough, 2], last[enough, 3], last[enough, 1]
    earlier[others] = before[enough, 2]
    phases = _with_lines(phases, turned.rows, slope, error)
    phases[:, 2:] /= scale
    return Growth(
        slope / scale,
        error / scale,
        dispersion,
        degrees,
        start,
        earlier / scale,
        serial,
        line.shape[1] > 2,
        phases,
    )


def _with_season(
    y: np.ndarray, totals: np.ndarray, line: np.ndarray, season: np.ndarray, testable: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Logistic]:
    """Give the design of every topic, its pull and its fit: with the season's terms if topics show one."""
    pull, fitted = np.zeros(2), fit(y, totals, line, np.zeros(2))
    n_terms = season.shape[1]
    if not n_terms:
        return line, pull, fitted
    wider, pulled = np.column_stack([line, season]), np.append(pull, np.full(n_terms, SEASON_PULL))
    beside = fit(y, totals, wider, pulled)
    free = len(line) - wider.shape[1]
    gain = fitted.deviance - beside.deviance
    if season_found(gain[testable], beside.noise(free)[testable], n_terms, free):
        return wider, pulled, beside
    return line, pull, fitted


def _noise(
    line: np.ndarray,
    fitted: Logistic,
    turned: Turns,
    testable: np.ndarray,
    adjacent: np.ndarray,
    share_from: int,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Give dispersion, its degrees of freedom and the serial correlation.

    Noise is what the better model leaves: a line through a rise and a fall leaves much that is none.
    """
    n_topics, n = fitted.residuals.shape
    residuals, rows = fitted.residuals.copy(), turned.rows
    residuals[rows] = turned.fitted.residuals
    free = np.full(n_topics, n - line.shape[1])
    free[rows] -= (turned.joints >= 0).sum(axis=1)
    brought = np.full(n_topics, correlation_brought(line, adjacent))
    if len(rows):
        brought[rows] = correlation_brought(turned.designs, adjacent)
    own = fitted.noise(free)
    own[rows] = turned.fitted.noise(free[rows])
    lent = testable & np.isfinite(own)
    dispersion, degrees = dispersion_of(own, free, testable, share_from)
    return dispersion, degrees, serial_correlation(residuals[lent], adjacent, brought[lent])


def _enough(y: np.ndarray, start: np.ndarray, limits: Mapping[str, float]) -> np.ndarray:
    """Tell whether the last phase of each topic could be called by itself."""
    late = np.where(np.arange(y.shape[1]) >= start[:, None], y, 0)
    return np.asarray(
        (y.shape[1] - start >= limits["min_periods"])
        & (late.sum(axis=1) >= limits["min_papers"])
        & ((late > 0).sum(axis=1) >= limits["min_active_periods"])
    )


def _with_lines(phases: np.ndarray, rows: np.ndarray, slope: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Add the topics that never turn, as one phase each."""
    straight = np.setdiff1d(np.arange(len(slope)), rows)
    lines = np.column_stack([straight, np.zeros(len(straight)), slope[straight], error[straight]])
    every = np.vstack([lines, phases])
    return every[np.lexsort((every[:, 1], every[:, 0]))]


def _phases(turned: Turns, widening: np.ndarray) -> np.ndarray:
    """Give topic, start, slope and error of each phase of the topics that turn, in order."""
    n_columns = turned.designs.shape[2]
    rows = []
    for phase in range(MOST_TURNS + 1):
        contrast = np.zeros((len(turned.rows), n_columns))
        contrast[:, 1] = 1
        contrast[:, n_columns - MOST_TURNS : n_columns - MOST_TURNS + phase] = 1
        # Joints are sorted with the absent ones last and without effect, so their phase is not there.
        slope, error = turned.fitted.along(contrast)
        start = turned.joints[:, phase - 1] if phase else np.zeros(len(turned.rows), int)
        rows.append(np.column_stack([turned.rows, start, slope, error * widening]))
    every = np.concatenate(rows)
    every = every[every[:, 1] >= 0]
    return every[np.lexsort((every[:, 1], every[:, 0]))]
