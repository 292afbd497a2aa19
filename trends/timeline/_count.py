"""Papers per topic and period, with every paper accounted for: counted, undated or dated too coarsely."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.periods import check_every, complete_periods, fine_enough, numbers, period_ends, starts_of
from trends.core.records import Counts, Topics
from trends.core.tables import DATED, PRECISIONS, UNASSIGNED, check, places_in

_DAY, _MONTH = PRECISIONS.index("day"), PRECISIONS.index("month")
_UNKNOWN = PRECISIONS.index("unknown")

AUTO = ("month", "quarter", "year")
AUTO_PERIODS = 8
AUTO_PAPERS = 50
FALLBACK_PERIODS = 5


@dataclass(frozen=True)
class _Window:
    """The periods that one choice of `every` gives, and which papers enter them."""

    every: str
    counted: np.ndarray
    starts: pd.DatetimeIndex
    ends: pd.DatetimeIndex
    place: np.ndarray
    complete: np.ndarray
    observed_from: pd.Timestamp | None
    observed_until: pd.Timestamp | None


def count(
    papers: pd.DataFrame,
    topics: Topics,
    *,
    every: str = "auto",
    observed_until: pd.Timestamp | str | None = None,
) -> Counts:
    """Count papers per topic and calendar period.

    A paper enters a period only where its date says which: day-precise dates enter every period,
    month-precise ones month, quarter and year, year-precise ones the year. Nothing is filled in, and the
    papers left out are missing from the topic and from the total alike.

    Parameters
    ----------
    papers
        Papers by paper_id with `date` and `date_precision`, all that is looked at; each must be a member of
        `topics`, which may know more papers than these.
    topics
        The topics of the papers.
    every
        "week" (ISO), "month", "quarter" or "year". "auto" takes the finest of month, quarter and year with
        at least 8 complete periods of at least 50 papers (median); failing that the coarsest with at least 5
        complete periods that can count half of the dated papers; failing that the one of these with the most
        complete periods, in doubt the coarser.
    observed_until
        Last day on which papers were collected. Without it the newest date that `every` can count, or the
        end of its month or year where it is known no better.

    Returns
    -------
    Counts
        `table`: topic_id (int32, -1 first), period (first day), n_papers, n_total (int64); one row for every
        topic of `topics.table` and -1 in every period from the first paper to the last, zeros included.
        `periods`: end, n_total, complete, n_undated, n_too_coarse (the last two of the whole corpus).
        `left_out`: n_undated and n_too_coarse by topic_id. A period is complete if it ends by
        `observed_until` and, where its first paper is known to the day, that day lies in its first tenth: a
        date known by month or year does not tell when observation began.

    Raises
    ------
    InputError
        A paper is in no topic list, `every` is unknown or `observed_until` is no date.
    """
    return placed(papers, topics, every, observed_until).counts()


def count_cells(
    cells: pd.DataFrame,
    labels: pd.Series,
    *,
    every: str = "auto",
    observed_until: pd.Timestamp | str | None = None,
    shaky: frozenset[int] = frozenset(),
) -> Counts:
    """Count papers that are given as numbers, as `count` counts them one by one.

    Parameters
    ----------
    cells
        topic_id (-1 unassigned), date, date_precision and n_papers, how many papers have these three; in any
        order, of which several may be alike.
    labels
        Label by topic_id, -1 included, as `Topics.labels`: a topic without papers is counted as well.
    every, observed_until
        As in `count`.
    shaky
        `Topics.shaky`.

    Returns
    -------
    Counts
        Those that `count` gives of the papers themselves.

    Raises
    ------
    InputError
        `every` is unknown or `observed_until` is no date.
    """
    topic_ids = np.union1d([UNASSIGNED], labels.index).astype(np.int32)
    dated = periods_of(cells, every, observed_until, cells["n_papers"].to_numpy())
    topic = np.searchsorted(topic_ids, cells["topic_id"].to_numpy())
    return Placed(dated, topic_ids, topic, labels.sort_index(), shaky).counts()


@dataclass(frozen=True)
class Placed:
    """A corpus laid out in calendar periods with the topic of each paper, in the order of its rows."""

    dated: "Dated"
    topic_ids: np.ndarray
    topic: np.ndarray
    labels: pd.Series
    shaky: frozenset[int]

    def counts(self, places: np.ndarray | None = None) -> Counts:
        """Count the papers at these places, or all, in the periods of the whole corpus.

        A part keeps the whole's periods and what is known of their completeness, so that parts compare and
        add up to the whole.
        """
        window, n_topics = self.dated.window, len(self.topic_ids)
        places = np.arange(len(self.topic)) if places is None else places
        topic = self.topic[places]
        n_papers = self.dated.cells(topic, places, n_topics)
        n_total = n_papers.sum(axis=0)
        left_out = pd.DataFrame(
            {
                "n_undated": self.dated.tally(topic, places, self.dated.undated, n_topics),
                "n_too_coarse": self.dated.tally(topic, places, self.dated.too_coarse, n_topics),
            },
            index=pd.Index(self.topic_ids, name="topic_id"),
        )
        return Counts(
            table=long_table(self.topic_ids, window.starts, n_papers, n_total),
            periods=pd.DataFrame(
                {
                    "end": window.ends,
                    "n_total": n_total,
                    "complete": window.complete,
                    "n_undated": int(left_out["n_undated"].sum()),
                    "n_too_coarse": int(left_out["n_too_coarse"].sum()),
                },
                index=window.starts,
            ),
            left_out=left_out,
            every=window.every,
            labels=self.labels,
            observed_from=window.observed_from,
            observed_until=window.observed_until,
            shaky=self.shaky,
        )


def placed(
    papers: pd.DataFrame, topics: Topics, every: str, observed_until: pd.Timestamp | str | None
) -> Placed:
    """Lay out a corpus with its topics; see `count` for the rules and errors."""
    check(papers, DATED)
    if not isinstance(topics, Topics):
        raise InputError(f"topics must be Topics, as cluster returns, not {type(topics).__name__}.")
    dated = periods_of(papers, every, observed_until)
    topic_ids = np.union1d([UNASSIGNED], topics.table.index).astype(np.int32)
    found = places_in(topics.members.index, papers.index)
    if (found < 0).any():
        absent = papers.index[found < 0]
        raise InputError(
            f"{len(absent)} of {len(papers)} papers are not in topics.members, such as {absent[0]!r}; "
            "assign them to the topics first."
        )
    topic = np.searchsorted(topic_ids, topics.members["topic_id"].to_numpy()[found])
    return Placed(dated, topic_ids, topic, topics.labels.sort_index(), topics.shaky)


@dataclass(frozen=True)
class Dated:
    """The periods of a corpus, and which of its papers stand in which.

    `weight` says how many papers a row stands for; None where each is one.
    """

    window: _Window
    undated: np.ndarray
    too_coarse: np.ndarray
    weight: np.ndarray | None = None

    @property
    def period(self) -> np.ndarray:
        """Position of each paper's period, -1 for a paper that no period can count."""
        period = np.full(len(self.undated), -1)
        period[self.window.counted] = self.window.place
        return period

    def cells(self, groups: np.ndarray, places: np.ndarray, n_groups: int) -> np.ndarray:
        """Count papers by group (rows) and period: the paper at each place is in the group beside it."""
        n_periods = len(self.window.starts)
        period = self.period
        counted = period[places] >= 0
        cells = groups[counted] * n_periods + period[places[counted]]
        found = _tally(cells, self._weights(places[counted]), n_groups * n_periods)
        return found.reshape(n_groups, n_periods)

    def tally(self, groups: np.ndarray, places: np.ndarray, which: np.ndarray, n_groups: int) -> np.ndarray:
        """Count by group those of the papers at these places of which a flag by paper is set."""
        chosen = which[places]
        return _tally(groups[chosen], self._weights(places[chosen]), n_groups)

    def _weights(self, places: np.ndarray) -> np.ndarray | None:
        return None if self.weight is None else self.weight[places]


