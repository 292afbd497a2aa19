"""All papers that were counted, where a table can hold only some of them."""

from dataclasses import dataclass

import pandas as pd

from trends.core.records import Topics


@dataclass(frozen=True)
class Whole:
    """What a page says of all papers, of which the papers table may be a sample.

    Attributes
    ----------
    n_papers, n_unassigned
        All papers, and those of them in no topic.
    first_date, last_date
        The first and the last date; None where no paper has one.
    to_the_day
        Whether every paper is dated to the day.
    n_shown
        The papers that the papers table holds.
    """

    n_papers: int
    n_unassigned: int
    first_date: pd.Timestamp | None
    last_date: pd.Timestamp | None
    to_the_day: bool
    n_shown: int

    @classmethod
    def of(cls, papers: pd.DataFrame, topics: Topics) -> "Whole":
        """Return what is said of papers that are all at hand."""
        dates = papers["date"].dropna()
        return cls(
            n_papers=len(papers),
            n_unassigned=topics.n_unassigned,
            first_date=dates.min() if len(dates) else None,
            last_date=dates.max() if len(dates) else None,
            to_the_day=bool(papers["date_precision"].astype(str).eq("day").all()),
            n_shown=len(papers),
        )

    @property
    def sampled(self) -> bool:
        """Whether the papers table holds only some of the papers."""
        return self.n_shown < self.n_papers
