"""One of the two studies that are compared, and how its papers lie in topics and periods."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from trends.core.periods import fine_enough, numbers, period_label, starts_of
from trends.core.records import Counts, Topics, Trends
from trends.core.tables import PRECISIONS
from trends.timeline import count, measure

VERSION = "version of "
"""Begins the name of the setting that holds a package's version."""

NO_SETTINGS = ("every", "versions", "student_follows")
"""Parameters of a study that are told elsewhere, or were measured."""


@dataclass(frozen=True, eq=False)
class Side:
    """What a comparison needs to know of a study.

    Attributes
    ----------
    papers, topics, counts, trends
        As in a study.
    title
        Its title.
    settings
        What decided the result, by name, plain JSON values.
    from_page
        Whether it was read from a report page, which holds no vectors.
    """

    papers: pd.DataFrame
    topics: Topics
    counts: Counts
    trends: Trends
    title: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    from_page: bool = False

    def by(self, every: str) -> "Side":
        """Return the same papers and topics, counted and measured by another period."""
        if self.counts.every == every:
            return self
        counts = count(self.papers, self.topics, every=every, observed_until=self.counts.observed_until)
        return replace(self, counts=counts, trends=measure(counts, bursts=False, forecast=False))

    @property
    def encoder(self) -> tuple[Any, Any]:
        """Name and revision of the encoder, None where it is not known."""
        return self.settings.get("encoder.encoder"), self.settings.get("encoder.revision")

    def periods(self) -> pd.Series:
        """Return the first day of each paper's period by paper_id, NaT where it has none."""
        precision = pd.Categorical(self.papers["date_precision"], list(PRECISIONS)).codes
        dated = self.papers["date"].notna().to_numpy() & fine_enough(precision, self.counts.every)
        found = np.full(len(self.papers), np.datetime64("NaT"), dtype="datetime64[us]")
        dates = self.papers["date"].to_numpy()[dated]
        found[dated] = starts_of(numbers(dates, self.counts.every), self.counts.every).to_numpy()
        return pd.Series(found, index=self.papers.index)

    def topic_of(self) -> pd.Series:
        """Return the topic of each paper by paper_id."""
        return self.topics.members["topic_id"].reindex(self.papers.index).astype("int64")

    def complete(self) -> list[pd.Timestamp]:
        """Return the complete periods with papers, in order."""
        periods = self.counts.periods
        return list(periods.index[periods["complete"].to_numpy(bool) & (periods["n_total"] > 0).to_numpy()])


def settings_of(parameters: Mapping[str, Any], encoder: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decided a result, by name: options, what is said of the encoder, and each version."""
    settings = {name: value for name, value in parameters.items() if name not in NO_SETTINGS}
    settings |= {f"encoder.{k}": encoder[k] for k in ("encoder", "revision", "precision") if k in encoder}
    versions = parameters.get("versions")
    known = versions if isinstance(versions, Mapping) else {}
    return settings | {f"{VERSION}{package}": number for package, number in known.items()}


def named(period: Any, every: str) -> str:
    """Name a period; papers without one have no period."""
    return "no period" if pd.isna(period) else period_label(period, every)
