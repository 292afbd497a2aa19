"""How fast the first papers of each topic came, against the clock and against the growing corpus."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.records import Topics
from trends.core.tables import PRECISIONS, UNASSIGNED
from trends.timeline._count import Placed, as_day, placed

YEAR = 365.2425
"""Days in a year."""

MARKS = (5, 10)
"""The papers whose day is reported."""

UNSEEN = 0.01
"""Below this probability of having been missed before, a topic's start was seen."""


@dataclass(frozen=True, eq=False, repr=False)
class Arrivals:
    """When topics began, and how fast their first papers came.

    Attributes
    ----------
    topics
        Index topic_id: label; first_date (of its papers dated to the day); n_papers (dated to the day);
        n_unplaced (dated coarser or not at all); days_to_5 and days_to_10 (days from the first paper to
        those, NaN where there are fewer); n_used (papers that the rate rests on, `first` at most); reached
        (whether there were `first`); days (from the first paper to the last used, or to the end of
        observation); rate, rate_low, rate_high (papers per year after the first, 95 % interval); exposure
        (papers of the whole corpus in these days); per_1000, per_1000_low, per_1000_high (the same per 1,000
        papers of the corpus); chance_before (probability that so many earlier papers of the corpus hold none
        of the topic, had it had its later share already); start_seen (whether the topic began within the
        corpus, as far as its dates tell: not in the first period and chance_before below .01); note.
    new_topics
        period, n_new (topics with their first paper in it), n_seen (of these, whose start was seen), n_known
        (with a paper by its end), n_reached (with their paper of number `first` in it), complete.
    first
        Papers that the rate rests on.
    every
        The period of `new_topics`.
    """

    topics: pd.DataFrame
    new_topics: pd.DataFrame
    first: int
    every: str

    def __repr__(self) -> str:
        seen = int(self.topics["start_seen"].sum())
        return f"<Arrivals: the start of {seen} of {len(self.topics)} topics was seen>"


