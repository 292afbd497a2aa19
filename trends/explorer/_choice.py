"""What is chosen in an explorer, and which papers that leaves."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.naming import ids_of
from trends.core.periods import period_ends
from trends.core.records import Topics, Trends
from trends.core.tables import PAPERS, check
from trends.timeline._count import periods_of

COLUMNS = ("title", "date", "topic_id", "label", "similarity", "period")
"""First columns of a selection."""


@dataclass(frozen=True)
class Choice:
    """What is chosen; empty means everything.

    Attributes
    ----------
    topics
        Topic ids, -1 for the papers in none.
    periods
        Positions of the first and the last period, both included; None takes undated papers too.
    words
        Words that a paper must all have in title or abstract.
    points
        Papers picked on the map, or None.
    chart, order, theme
        Name of the chart, order of the list of topics, theme of the chart.
    """

    topics: tuple[int, ...] = ()
    periods: tuple[int, int] | None = None
    words: str = ""
    points: tuple[str, ...] | None = None
    chart: str = "shares"
    order: str = "size"
    theme: str = "light"


class Library:
    """The papers of a study, laid out so that a choice finds its papers at once.

    Parameters
    ----------
    papers, topics, trends
        As in a study: the topics must know every paper.

    Raises
    ------
    InputError
        A paper is no member of the topics.
    """

    def __init__(self, papers: pd.DataFrame, topics: Topics, trends: Trends) -> None:
        check(papers, PAPERS)
        absent = papers.index.difference(topics.members.index)
        if len(absent):
            raise InputError(
                f"{len(absent)} of {len(papers)} papers are not in topics.members, such as {absent[0]!r}; "
                "give the papers that were clustered."
            )
        # Newest first, ties by id, as the table shows them and the selection gives them.
        ordered = papers.sort_index().sort_values("date", ascending=False, kind="stable", na_position="last")
        self.papers, self.topics, self.trends = ordered, topics, trends
        members = topics.members.loc[ordered.index]
        self.topic_id = members["topic_id"].to_numpy()
        self.similarity = members["similarity"].to_numpy()
        self.periods = pd.DatetimeIndex(sorted(trends.shares["period"].unique())).as_unit("us")
        dated = periods_of(ordered, trends.every, None)
        place = np.append(self.periods.get_indexer(dated.window.starts), -1)
        self.period = place[dated.period]

    @cached_property
    def sizes(self) -> pd.Series:
        """Papers by topic_id, every topic and -1."""
        sizes = pd.Series(self.topic_id).value_counts()
        return sizes.reindex(self.topics.labels.index, fill_value=0).astype(int)

    @cached_property
    def _texts(self) -> Any:
        """Title and abstract of each paper without accents and capitals; made when first searched."""
        import pyarrow as pa
        import pyarrow.compute as pc

        columns = [
            pc.fill_null(
                pa.array(self.papers[name].astype("object"), pa.large_string(), from_pandas=True), ""
            )
            for name in ("title", "abstract")
        ]
        return _folded(pc.binary_join_element_wise(*columns, pa.scalar("\n", pa.large_string())))

    def fits(self, choice: Choice, *parts: str) -> np.ndarray:
        """Tell which papers fit some parts of a choice, all of them unless named."""
        parts = parts or ("topics", "periods", "words", "points")
        kept = np.ones(len(self.papers), bool)
        if "topics" in parts and choice.topics:
            kept &= np.isin(self.topic_id, choice.topics)
        if "periods" in parts and choice.periods is not None:
            kept &= (self.period >= choice.periods[0]) & (self.period <= choice.periods[1])
        if "points" in parts and choice.points is not None:
            kept &= self.papers.index.isin(choice.points)
        if "words" in parts:
            kept &= self._has(choice.words)
        return kept

    def _has(self, words: str) -> np.ndarray:
        import pyarrow as pa
        import pyarrow.compute as pc

        kept = np.ones(len(self.papers), bool)
        for word in _folded(pa.array([words]))[0].as_py().split():
            kept &= pc.match_substring(self._texts, word).to_numpy(zero_copy_only=False)
        return kept

    def selection(self, choice: Choice) -> pd.DataFrame:
        """Return the papers that fit a choice, newest first; COLUMNS come before the papers' others."""
        kept = self.fits(choice)
        found = self.papers[kept].copy()
        ids, place = self.topic_id[kept], self.period[kept]
        found["topic_id"] = ids
        found["label"] = self.topics.labels.reindex(ids).to_numpy()
        found["similarity"] = self.similarity[kept]
        starts = np.append(self.periods.to_numpy(), np.datetime64("NaT", "us"))
        found["period"] = starts[place].astype("datetime64[us]")
        found.attrs = {}
        return found[[*COLUMNS, *(name for name in found.columns if name not in COLUMNS)]]

    def ids(self, names: Any) -> tuple[int, ...]:
        """Return topic ids of labels or ids, in the order given."""
        return tuple(ids_of(names, self.topics.labels))

    def days(self, places: tuple[int, int] | None) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """Return the first and the last day of a span of periods; None for all."""
        if places is None:
            return None
        ends = period_ends(self.periods, self.trends.every)
        return self.periods[places[0]], ends[places[1]]

    def places(self, periods: Any) -> tuple[int, int] | None:
        """Return the positions of the first and last period of a span of days; None for all.

        Raises
        ------
        InputError
            It is no pair of days, the later first, or no period lies in it.
        """
        if periods is None:
            return None
        try:
            first, last = (pd.Period(str(day)) for day in periods)
            wrong = isinstance(periods, str) or first.start_time > last.end_time
        except (ValueError, TypeError, AttributeError):
            wrong = True
        if wrong:
            raise InputError(
                f"periods must be None or a first and a last day, such as ('2021', '2023'), not {periods!r}."
            )
        # A period is named by any of its days, and "2023" means its last day where it comes last.
        low = max(0, int(self.periods.searchsorted(first.start_time, side="right")) - 1)
        high = int(self.periods.searchsorted(last.end_time, side="right")) - 1
        if high < low or not len(self.periods):
            raise InputError(f"periods: no {self.trends.every} of these papers lies in {periods!r}.")
        return None if (low, high) == (0, len(self.periods) - 1) else (low, high)


def _folded(texts: Any) -> Any:
    """Return texts in lower case and without accents."""
    import pyarrow.compute as pc

    return pc.replace_substring_regex(pc.utf8_lower(pc.utf8_normalize(texts, "NFKD")), r"\p{M}", "")
