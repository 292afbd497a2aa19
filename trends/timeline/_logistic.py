"""Logistic regressions of many topics on the same periods, all at once."""

from dataclasses import dataclass

import numpy as np

_STEPS = 60
_CHUNK = 4_000_000
"""Cells of designs of their own (topics x periods x columns) that are held at a time."""


@dataclass(frozen=True)
class Logistic:
    """What was fitted, one row per topic; NaN where no finite answer exists.

    Attributes
    ----------
    effects
        Topics x columns of the design.
    covariance
        Topics x columns x columns, binomial.
    residuals
        Pearson's, topics x periods.
    gap, weight
        Papers less those expected, and their binomial variance; topics x periods.
    deviance, tilt
        One number per topic; tilt is Fletcher's mean of V'(m) (y - m) / V(m), 0 on average.
    """

    effects: np.ndarray
    covariance: np.ndarray
    residuals: np.ndarray
    gap: np.ndarray
    weight: np.ndarray
    deviance: np.ndarray
    tilt: np.ndarray

    def noise(self, free: np.ndarray | int) -> np.ndarray:
        """Give Pearson's dispersion, corrected for periods in which hardly a paper is expected.

        One early paper of a theme that came up much later would alone make Pearson's sum thousands of times
        too large, and periods without hope of a paper make it too small.

        References
        ----------
        D. J. Fletcher (2012), Estimating overdispersion when fitting a generalized linear model to sparse
        data, Biometrika 99.
        """
        n = self.residuals.shape[1]
        return np.asarray((self.residuals**2).sum(axis=1) / free / np.fmax(1 + self.tilt, 2 / n))

    def along(self, contrast: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give a sum of effects, weighted by `contrast` (columns, or topics x columns), and its error."""
        contrast = np.broadcast_to(contrast, self.effects.shape)
        variance = np.einsum("tk,tkl,tl->t", contrast, self.covariance, contrast)
        with np.errstate(invalid="ignore"):
            return (contrast * self.effects).sum(axis=1), np.sqrt(variance)


def fit(y: np.ndarray, totals: np.ndarray, design: np.ndarray, pull: np.ndarray) -> Logistic:
    """Fit log-odds of y out of totals by Newton's method.

    Parameters
    ----------
    y
        Topics x periods.
    totals
        By period, above 0.
    design
        Periods x columns, or topics x periods x columns; the first is all ones, the second is time.
    pull
        Weight by column of a pull towards 0 (half of it times the squared effect is taken off the log
        likelihood), for effects that could run off to infinity.

    References
    ----------
    P. McCullagh, J. Nelder (1989), Generalized Linear Models, chapter 4.
    """
    if design.ndim == 2:
        return _fit(y, totals, design, pull)
    step = max(1, _CHUNK // (design.shape[1] * design.shape[2]))
    parts = [
        _fit(y[k : k + step], totals, design[k : k + step], pull) for k in range(0, max(1, len(y)), step)
    ]
    names = Logistic.__dataclass_fields__
    return Logistic(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _fit(y: np.ndarray, totals: np.ndarray, design: np.ndarray, pull: np.ndarray) -> Logistic:
    from scipy.special import expit, xlogy

    n_topics, n = y.shape
    k = design.shape[-1]
    time = design[:, 1] if design.ndim == 2 else design[0, :, 1] if n_topics else np.empty(n)
    possible = ~_separated(y, totals, time)
    design = design if design.ndim == 2 else design[possible]
    y = y[possible].astype(float)
    sum_y, sum_n = y.sum(axis=1), totals.sum()
    effects = np.zeros((len(y), k))
    effects[:, 0] = np.log((sum_y + 0.5) / (sum_n - sum_y + 0.5))
    if design.ndim == 2:
        products = (design[:, :, None] * design[:, None, :]).reshape(n, k * k)
    moved = np.zeros(len(y))
    for _ in range(_STEPS):
        share = expit((design @ effects[:, :, None])[:, :, 0])
        gap, weight = y - totals * share, totals * share * (1 - share)
        if design.ndim == 2:
            curvature = (weight @ products).reshape(-1, k, k)
        else:
            curvature = np.swapaxes(design * weight[:, :, None], 1, 2) @ design
        curvature = curvature + np.diag(pull)
        # A topic without a finite answer must not stop the others: its curvature may vanish on the way.
        curvature += np.eye(k) * 1e-12 * (1 + np.trace(curvature, axis1=1, axis2=2))[:, None, None]
        score = (gap[:, None, :] @ design)[:, 0, :] - pull * effects
        step = np.linalg.solve(curvature, score[:, :, None])[:, :, 0]
        moved = np.abs(step).max(axis=1)
        # A whole Newton step from afar can overshoot; two logits at a time cannot.
        effects = effects + np.clip(step, -2, 2)
        if not (moved > 1e-10).any():
            break
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = totals * share
        deviance = 2 * (xlogy(y, y / expected) + xlogy(totals - y, (totals - y) / (totals - expected)))
        residuals = gap / np.sqrt(weight)
        tilt = ((1 - 2 * share) * gap / weight).mean(axis=1)
    found = (effects, np.linalg.inv(curvature), residuals, gap, weight, deviance.sum(axis=1), tilt)
    return Logistic(*(_placed(part, possible, moved < 1e-6) for part in found))


def _placed(part: np.ndarray, possible: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Put the rows that were fitted well in their places and NaN in the others."""
    whole = np.full((len(possible), *part.shape[1:]), np.nan)
    whole[np.flatnonzero(possible)[good]] = part[good]
    return whole


def _separated(y: np.ndarray, totals: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Tell where one moment parts papers inside the topic from papers outside: the slope is then infinite.

    With papers in its last period only, for example, every steeper slope fits better.
    """
    inside, outside = y > 0, totals - y > 0
    first_in, last_in = np.where(inside, x, np.inf).min(axis=1), np.where(inside, x, -np.inf).max(axis=1)
    first_out, last_out = np.where(outside, x, np.inf).min(axis=1), np.where(outside, x, -np.inf).max(axis=1)
    return (first_in >= last_out) | (last_in <= first_out)
