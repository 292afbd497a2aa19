"""How common each topic of a large corpus is in each month: what is planted, and so what should be found."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.planted.papers import CORPUS_GROWTH, FIRST, YEARS, Curve
from benchmarks.planted.texts import OFF_TOPIC
from benchmarks.scale.words import words

N_MONTHS = 12 * YEARS

IN_TOPICS = 0.75
"""The share of the papers that have a topic, in the middle of the time."""

WAVER = 0.05
"""The share of a topic wavers from month to month by this standard deviation of its logarithm, beside what
chance does: real counts vary more than drawn ones, and in a large corpus nothing else would be left."""

RISING = (1.2, 1.25, 1.3, 1.35, 1.4, 1.45, 1.5, 1.6)
FALLING = (0.83, 0.8, 0.77, 0.74, 0.71, 0.68, 0.65, 0.6)
"""Odds ratios a year."""
EMERGING = (1.6, 1.8, 2.0)
ABSENT = 2.0
"""Years from the beginning in which an emerging topic has no papers."""
N_BURSTING, BURST, BURST_MONTHS = 6, 3.0, 4
"""So many otherwise flat topics have for so many months so many times their share."""


@dataclass(frozen=True)
class Plan:
    """What is planted.

    Attributes
    ----------
    truth
        Index theme, in the order of the topics' numbers and at the end "off topic": kind (rising, emerging,
        falling, bursting, flat, rest), growth (odds ratio a year), share (in the middle of the time),
        burst_start and burst_end (first days of the months, NaT where there is no burst).
    shares
        The share of each of these in each month (themes x months); months sum to 1.
    months
        What part of all papers each month has.
    """

    truth: pd.DataFrame
    shares: np.ndarray
    months: np.ndarray


def plan(seed: int) -> Plan:
    """Give each topic a size and a fate; the seed says which topic has which.

    Topics' sizes follow Zipf's law in a flattened form. Papers off topic make up the rest, so that what is
    flat is flat however others rise; the corpus grows by `CORPUS_GROWTH` a year.

    Raises
    ------
    ValueError
        The shares of a month leave nothing for papers off topic.
    """
    random = np.random.default_rng([seed, 0])
    names = words().names
    years = (np.arange(N_MONTHS) + 0.5) / 12
    sizes = 1 / (np.arange(len(names)) + 6.0) ** 0.8
    curves, bursting = _fates(names, IN_TOPICS * sizes / sizes.sum(), random)
    shares = np.array([curve.shares(years) for curve in curves])
    starts = np.full(len(names), -1)
    starts[bursting] = random.integers(6, N_MONTHS - 6 - BURST_MONTHS, len(bursting))
    for topic in bursting:
        shares[topic, starts[topic] : starts[topic] + BURST_MONTHS] *= BURST
    shares *= np.exp(WAVER * random.standard_normal(shares.shape))
    # A rare seed lets so many topics be large at once that a month would have no papers but theirs.
    shares *= np.minimum(1, 0.995 / shares.sum(axis=0))
    rest = 1 - shares.sum(axis=0)
    growth = CORPUS_GROWTH**years
    truth = pd.DataFrame(
        {
            "kind": [*("bursting" if k in bursting else c.kind for k, c in enumerate(curves)), "rest"],
            "growth": [*(curve.growth for curve in curves), np.nan],
            "share": [*(curve.share for curve in curves), 1 - IN_TOPICS],
            "burst_start": _month(starts, 0),
            "burst_end": _month(starts, BURST_MONTHS - 1),
        },
        index=pd.Index([*names, OFF_TOPIC], name="theme"),
    )
    return Plan(truth, np.vstack([shares, rest]), growth / growth.sum())


def _fates(
    names: tuple[str, ...], sizes: np.ndarray, random: np.random.Generator
) -> tuple[list[Curve], np.ndarray]:
    """Deal the curves out; one that rises and one that falls are of about one size, and the last emerge."""
    size = np.empty(len(names))
    order = random.permutation(len(names))
    size[order] = sizes
    growth, absent = np.ones(len(names)), np.zeros(len(names))
    emerging, others = order[-len(EMERGING) :], order[: -len(EMERGING)]
    growth[emerging], absent[emerging] = EMERGING, ABSENT
    pairs = random.permutation(others[: len(others) // 2 * 2].reshape(-1, 2))[: len(RISING)]
    growth[pairs[:, 0]], growth[pairs[:, 1]] = random.permutation(RISING), random.permutation(FALLING)
    curves = [Curve(*fate) for fate in zip(names, size, growth, absent)]
    return curves, np.sort(random.choice(np.flatnonzero(growth == 1), N_BURSTING, replace=False))


def _month(starts: np.ndarray, later: int) -> pd.DatetimeIndex:
    """Give the first day of the month so many months after each start; NaT where there is none."""
    first = np.datetime64(FIRST, "M")
    days = np.where(starts < 0, np.datetime64("NaT", "D"), (first + starts + later).astype("datetime64[D]"))
    return pd.DatetimeIndex(np.append(days, np.datetime64("NaT", "D"))).as_unit("us")
