"""Which calls changed, and why: what lies between two studies is measured again, one step at a time."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from trends.core.records import Counts, Trends
from trends.diff._side import Side, named
from trends.diff._topics import Lineage
from trends.timeline import count, measure

CALLS = [
    "label", "earlier_id", "before", "now", "growth_before", "growth_now", "growth_low", "growth_high",
    "because",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Steps:
    """What was counted on the way from the earlier study to the later one.

    Attributes
    ----------
    without_gone
        The papers of both studies, dated and in topics as in the earlier one.
    recounted
        The same papers, still dated as in the earlier one, in the topics of the later one.
    with_added
        All papers of the later study that lie within the days which the earlier one observed.
    """

    without_gone: Counts
    recounted: Counts
    with_added: Counts

    @cached_property
    def measured(self) -> tuple[Trends, Trends, Trends]:
        """What is measured of each step, in this order."""
        first, second, third = (
            measure(counts, bursts=False, forecast=False)
            for counts in (self.without_gone, self.recounted, self.with_added)
        )
        return first, second, third


def steps_between(earlier: Side, later: Side) -> Steps:
    """Count each step as the earlier study observed it."""
    every, until = later.counts.every, earlier.counts.observed_until
    papers = earlier.papers.loc[earlier.papers.index.isin(later.papers.index)]
    within = later.papers if until is None else later.papers[~(later.papers["date"] > until)]
    return Steps(
        count(papers, earlier.topics, every=every, observed_until=until),
        count(papers, later.topics, every=every, observed_until=until),
        count(within, later.topics, every=every, observed_until=until),
    )


def call_changes(earlier: Side, later: Side, steps: Steps, found: Lineage) -> pd.DataFrame:
    """Return the topics whose status is another one, as in `Diff.calls`."""
    before, now = earlier.trends.calls, later.trends.calls
    pairs = [
        (old, own)
        for old, own in sorted(found.kept.items(), key=lambda pair: pair[1])
        if old in before.index and own in now.index and before["status"][old] != now["status"][own]
    ]
    causes = (
        "papers that are gone",
        "papers that lie in other topics",
        "papers added or moved in earlier periods",
        _completed(earlier, later),
    )
    rows = []
    for old, own in pairs:
        passed = [before["status"][old], *_on_the_way(steps.measured, old, own), now["status"][own]]
        why = [
            f"{cause} ({was} to {became})"
            for cause, was, became in zip(causes, passed[:-1], passed[1:])
            if was != became
        ]
        call = now.loc[own]
        rows.append(
            (
                own, call["label"], old, passed[0], passed[-1], before["growth"][old], call["growth"],
                call["growth_low"], call["growth_high"], "; ".join(why),
            )
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=["topic_id", *CALLS]).set_index("topic_id")
    return table.astype({"label": str, "before": str, "now": str, "because": str})


def _on_the_way(measured: tuple[Trends, Trends, Trends], old: int, own: int) -> list[str]:
    return [
        str(trends.calls["status"].get(topic_id, "too few to say"))
        for trends, topic_id in zip(measured, (old, own, own))
    ]


def _completed(earlier: Side, later: Side) -> str:
    """Name the periods that were completed since."""
    periods = later_periods(earlier, later)
    if not periods:
        return "papers after those of the earlier study"
    names = [named(period, later.counts.every) for period in periods]
    several = f"{names[0]} to {names[-1]} are" if len(names) > 1 else f"{names[0]} is"
    return f"{several} complete since"


def later_periods(earlier: Side, later: Side) -> list[pd.Timestamp]:
    """Return the complete periods of the later study after the last complete one of the earlier study."""
    whole = earlier.complete()
    return [period for period in later.complete() if not whole or period > whole[-1]]
