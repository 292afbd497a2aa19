"""Which papers are like a theme, and how well that can be known: two detectors that check each other.

*Phrases* and *likeness* find a theme's papers in ways that know little of each other. Likeness is the cosine
to the mean of the papers that say a phrase, in the vectors of the corpus with its mean taken away and its
directions evened out; a paper that says a phrase is compared with the mean of the others, so every score is
that of a paper held out. What one detector finds tells how much the other misses.
"""

from dataclasses import dataclass

import numpy as np

from trends.core.threads import one_thread_per_sum
from trends.core.vectors import unit_rows
from trends.core.watch import square_and_add
from trends.core.wilson import wilson

RIDGE = 3.0
"""Mean variances added to each direction before they are evened out: see DECISIONS.md."""

FEWEST = 5
"""Papers that a theme's likeness is learnt from; fewer say nothing of where to cut."""

PURITY = 0.8
"""Of the papers at least as like the theme as one that is added, this part says a phrase."""

BLOCK = 8_192
"""Papers whose vectors are made even at a time, which bounds the memory."""

FOREIGN = 0.1
"""The most like tenth of the papers without a phrase: a phrase paper below it may be on something else."""


def even_space(vectors: np.ndarray) -> np.ndarray:
    """Return the vectors as float32 unit rows around the mean of all, with their directions evened out.

    Fisher's discriminant with a shrunken covariance (Friedman 1989): what all papers of a corpus share, and
    the directions in which they differ most, would else decide what is like what. The rows are whitened by
    the Cholesky factor of the covariance plus `RIDGE` times its mean variance.
    """
    from scipy.linalg import cholesky, solve_triangular

    space = np.zeros(vectors.shape, np.float32)
    blocks = [slice(start, start + BLOCK) for start in range(0, len(vectors), BLOCK)]
    with one_thread_per_sum():
        centre = vectors.mean(axis=0, dtype=np.float64) if len(vectors) else np.zeros(vectors.shape[1])
        covariance = np.zeros((vectors.shape[1],) * 2)
        for block in blocks:
            covariance += (vectors[block] - centre).T @ (vectors[block] - centre)
        variance = np.trace(covariance) / covariance.size**0.5
        if not variance > 0:
            return space
        factor = cholesky(covariance / variance + RIDGE * np.eye(len(covariance)), lower=True)
        for block in blocks:
            space[block] = unit_rows(solve_triangular(factor, (vectors[block] - centre).T, lower=True).T)
    return space


