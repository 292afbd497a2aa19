"""Papers per topic and period."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from trends.core.errors import InputError
from trends.core.periods import PERIOD_STARTS, complete_periods, period_ends
from trends.core.tables import COUNTS, EVERY, LEFT_OUT, PERIODS, UNASSIGNED, check


@dataclass(frozen=True, eq=False, repr=False)
class Counts:
    """Papers per topic and calendar period: the one table that statistics and charts start from.

    Attributes
    ----------
    table
        topic_id, period (first day), n_papers, n_total (all papers of the period); every topic has a row
        for every period, zeros and -1 included, so n_papers sums to n_total within a period.
    periods
        Index period: end (last day), n_total, complete, and the papers of the whole corpus that could not
        be counted, the same on every row: n_undated, n_too_coarse.
    left_out
        Index topic_id, -1 included: n_undated and n_too_coarse by topic.
    every
        "week", "month", "quarter" or "year".
    labels
        Label by topic_id.
    observed_from, observed_until
        First and last day known to be observed, from which `complete` follows; None where nobody knows.
    shaky
        The topics of low stability, which charts and findings mark (`Topics.shaky`).
    """

    table: pd.DataFrame
    periods: pd.DataFrame
    left_out: pd.DataFrame
    every: str
    labels: pd.Series
    observed_from: pd.Timestamp | None = None
    observed_until: pd.Timestamp | None = None
    shaky: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        check(self.table, COUNTS)
        check(self.periods, PERIODS)
        check(self.left_out, LEFT_OUT)
        if self.every not in EVERY:
            raise InputError(f"every must be one of {', '.join(EVERY)}, not {self.every!r}.")
        sums = self.table.groupby("period")["n_papers"].sum()
        totals = self.periods["n_total"]
        if not sums.reindex(totals.index, fill_value=0).equals(totals.astype(sums.dtype)):
            raise InputError("counts: the topics of a period, -1 included, must sum to the period's n_total.")

    def __repr__(self) -> str:
        n_papers, n_periods = int(self.periods["n_total"].sum()), len(self.periods)
        left_out = int(self.left_out.to_numpy().sum())
        return f"<Counts: {n_papers:,} papers in {n_periods} periods by {self.every}, {left_out:,} left out>"

    def _repr_html_(self) -> str:
        from trends.core.summaries import counts

        return counts(self)

    def __add__(self, other: "Counts") -> "Counts":
        """Counts of two disjoint sets of papers under the same topics add up."""
        if not isinstance(other, Counts):
            return NotImplemented
        if self.every != other.every:
            raise InputError(
                f"Counts by {self.every} and by {other.every} cannot be added; count both by the same."
            )
        both = [self, other]
        filled = [c for c in both if len(c.periods)]
        left_out = pd.concat([c.left_out for c in both]).groupby(level="topic_id").sum()
        topic_ids = left_out.index.union(pd.concat([c.table["topic_id"] for c in both]).unique()).astype(
            "int32"
        )
        left_out = left_out.reindex(topic_ids, fill_value=0).rename_axis("topic_id")
        starts = pd.DatetimeIndex([], dtype="datetime64[us]")
        if filled:
            first, last = (
                min(c.periods.index.min() for c in filled),
                max(c.periods.index.max() for c in filled),
            )
            starts = pd.date_range(first, last, freq=PERIOD_STARTS[self.every]).as_unit("us")
        starts = pd.DatetimeIndex(starts, freq=None, name="period")
        ends = period_ends(starts, self.every)
        grid = pd.MultiIndex.from_product([topic_ids, starts], names=["topic_id", "period"])
        stacked = pd.concat([c.table.set_index(["topic_id", "period"])["n_papers"] for c in both])
        n_papers = stacked.groupby(level=[0, 1]).sum().reindex(grid, fill_value=0).astype("int64")
        n_total = n_papers.groupby(level="period").sum().reindex(starts, fill_value=0)
        observed_from = min((c.observed_from for c in filled if c.observed_from is not None), default=None)
        observed_until = max((c.observed_until for c in both if c.observed_until is not None), default=None)
        if all(c.observed_from is not None and c.observed_until is not None for c in filled):
            complete = complete_periods(starts, ends, observed_from, observed_until)
        else:
            # Hand-made counts carry flags only: a period is complete unless a part says that it is not.
            flags = pd.concat([c.periods["complete"] for c in both]).groupby(level=0).all()
            complete = flags.reindex(starts, fill_value=True).to_numpy(bool)
        periods = pd.DataFrame(
            {
                "end": ends,
                "n_total": n_total.to_numpy(),
                "complete": complete,
                "n_undated": int(left_out["n_undated"].sum()),
                "n_too_coarse": int(left_out["n_too_coarse"].sum()),
            },
            index=starts,
        )
        table = n_papers.reset_index()
        table["n_total"] = table["period"].map(n_total).astype("int64")
        labels = pd.concat([self.labels, other.labels])
        return replace(
            self,
            table=table,
            periods=periods,
            left_out=left_out,
            labels=labels[~labels.index.duplicated()].sort_index(),
            observed_from=observed_from,
            observed_until=observed_until,
            shaky=self.shaky | other.shaky,
        )

    def __sub__(self, other: "Counts") -> "Counts":
        """Counts of the papers that remain when some of them, under the same topics, are taken away.

        The result keeps the periods of the whole and what is known of their completeness.
        """
        if not isinstance(other, Counts):
            return NotImplemented
        if self.every != other.every:
            raise InputError(
                f"Counts by {other.every} cannot be taken from counts by {self.every}; "
                "count both by the same."
            )
        cells = self.table.set_index(["topic_id", "period"])["n_papers"]
        taken = other.table.set_index(["topic_id", "period"])["n_papers"]
        unknown = taken.index[(taken > 0).to_numpy() & (cells.index.get_indexer(taken.index) < 0)]
        remaining = cells - taken.reindex(cells.index, fill_value=0)
        left_out = self.left_out - other.left_out.reindex(self.left_out.index, fill_value=0)
        absent = other.left_out.index.difference(self.left_out.index)
        short = remaining.index[(remaining < 0).to_numpy()]
        if len(unknown) or len(short):
            topic_id, period = (unknown if len(unknown) else short)[0]
            raise InputError(
                f"Only counts of papers that are among these can be taken away: topic {topic_id} has fewer "
                f"papers in the period of {period:%Y-%m-%d} than were to be taken."
            )
        if (left_out < 0).to_numpy().any() or other.left_out.loc[absent].to_numpy().any():
            raise InputError(
                "Only counts of papers that are among these can be taken away: more papers were left out "
                "there than here."
            )
        return self._with(remaining, left_out)

    def merge_topics(self, mapping: Mapping[int, int] | pd.Series) -> "Counts":
        """Count topics together: each topic_id in `mapping` is counted as the topic that it maps to.

        Topics that `mapping` does not name stay as they are. A topic that exists keeps its label; a new one
        gets the labels of its parts. Papers may be moved into -1, never out of it: they belong to no topic.

        Raises
        ------
        InputError
            `mapping` names a topic that these counts lack, moves -1, or gives an id below -1.
        """
        moves = {int(old): int(new) for old, new in mapping.items()}
        topic_ids = self.left_out.index.union(self.table["topic_id"].unique())
        unknown = sorted(set(moves) - set(topic_ids))
        if unknown:
            raise InputError(f"mapping names topics that these counts lack: {unknown}.")
        if moves.get(UNASSIGNED, UNASSIGNED) != UNASSIGNED:
            raise InputError("mapping must not move -1: unassigned papers belong to no topic.")
        if any(new < UNASSIGNED for new in moves.values()):
            raise InputError("mapping must give topic ids of -1 (unassigned) or more.")
        target = pd.Series([moves.get(int(k), int(k)) for k in topic_ids], index=topic_ids, dtype="int32")
        names = self.labels.reindex(topic_ids).dropna()
        parts = names.groupby(target.reindex(names.index).to_numpy()).agg(" + ".join)
        # Its own name outlasts a merge.
        labels = names[names.index.isin(target)].combine_first(parts).rename_axis("topic_id").sort_index()
        labels = labels[labels.index.isin(target)]
        table = self.table.assign(topic_id=self.table["topic_id"].map(target).astype("int32"))
        cells = table.groupby(["topic_id", "period"])["n_papers"].sum()
        left_out = self.left_out.groupby(target.reindex(self.left_out.index).to_numpy()).sum()
        left_out.index = left_out.index.astype("int32").rename("topic_id")
        return replace(self._with(cells, left_out), labels=labels)

    def complete(self) -> "Counts":
        """Return the complete periods alone; the papers of the others are then in no number."""
        kept = self.periods.index[self.periods["complete"].to_numpy(bool)]
        known = self.observed_from is not None and self.observed_until is not None
        return replace(
            self,
            table=self.table[self.table["period"].isin(kept)].reset_index(drop=True),
            periods=self.periods.loc[kept],
            observed_from=kept[0] if known and len(kept) else None,
            observed_until=self.periods.loc[kept, "end"].iloc[-1] if known and len(kept) else None,
        )

    def _with(self, cells: pd.Series, left_out: pd.DataFrame) -> "Counts":
        """Return these periods with other papers, given by topic_id and period."""
        n_total = cells.groupby(level="period").sum().reindex(self.periods.index, fill_value=0)
        table = cells.rename("n_papers").reset_index().astype({"topic_id": "int32", "n_papers": "int64"})
        table["n_total"] = table["period"].map(n_total).astype("int64")
        periods = self.periods.assign(
            n_total=n_total.astype("int64"),
            n_undated=int(left_out["n_undated"].sum()),
            n_too_coarse=int(left_out["n_too_coarse"].sum()),
        )
        return replace(self, table=table, periods=periods, left_out=left_out)
