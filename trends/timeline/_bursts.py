"""Bursts: periods in which a topic holds far more of the papers than it usually does, and how sure that is.

Kleinberg's automaton finds runs of periods, and chance finds them too: with its usual settings 8 to 12 % of
unchanged topics burst when papers are independent and 64 to 94 % when they come in clumps. So every run is
weighed against the same topic with its periods in random order, and a spike of one period, which looks the
same in any order, against the noise of the other periods.
"""

from collections.abc import Collection
from functools import cache
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.threads import side_by_side

EXCEEDANCES = 100
"""Orders that beat a burst before it is given up; its p is then known to a tenth and at least .01."""

FOR_RUNS = 0.95
"""Part of a topic's error that its runs may spend; the rest is for spikes, of which n periods are asked."""

_FIRST_ORDERS, _MOST_ORDERS = 64, 2_048
_SLICE = 32
_WORTH_COMPILING = 20_000_000
"""Steps below which numpy is done before a compiler is even imported."""

_TERMS = 4_096


def find_bursts(
    n_papers: np.ndarray,
    n_total: np.ndarray,
    *,
    ratio: float = 2.0,
    cost: float = 1.0,
    n_permutations: int = 9_999,
    seed: int = 0,
) -> pd.DataFrame:
    """Find the bursts of every topic and how likely chance makes one as heavy.

    Two states, one with the topic's share of all its papers, p0, and one with `ratio` times that, p1. The
    cheapest path through them, by the binomial cost -ln P(y of N) and `cost` * ln(periods) for each step up,
    names the bursts. A topic's result does not depend on the other topics, but for q.

    Parameters
    ----------
    n_papers
        Topics by periods, whole numbers.
    n_total
        Papers of each period, all topics and none; every one above 0.
    ratio
        How many times its usual share a topic holds in a burst, above 1.
    cost
        Reluctance to begin a burst, 0 or more.
    n_permutations
        Orders of the periods to compare with; fewer where many of them beat the burst.
    seed
        Of the orders, which all topics share.

    Returns
    -------
    DataFrame
        One row per burst, by topic and start: topic (row of `n_papers`), kind ("run" of several periods, or
        "spike" of one), start and end (columns of `n_papers`, both in the burst), weight (by how much the
        upper state is cheaper, natural logarithm), n_papers and n_total (in the burst), share_inside and
        share_outside, p and q. A `p` allows for all bursts of the topic: below .05 in at most .05 of
        unchanged topics. `q` allows for the topics too (all that have a paper): a burst with q <= .05 belongs
        to a set of topics of which on average .05 do not burst, and the same rate holds for its further
        bursts.

    Raises
    ------
    InputError
        The counts do not fit together or a parameter is out of range.

    Notes
    -----
    A run is compared with the runs of the topic under each order of its periods, (papers, total) moving
    together, so clumped papers and periods of different size are allowed for; drawing stops early at 100
    orders with as much. Compared is the weight without the run's heaviest period, which a spike with a chance
    neighbour does not have. Two periods side by side are no rarer than 2 in n, so below 42 periods no run of
    two has p <= .05. A spike is the upper tail of a beta-binomial with share and dispersion of the other
    periods, the dispersion at least 1, referred to t since it is estimated, times the number of periods. Runs
    may spend .95 of the error and spikes the rest.

    References
    ----------
    J. Kleinberg (2003), Bursty and hierarchical structure in streams, section 4 (batched arrivals).
    J. Besag, P. Clifford (1991), Sequential Monte Carlo p-values, Biometrika 78.
    Y. Benjamini, M. Bogomolov (2014), Selective inference on multiple families of hypotheses, JRSS B 76.
    """
    n_papers, n_total = _checked(n_papers, n_total)
    _check_settings(ratio, cost, n_permutations, seed)
    n = len(n_total)
    price = cost * np.log(max(n, 1))
    gains = _gains(n_papers, n_total, ratio)
    bursts = _runs(_upper(gains, price), gains, n_papers, n_total)
    topics, starts = bursts["topic"].to_numpy(), bursts["start"].to_numpy()
    runs = (bursts["kind"] == "run").to_numpy()
    lasting = _lasting(gains, bursts[runs])
    p = np.empty(len(bursts))
    p[runs] = _run_p(gains, price, topics[runs], lasting, n_permutations, seed) / FOR_RUNS
    p[~runs] = _spike_p(n_papers, n_total, topics[~runs], starts[~runs]) / (1 - FOR_RUNS)
    p = np.minimum(1, p)
    return bursts.assign(p=p, q=_adjusted(p, topics, int((n_papers.sum(axis=1) > 0).sum())))