def arrivals(
    papers: pd.DataFrame,
    topics: Topics,
    *,
    first: int = 10,
    every: str = "auto",
    observed_until: pd.Timestamp | str | None = None,
) -> Arrivals:
    """Tell when each topic's first papers appeared and how fast they came.

    Only papers dated to the day are placed in time; nothing is filled in. A corpus that grows makes every new
    topic look faster by the clock, so the rate per 1,000 papers of the corpus is the one to compare.
    Clustering needs a number of papers to find a topic, so the newest topics are missing, and a first paper
    may be a stray that the topic took in.

    Parameters
    ----------
    papers
        Papers by paper_id.
    topics
        The topics of the papers.
    first
        How many first papers the rate rests on, at least 2.
    every
        The period of `new_topics`, as in `count`.
    observed_until
        Last day on which papers were collected; the newest day of a paper when None.

    Returns
    -------
    Arrivals
        `topics` and `new_topics`. With `first` papers the interval is the exact one of a waiting time (a
        gamma variable); with fewer it is Garwood's of a count up to the end of observation. Both hold for
        papers that come independently; papers in clumps vary more.

    Raises
    ------
    InputError
        `first` is no whole number of at least 2; and as `count`.

    References
    ----------
    F. Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28;
    B. Epstein, M. Sobel (1953), Life testing, JASA 48 (the waiting time).
    """
    if isinstance(first, bool) or not isinstance(first, int | np.integer) or first < 2:
        raise InputError(f"first must be a whole number of at least 2, not {first!r}.")
    corpus = placed(papers, topics, every, observed_until)
    day_precise = (papers["date_precision"] == PRECISIONS[0]).to_numpy() & ~corpus.dated.undated
    days = papers["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    until = as_day(observed_until)
    end = int(days[day_precise].max(initial=0) if until is None else (until - pd.Timestamp(0)).days)
    table = _by_topic(corpus, days, day_precise, end, int(first))
    starts = corpus.dated.window.starts
    undated = table["first_date"].isna()
    opening = table["first_date"] < (starts[1] if len(starts) > 1 else pd.Timestamp.max)
    earlier = _maybe_earlier(corpus, days, day_precise, table)
    early = ~(table["chance_before"] < UNSEEN)
    table["start_seen"] = ~(undated | opening | earlier | early)
    table["note"] = np.select(
        [undated, opening, earlier, early, table["days"].eq(0)],
        [
            "no paper is dated to the day",
            "present from the first period",
            "a paper dated by month or year only may be earlier",
            "too few papers before its first to tell that it was not there",
            "the papers used came on one day",
        ],
        "",
    )
    table["note"] = table["note"].astype(str)
    table.insert(0, "label", corpus.labels.reindex(table.index).astype(str))
    return Arrivals(table, _new_topics(corpus, int(first), table), int(first), corpus.dated.window.every)


def _by_topic(
    corpus: Placed, days: np.ndarray, placed_in_time: np.ndarray, end: int, first: int
) -> pd.DataFrame:
    used = placed_in_time & (days <= end)
    whole = np.sort(days[used])
    order = np.flatnonzero(used)[np.lexsort([days[used], corpus.topic[used]])]
    bounds = np.searchsorted(corpus.topic[order], np.arange(len(corpus.topic_ids) + 1))
    sizes = np.bincount(corpus.topic, minlength=len(corpus.topic_ids))
    rows = []
    for place in np.flatnonzero(corpus.topic_ids != UNASSIGNED):
        mine = days[order[bounds[place] : bounds[place + 1]]]
        rows.append((int(sizes[place]) - len(mine), *_one(mine, whole, end, first)))
    names = (
        "n_unplaced",
        "first_date",
        "n_papers",
        *(f"days_to_{k}" for k in MARKS),
        "n_used",
        "reached",
        "days",
    )
    table = pd.DataFrame(
        rows,
        columns=[*names, "exposure", "chance_before"],
        index=pd.Index(corpus.topic_ids[corpus.topic_ids != UNASSIGNED], name="topic_id"),
    )
    table["first_date"] = pd.to_datetime(table["first_date"], unit="D").astype("datetime64[us]")
    table["reached"] = table["reached"].astype(bool)
    events = np.fmax(table["n_used"].to_numpy() - 1, 0)
    low, high = _events(events, table["reached"].to_numpy())
    for name, unit, span in (("rate", YEAR, "days"), ("per_1000", 1000.0, "exposure")):
        passed = table[span].where(table[span] > 0).to_numpy(dtype=float)
        for suffix, value in (("", events), ("_low", low), ("_high", high)):
            table[f"{name}{suffix}"] = value * unit / passed
    rates = [f"{name}{suffix}" for name in ("rate", "per_1000") for suffix in ("", "_low", "_high")]
    front = ["first_date", "n_papers", "n_unplaced"]
    return table[[*front, *names[3:], *rates[:3], "exposure", *rates[3:], "chance_before"]]


def _one(mine: np.ndarray, whole: np.ndarray, end: int, first: int) -> tuple:
    """Give the figures of one topic from its papers' days and those of the whole corpus, both sorted."""
    if not len(mine):
        return np.nan, 0, *[np.nan] * len(MARKS), 0, False, np.nan, np.nan, np.nan
    marks = [float(mine[k - 1] - mine[0]) if len(mine) >= k else np.nan for k in MARKS]
    n_used, reached = min(len(mine), first), len(mine) >= first
    # A paper comes at some hour of its day: half a day, and half of the day's papers, are before it.
    begun = np.searchsorted(whole, [mine[0], mine[0] + 1]).mean()
    if reached:
        span = float(mine[first - 1] - mine[0])
        exposure = np.searchsorted(whole, [mine[first - 1], mine[first - 1] + 1]).mean() - begun
    else:
        span, exposure = end + 0.5 - mine[0], len(whole) - begun
    share = min(1.0, (len(mine) - 1) / max(len(whole) - begun, 1))
    chance = (1 - share) ** np.searchsorted(whole, mine[0])
    return float(mine[0]), len(mine), *marks, n_used, reached, span, exposure, chance


def _events(events: np.ndarray, reached: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the exact 95 % bounds of the mean number of events where so many were seen."""
    from scipy.special import gammaincinv

    low = np.where(events > 0, gammaincinv(np.fmax(events, 1), 0.025), 0.0)
    # Observation that ends with an event tells that the next has not to be waited for.
    high = gammaincinv(np.where(reached, np.fmax(events, 1), events + 1), 0.975)
    return low, high


def _maybe_earlier(
    corpus: Placed, days: np.ndarray, placed_in_time: np.ndarray, table: pd.DataFrame
) -> np.ndarray:
    """Tell which topics have a paper dated by month or year that may have come before their first day."""
    coarse = ~placed_in_time & ~corpus.dated.undated
    begins = pd.Series(days[coarse]).groupby(corpus.topic_ids[corpus.topic[coarse]]).min()
    first = table["first_date"].to_numpy().astype("datetime64[D]")
    earliest = begins.reindex(table.index).to_numpy(dtype=float)
    known = ~np.isnan(earliest) & ~np.isnat(first)
    return known & (np.where(known, earliest, 0) <= np.where(known, first.astype(np.int64), 0))


def _new_topics(corpus: Placed, first: int, table: pd.DataFrame) -> pd.DataFrame:
    window = corpus.dated.window
    cells = corpus.dated.cells(corpus.topic, np.arange(len(corpus.topic)), len(corpus.topic_ids))
    sums = cells[corpus.topic_ids != UNASSIGNED].cumsum(axis=1)
    known, reached = (sums >= 1).sum(axis=0), (sums >= first).sum(axis=0)
    began = table.loc[table["start_seen"], "first_date"].to_numpy()
    period = np.searchsorted(window.starts.to_numpy(), began, side="right") - 1
    return pd.DataFrame(
        {
            "period": window.starts.to_numpy(),
            "n_new": np.diff(known, prepend=0),
            "n_seen": np.bincount(period, minlength=len(window.starts)),
            "n_known": known,
            "n_reached": np.diff(reached, prepend=0),
            "complete": window.complete,
        }
    )