def likeness(space: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Return each paper's cosine to the mean of the seeds, that of a seed to the mean of the other seeds.

    It is NaN for the seed that has no other, and for all without a seed.
    """
    if not seeds.any():
        return np.full(len(space), np.nan)
    with one_thread_per_sum():
        total = space[seeds].sum(axis=0, dtype=np.float64)
        scores = space @ unit_rows(total[None])[0].astype(np.float32)
        others = unit_rows(total - space[seeds].astype(np.float64))
        scores[seeds] = (space[seeds] * others).sum(axis=1) if seeds.sum() > 1 else np.nan
    return np.round(scores.astype(np.float64), 6)


def tells(scores: np.ndarray, seeds: np.ndarray, others: np.ndarray) -> bool:
    """Tell whether likeness knows a theme: half of its seeds are among the most like tenth of the others."""
    if seeds.sum() < FEWEST:
        return False
    return not others.any() or bool(np.median(scores[seeds]) > np.quantile(scores[others], 1 - FOREIGN))


def cut_off(scores: np.ndarray, seeds: np.ndarray, pure: bool) -> float:
    """Return the likeness from which papers are added; infinite where the theme is too loose for any.

    An added paper must be at least as like the theme as half of the seeds, and, where seeds say a phrase
    (`pure`), at most one paper in five that is so like may lack it. So even if every added paper were on
    something else, that part of the theme would keep a precision of `PURITY`.
    """
    least = float(np.median(scores[seeds]))
    if not pure:
        return least
    high, seeded = np.sort(scores[scores >= least]), np.sort(scores[seeds])
    levels = np.unique(high)
    inside = len(high) - np.searchsorted(high, levels)
    said = len(seeded) - np.searchsorted(seeded, levels)
    allowed = levels[(said >= PURITY * inside) & (said > 0)]
    return float(allowed.min()) if len(allowed) else float("inf")


@dataclass(frozen=True)
class Quality:
    """Estimated precision and recall of a theme, each with a 95 % interval, and how far likeness reaches."""

    precision: float
    precision_low: float
    precision_high: float
    recall: float
    recall_low: float
    recall_high: float
    reach: float


def estimate(scores: np.ndarray, seeds: np.ndarray, others: np.ndarray, cutoff: float, pure: bool) -> Quality:
    """Estimate precision and recall of a theme whose papers are its seeds and the others above the cut-off.

    *Precision of the seeds*: one on something else is like the theme no more than other papers are, so nine
    in ten of such seeds lie below the others' most like tenth; the seeds found there, divided by .9, are
    taken to be on something else (at the high end of the interval, none is). *Of the added papers*: papers
    of the theme among them spread over likeness as seeds do, half of them above the median of the seeds
    above the cut-off; what is more than twice the papers above that median is foreign. Both are Storey's
    estimator of true null hypotheses, the second with the roles exchanged. *Recall*: h of the seeds lie
    above the cut-off, and among the theme's papers as like as three of four seeds a share r says a phrase,
    so r + (1 - r) h of the theme are found, which is the estimator of Lincoln and Petersen. Papers without
    the phrase tend to be less like those with it, and that makes it too high. Its low end takes every paper
    as like as three of four seeds as the theme's. Without phrases recall is h.

    Parameters
    ----------
    scores
        Likeness of each paper, of seeds as held out.
    seeds, others
        Masks of the papers that say a phrase or were given, and of those that may be added.
    cutoff
        The likeness from which others are added.
    pure
        Whether seeds say a phrase.

    References
    ----------
    J. D. Storey (2002), A direct approach to false discovery rates, JRSS B 64; C. Scott, G. Blanchard,
    G. Handy (2013), Classification with asymmetric label noise, COLT (why two noisy detectors suffice);
    G. A. F. Seber (1982), The Estimation of Animal Abundance, chapter 3; intervals of Wilson (1927) joined by
    square and add, R. G. Newcombe (1998).
    """
    seeded, rest = scores[seeds], scores[others]
    n_seeds, n_added = len(seeded), int((rest >= cutoff).sum())
    caught = _share(int((seeded >= cutoff).sum()), n_seeds)
    own = [1.0, 1.0, 1.0]
    if pure and len(rest):
        below = int((seeded < np.quantile(rest, 1 - FOREIGN)).sum())
        foreign, _, most = _share(below, n_seeds)
        own = [1 - min(1.0, foreign / (1 - FOREIGN)), 1 - min(1.0, most / (1 - FOREIGN)), 1.0]
    added = [min(1.0, side) for side in _of_theme(seeded[seeded >= cutoff], rest[rest >= cutoff])]
    weight = n_added / (n_seeds + n_added)
    precision = (1 - weight) * own[0] + weight * added[0]
    bounds = square_and_add(
        precision,
        [
            [(1 - weight) * side + weight * added[0] for side in own[1:]],
            [(1 - weight) * own[0] + weight * side for side in added[1:]],
        ],
    )
    reach = float(np.round(np.quantile(seeded, 0.25), 6))
    if not pure:
        return Quality(precision, *bounds, *caught, reach)
    n_like, n_unsaid = int((seeded >= reach).sum()), int((rest >= reach).sum())
    theirs = _of_theme(seeded[seeded >= reach], rest[rest >= reach])[0] * n_unsaid
    said = n_like / (n_like + theirs)
    said_low = _share(n_like, n_like + n_unsaid)[1]
    said_high = _share(n_like, n_like + theirs)[2]
    recall, low, high = (s + (1 - s) * h for s, h in zip((said, said_low, said_high), caught))
    return Quality(precision, *bounds, recall, low, high, reach)


def _of_theme(seeded: np.ndarray, rest: np.ndarray) -> tuple[float, float, float]:
    """Return the share of the others that is of the theme, with its interval, from the seeds within reach.

    It may exceed 1, since capping it before it is multiplied would make it too small on average.
    """
    if not len(rest):
        return 0.0, 0.0, 0.0
    above = int((rest >= np.median(seeded)).sum()) if len(seeded) else len(rest)
    _, low, high = _share(above, len(rest))
    # Half a paper each way, for one or two papers show no split.
    share = 2 * (above + 0.5) / (len(rest) + 1)
    return share, min(2 * low, share), max(2 * high, share)


def _share(k: float, n: float) -> tuple[float, float, float]:
    low, high = (float(side[0]) for side in wilson(np.array([k]), np.array([n])))
    return k / n, low, high