def _tally(groups: np.ndarray, weight: np.ndarray | None, n_groups: int) -> np.ndarray:
    """Count rows, or the papers that they stand for, by group; sums are exact below 2^53 papers."""
    return np.bincount(groups, weight, minlength=n_groups).astype(np.int64)


def periods_of(
    papers: pd.DataFrame,
    every: str,
    observed_until: pd.Timestamp | str | None,
    weight: np.ndarray | None = None,
) -> Dated:
    """Lay a corpus out in calendar periods, in the order of its rows; see `count` for the rules.

    `weight` says how many papers each row stands for.
    """
    check_every(every, also=("auto",))
    until = as_day(observed_until)
    dates = papers["date"].to_numpy()
    precision = papers["date_precision"].cat.codes.to_numpy() if len(papers) else np.empty(0, np.int8)
    undated = np.isnat(dates) | (precision == _UNKNOWN) | (precision < 0)
    if every == "auto":
        window = _choose(dates, precision, undated, until, weight)
    else:
        window = _window(dates, precision, undated, every, until)
    return Dated(window, undated, ~undated & ~window.counted, weight)


def long_table(
    ids: np.ndarray, starts: pd.DatetimeIndex, n_papers: np.ndarray, n_total: np.ndarray
) -> pd.DataFrame:
    """Return counts by group (rows) and period (columns) as a table of one row each."""
    return pd.DataFrame(
        {
            "topic_id": np.repeat(ids, len(starts)),
            "period": np.tile(starts.to_numpy(), len(ids)),
            "n_papers": n_papers.ravel(),
            "n_total": np.tile(n_total, len(ids)),
        }
    )