def separate(bursts: pd.DataFrame, rising_or_falling: Collection[int], n_periods: int) -> pd.DataFrame:
    """Leave out the bursts that are but the high end of a trend.

    Parameters
    ----------
    bursts
        What `find_bursts` returned.
    rising_or_falling
        Topics, by row, that are called emerging, growing or declining.
    n_periods
        Number of periods that `find_bursts` was given.

    Returns
    -------
    DataFrame
        The bursts without those of such topics that last until the last period, where a rise is highest, or
        last from the first, where a fall is.
    """
    at_an_end = (bursts["end"] == n_periods - 1) | (bursts["start"] == 0)
    return bursts[~(bursts["topic"].isin(list(rising_or_falling)) & at_an_end)].reset_index(drop=True)


def _checked(n_papers: np.ndarray, n_total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n_papers, n_total = np.asarray(n_papers), np.asarray(n_total)
    if n_papers.ndim != 2 or n_total.shape != n_papers.shape[1:]:
        raise InputError(
            "n_papers must be topics by periods and n_total one number per period, "
            f"not of shapes {n_papers.shape} and {n_total.shape}."
        )
    for name, values in (("n_papers", n_papers), ("n_total", n_total)):
        if not np.issubdtype(values.dtype, np.integer) and not (
            np.issubdtype(values.dtype, np.floating) and (values == np.floor(values)).all()
        ):
            raise InputError(f"{name} must hold whole numbers; count papers, do not give shares.")
    if (n_total <= 0).any():
        at = int(np.flatnonzero(n_total <= 0)[0])
        raise InputError(f"n_total must be above 0; leave out period {at}, which has {n_total[at]} papers.")
    wrong = (n_papers < 0) | (n_papers > n_total)
    if wrong.any():
        topic, at = (int(i) for i in np.argwhere(wrong)[0])
        raise InputError(
            f"n_papers must lie between 0 and n_total; topic {topic} has {n_papers[topic, at]} "
            f"of {n_total[at]} papers in period {at}."
        )
    return n_papers.astype(np.int64), n_total.astype(np.int64)


def _check_settings(ratio: float, cost: float, n_permutations: int, seed: int) -> None:
    if not isinstance(ratio, Real) or not 1 < ratio < np.inf:
        raise InputError(f"ratio must be a number above 1, not {ratio!r}.")
    if not isinstance(cost, Real) or not 0 <= cost < np.inf:
        raise InputError(f"cost must be a number of 0 or more, not {cost!r}.")
    for name, value, least in (("n_permutations", n_permutations, 1), ("seed", seed, 0)):
        if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
            raise InputError(f"{name} must be a whole number of {least} or more, not {value!r}.")


def _gains(n_papers: np.ndarray, n_total: np.ndarray, ratio: float) -> np.ndarray:
    """Give how much cheaper the upper state is in each period (topics x periods)."""
    usual = n_papers.sum(axis=1) / max(n_total.sum(), 1)
    raised = np.minimum(ratio * usual, 0.9999)
    possible = (usual > 0) & (raised > usual)
    low, high = np.where(possible, usual, 0.25)[:, None], np.where(possible, raised, 0.25)[:, None]
    return n_papers * np.log(high / low) + (n_total - n_papers) * (np.log1p(-high) - np.log1p(-low))


def _upper(gains: np.ndarray, price: float) -> np.ndarray:
    """Tell where the cheapest path is in the upper state; of paths that cost the same, the lower state.

    All that Viterbi's algorithm must carry is by how much the best path into the upper state is ahead of
    that into the lower: leaving is worth while when it is ahead, entering again when it is behind by more
    than the price.
    """
    n_topics, n = gains.shape
    ahead = np.full((n_topics, n + 1), -price)
    for t in range(n):
        ahead[:, t + 1] = gains[:, t] + np.clip(ahead[:, t], -price, 0)
    upper = np.zeros((n_topics, n), dtype=bool)
    later = np.zeros(n_topics, dtype=bool)
    for t in range(n - 1, -1, -1):
        later = upper[:, t] = np.where(later, ahead[:, t + 1] > -price, ahead[:, t + 1] > 0)
    return upper


def _runs(upper: np.ndarray, gains: np.ndarray, n_papers: np.ndarray, n_total: np.ndarray) -> pd.DataFrame:
    """Make a table of the runs of the upper state."""
    edges = np.diff(np.pad(upper, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    topics, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1] - 1

    def within(values: np.ndarray) -> np.ndarray:
        sums = np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
        return sums[topics, ends + 1] - sums[topics, starts]

    inside, all_inside = within(n_papers), within(np.broadcast_to(n_total, n_papers.shape))
    outside = n_papers.sum(axis=1)[topics] - inside
    all_outside = (n_total.sum() - all_inside).astype(float)
    all_outside[all_outside == 0] = np.nan
    return pd.DataFrame(
        {
            "topic": topics,
            "kind": pd.Series(np.where(starts == ends, "spike", "run"), dtype=str),
            "start": starts,
            "end": ends,
            "weight": within(gains),
            "n_papers": inside,
            "n_total": all_inside,
            "share_inside": inside / np.maximum(all_inside, 1),
            "share_outside": outside / all_outside,
        }
    )


def _lasting(gains: np.ndarray, runs: pd.DataFrame) -> np.ndarray:
    """Give the weight of runs without their heaviest period: what makes them more than a spike.

    A spike beside any raised period would else outweigh every true run, and did so in a third of the orders.
    """
    lasting = np.empty(len(runs))
    for i, (topic, start, end) in enumerate(zip(runs["topic"], runs["start"], runs["end"])):
        inside = gains[topic, start : end + 1]
        lasting[i] = inside.sum() - inside.max()
    return lasting


def _run_p(
    gains: np.ndarray, price: float, topics: np.ndarray, lasting: np.ndarray, n_permutations: int, seed: int
) -> np.ndarray:
    """Give the p of runs: how often a random order of the periods has a run with as much lasting weight.

    Every topic reads the same stream of orders from its beginning, and stops for itself.
    """
    n, drawn, many = gains.shape[1], 0, _FIRST_ORDERS
    rng = np.random.default_rng(seed)
    p = np.ones(len(lasting))
    beaten = np.zeros(len(lasting), dtype=np.int64)
    alive = np.arange(len(lasting))
    # The sum of a run depends in its last bits on the order of its periods.
    least = lasting - 1e-12 * np.abs(gains).sum(axis=1)[topics]
    while len(alive) and drawn < n_permutations:
        many = min(many, n_permutations - drawn)
        orders = rng.permuted(np.tile(np.arange(n, dtype=np.int32), (many, 1)), axis=1)
        asked, at = np.unique(topics[alive], return_inverse=True)
        enough = np.full(len(asked), np.inf)
        np.minimum.at(enough, at, least[alive])
        beats = _most_lasting(gains[asked], price, orders, enough)[at] >= least[alive, None]
        counted = beaten[alive, None] + np.cumsum(beats, axis=1)
        stopped = counted[:, -1] >= EXCEEDANCES
        when = drawn + 1 + np.argmax(counted >= EXCEEDANCES, axis=1)
        p[alive[stopped]] = EXCEEDANCES / when[stopped]
        beaten[alive] = counted[:, -1]
        alive = alive[~stopped]
        drawn, many = drawn + many, min(_MOST_ORDERS, drawn + many)
    p[alive] = (beaten[alive] + 1) / (n_permutations + 1)
    return p


def _most_lasting(gains: np.ndarray, price: float, orders: np.ndarray, enough: np.ndarray) -> np.ndarray:
    """Give the most lasting weight of each topic's runs under each order (topics x orders).

    Where it is less than `enough`, one number for each topic, it may be given too large, but less than that.
    """
    if gains.size * len(orders) < _WORTH_COMPILING:
        found = _at_most(gains, orders)
        # The sums are taken in another order there, and differ in their last bits.
        near = found >= (enough - 1e-12 * np.abs(gains).sum(axis=1))[:, None]
        topic, order = np.nonzero(near)
        found[topic, order] = _follow_together(gains, price, orders, topic, order)
        return found
    kernel = _compiled()
    parts = [gains[i : i + _SLICE] for i in range(0, len(gains), _SLICE)]
    if len(parts) == 1:
        return kernel(gains, price, orders)
    return np.concatenate(list(side_by_side(lambda part: kernel(part, price, orders), parts)))


@cache
def _compiled() -> Any:
    from numba import njit

    try:
        return njit(_follow, nogil=True, cache=True)
    except RuntimeError:  # no folder here may be written to
        return njit(_follow, nogil=True)


def _follow(gains: np.ndarray, price: float, orders: np.ndarray) -> np.ndarray:
    """Follow the cheapest path (`_upper`) and with it the run on it of most lasting weight (`_lasting`).

    In one pass forwards: each of the two best paths so far, into the lower and into the upper state, carries
    the most lasting weight of the runs it has behind it.
    """
    n_topics, n = gains.shape
    lasting = np.empty((n_topics, len(orders)))
    for j in range(len(orders)):
        for k in range(n_topics):
            ahead, behind_lower, behind_upper = -price, 0.0, 0.0
            run, most = 0.0, 0.0
            for t in range(n):
                gain = gains[k, orders[j, t]]
                lower_before = behind_lower
                if ahead > 0:
                    behind_lower = max(behind_upper, run - most)
                if ahead > -price:
                    run, most = run + gain, max(most, gain)
                else:
                    run, most, behind_upper = gain, gain, lower_before
                ahead = gain + min(max(ahead, -price), 0.0)
            lasting[k, j] = max(behind_upper, run - most) if ahead > 0 else behind_lower
    return lasting


def _at_most(gains: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Give what no run's lasting weight under an order exceeds (topics x orders), in a fifth of the time.

    That is the largest sum of neighbours (Kadane's; Bentley 1984) once the topic's heaviest period counts 0:
    a run with it lasts without it, and one without it is not lighter by leaving out its own.
    """
    rest = gains.copy()
    rest[np.arange(len(gains)), gains.argmax(axis=1)] = 0
    here, most = (np.zeros((len(gains), len(orders))) for _ in range(2))
    for at in orders.T.astype(np.intp):
        here = np.maximum(here, 0) + np.take(rest, at, axis=1)
        np.maximum(most, here, out=most)
    return most


def _follow_together(
    gains: np.ndarray, price: float, orders: np.ndarray, topic: np.ndarray, order: np.ndarray
) -> np.ndarray:
    """Do what `_follow` does for pairs of a topic and an order, given by their rows, side by side.

    Numbers times truth values take half the time of `numpy.where`. A run that begins with a loss is left at
    once, so it does not matter that it then carries 0 as its heaviest period.
    """
    ahead = np.full(len(topic), -price)
    behind_lower, behind_upper, run, most = (np.zeros(len(topic)) for _ in range(4))
    for at in orders.T:
        gain = gains[topic, at[order]]
        leaves, stays = ahead > 0, ahead > -price
        left = np.maximum(behind_upper, run - most)
        behind_upper = behind_upper * stays + behind_lower * ~stays
        behind_lower = left * leaves + behind_lower * ~leaves
        run = run * stays + gain
        most = np.maximum(most * stays, gain)
        ahead = gain + np.clip(ahead, -price, 0)
    return np.where(ahead > 0, np.maximum(behind_upper, run - most), behind_lower)


def _spike_p(n_papers: np.ndarray, n_total: np.ndarray, topics: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Give the p of one-period bursts from the noise of the other periods; 1 where these are too few.

    Periods without papers of the topic tell little of how papers clump, so only those with papers count
    towards the degrees of freedom.
    """
    from scipy.special import ndtri, stdtr

    n = len(n_total)
    if n < 3:
        return np.ones(len(topics))
    free = (n_papers > 0).sum(axis=1)[topics] - 2
    y, total = n_papers[topics, at], n_total[at]
    others, others_total = n_papers.sum(axis=1)[topics] - y, n_total.sum() - total
    share = (others + 0.5) / (others_total + 1)
    squares = (n_papers**2 / n_total).sum(axis=1)[topics] - y**2 / total
    spread = squares - 2 * share * others + share**2 * others_total
    dispersion = np.maximum(1, spread / (share * (1 - share)) / (n - 2))
    # The share is itself estimated: a forecast is less certain than a fit.
    dispersion = dispersion * (1 + total / others_total)
    tail = _beta_binomial_tail(y, total, share, dispersion)
    p = n * stdtr(np.maximum(free, 1), ndtri(np.maximum(tail, np.finfo(float).tiny)))
    return np.where(free > 0, np.minimum(1, p), 1.0)


def _beta_binomial_tail(
    y: np.ndarray, total: np.ndarray, share: np.ndarray, dispersion: np.ndarray
) -> np.ndarray:
    """Give P(Y >= y), y above the mean total * share, for `dispersion` times the binomial variance.

    Summed upwards from y, where the terms fall, so that small tails keep their digits.
    """
    from scipy.special import betaln, gammaln

    alike = np.clip((dispersion - 1) / np.maximum(total - 1, 1), 1e-9, 0.999)
    a, b = share * (1 - alike) / alike, (1 - share) * (1 - alike) / alike
    term = np.exp(
        gammaln(total + 1) - gammaln(y + 1) - gammaln(total - y + 1)
        + betaln(y + a, total - y + b) - betaln(a, b)
    )  # fmt: skip
    tail, k = term.copy(), y.astype(float)
    going = np.flatnonzero((k < total) & (term > 0))
    while len(going):
        ahead = k[going, None] + np.arange(max(16, _TERMS // len(going)))
        left, of = np.maximum(total[going, None] - ahead, 0), going[:, None]
        steps = left * (a[of] + ahead) / ((ahead + 1) * (np.maximum(left - 1, 0) + b[of]))
        terms = term[of] * np.cumprod(steps, axis=1)
        tail[going] += terms.sum(axis=1)
        term[going], k[going] = terms[:, -1], ahead[:, -1] + 1
        going = going[(k < total)[going] & (term > 1e-15 * tail)[going]]
    return np.minimum(1, tail)


def _adjusted(p: np.ndarray, topics: np.ndarray, n_topics: int) -> np.ndarray:
    """Give Benjamini and Bogomolov's q: of each topic's surest burst Benjamini and Hochberg's over topics.

    With R topics found among n, a burst of theirs is found at rate a when its p is at most a * R / n.
    """
    if not len(p):
        return np.empty(0)
    surest = np.sort(pd.Series(p).groupby(topics).min().to_numpy())
    n_found = np.arange(1, len(surest) + 1)
    rates = np.minimum.accumulate((surest * n_topics / n_found)[::-1])[::-1]
    # The rate must find R topics and, with R of them, this burst. The first rate rises with R and the second
    # falls, so the least that does both is beside their crossing.
    crossing = np.searchsorted(rates * n_found, p * n_topics)
    after = np.where(crossing < len(rates), rates[np.minimum(crossing, len(rates) - 1)], np.inf)
    before = p * n_topics / np.where(crossing > 0, crossing, np.nan)
    return np.minimum(1, np.fmin(after, before))