def as_day(observed_until: pd.Timestamp | str | None) -> pd.Timestamp | None:
    """Read the last day of observation."""
    if observed_until is None:
        return None
    try:
        day = pd.Timestamp(observed_until)
        known = not pd.isna(day)
    except (ValueError, TypeError):
        known = False
    if not known:
        raise InputError(f"observed_until must be a date such as '2025-06-30', not {observed_until!r}.")
    if day.tzinfo is not None:
        day = day.tz_convert("UTC").tz_localize(None)
    return day.normalize().as_unit("us")


def _window(
    dates: np.ndarray, precision: np.ndarray, undated: np.ndarray, every: str, until: pd.Timestamp | None
) -> _Window:
    counted = ~undated & fine_enough(precision, every)
    used, exactness = dates[counted], precision[counted]
    place = numbers(used, every)
    span = np.arange(place.min(), place.max() + 1) if len(place) else np.empty(0, np.int64)
    starts = starts_of(span, every)
    ends = period_ends(starts, every)
    observed_from = None
    if len(used):
        # Only a date known to the day tells when in its period observation may have begun.
        place = place - place.min()
        observed_from = pd.Timestamp(np.where(exactness == _DAY, used, starts.to_numpy()[place]).min())
        if until is None:
            newest = used.max()
            until = _last_day(newest, exactness[used == newest].min())
    complete = complete_periods(starts, ends, observed_from, until)
    return _Window(every, counted, starts, ends, place, complete, observed_from, until)


def _last_day(newest: np.datetime64, precision: int) -> pd.Timestamp:
    """Give the last day that a date known to this precision may mean."""
    if precision == _DAY:
        return pd.Timestamp(newest).normalize()
    every = "month" if precision == _MONTH else "year"
    return period_ends(starts_of(numbers(np.array([newest]), every), every), every)[0]


def _choose(
    dates: np.ndarray,
    precision: np.ndarray,
    undated: np.ndarray,
    until: pd.Timestamp | None,
    weight: np.ndarray | None,
) -> _Window:
    n_papers = np.ones(len(dates), dtype=np.int64) if weight is None else weight
    windows = [_window(dates, precision, undated, every, until) for every in AUTO]
    n_complete = [int(w.complete.sum()) for w in windows]
    for window, n in zip(windows, n_complete):
        if n >= AUTO_PERIODS:
            sizes = _tally(window.place, n_papers[window.counted], len(window.starts))[window.complete]
            if np.median(sizes) >= AUTO_PAPERS:
                return window
    half = n_papers[~undated].sum() / 2
    # Coarsest first, so that max() keeps the coarser of two equals.
    able = [(n, w) for n, w in zip(n_complete, windows) if n_papers[w.counted].sum() >= half][::-1]
    for n, window in able:
        if n >= FALLBACK_PERIODS:
            return window
    return max(able, key=lambda pair: pair[0])[1]
