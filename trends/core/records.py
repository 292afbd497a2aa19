"""The frozen records that pass between rooms: named tables, checked when they are made.

A record is never changed; `dataclasses.replace` gives a changed copy and checks it again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.core.ledger import heirs, ids_of
from trends.core.naming import id_of
from trends.core.tables import (
    CALLS,
    COUNTS,
    EVERY,
    LEFT_OUT,
    MEMBERS,
    PERIODS,
    SHARES,
    TOPICS,
    UNASSIGNED,
    UNASSIGNED_LABEL,
    check,
)

SHAKY = 0.6
"""A topic of a lower stability shares too few papers with its like in other fits to be relied on."""


@dataclass(frozen=True, eq=False, repr=False)
class Topics:
    """The themes of a corpus and which paper belongs to which.

    Attributes
    ----------
    table
        One row per topic, index topic_id (int32, ascending; 0 = largest until edited, and edits leave gaps):
        label, terms and term_weights (parallel tuples, best first), n_papers, first_date, last_date,
        stability (0-1, NaN when not measured), cohesion (mean cosine of the members to the centroid),
        exemplars (paper ids nearest the centroid).
    members
        One row per paper, index paper_id: topic_id (-1 unassigned), similarity (cosine to the nearest
        centroid), x and y (map), how ("centroid", "none" when unassigned, "user" when placed by hand);
        fitted where papers came after the fit: whether a paper took part in it.
    centroids
        float32, one unit row per row of `table`, in the space of the embeddings.
    cutoffs
        float32, one per topic: a paper below its nearest topic's cut-off is unassigned.
    ledger
        Append-only history of ids, one line per event: event_no, date (the newest date of a paper in a topic
        at that time), fit_id, by ("fit" or "user"), event ("birth", "keep", "merge", "split", "death",
        "rename", "reassign"), old_ids, new_ids (tuples; one end of them empty at a birth or death), jaccard,
        cosine, n_shared (how alike old and new are, see `match`; NaN and 0 where nothing was compared), note,
        labels (of old_ids, as they were called), flows (tuples of old id, new id and papers: where those of
        old_ids went, at a birth where they came from; -1 no topic). `history` tells it in words.
    parameters
        Everything that decided the result, plain JSON values; `edits` lists what was changed by hand.
    fingerprint
        Hash of the input, the parameters and the versions.
    """

    table: pd.DataFrame
    members: pd.DataFrame
    centroids: np.ndarray
    cutoffs: np.ndarray
    ledger: pd.DataFrame
    parameters: Mapping[str, Any]
    fingerprint: str
    make_model: Callable[[], Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check(self.table, TOPICS)
        check(self.members, MEMBERS)
        if len(self.centroids) != len(self.table) or len(self.cutoffs) != len(self.table):
            raise InputError(
                f"topics: {len(self.table)} topics need as many centroids and cut-offs, "
                f"not {len(self.centroids)} and {len(self.cutoffs)}."
            )
        unknown = set(self.members["topic_id"].unique()) - set(self.table.index) - {UNASSIGNED}
        if unknown:
            lacking = sorted(map(int, unknown))
            raise InputError(f"topics.members names topics that topics.table lacks: {lacking}.")

    def __repr__(self) -> str:
        n_papers = len(self.members)
        return f"<Topics: {len(self.table)} topics of {n_papers:,} papers, {self.n_unassigned:,} unassigned>"

    def _repr_html_(self) -> str:
        from trends.core.summaries import topics

        return topics(self)

    def __getitem__(self, topic: int | str) -> pd.Series:
        """Return the row of `table` of one topic, given by its label or its id; its name is the id.

        Raises
        ------
        InputError
            No topic or several have that label; the message names what comes nearest.
        """
        return self.table.loc[id_of(topic, self.table["label"])]

    def __iter__(self) -> Iterator[int]:
        return iter([int(topic_id) for topic_id in self.table.index])

    def __contains__(self, topic: object) -> bool:
        try:
            id_of(topic, self.table["label"])
        except InputError:
            return False
        return True

    def _ipython_key_completions_(self) -> list[str]:
        return sorted(map(clean_text, self.table["label"]), key=str.casefold)

    @property
    def model(self) -> Any:
        """The fitted `bertopic.BERTopic`; made on first use where the topics were read from disk.

        It numbers topics by the rows of `table`, which after a refit are not their ids.
        """
        if self.reshaped:
            raise InputError(
                "Topics that were merged, split or reassigned by hand carry no BERTopic model: it reads its "
                "tables by position, so that ids could not be kept. The topics as clustered have theirs."
            )
        if self.make_model is None:
            raise InputError("These topics carry no BERTopic model; cluster the papers to get one.")
        return self.make_model()

    @property
    def labels(self) -> pd.Series:
        """Label by topic_id, -1 included."""
        labels = self.table["label"]
        return pd.concat(
            [pd.Series([UNASSIGNED_LABEL], index=[UNASSIGNED], dtype=labels.dtype), labels]
        ).rename_axis("topic_id")

    @property
    def shaky(self) -> frozenset[int]:
        """The topics whose stability is below `SHAKY`: another fit might not find them."""
        return frozenset(int(k) for k in self.table.index[self.table["stability"] < SHAKY])

    @property
    def n_unassigned(self) -> int:
        """Papers in no topic."""
        return int((self.members["topic_id"] == UNASSIGNED).sum())

    @property
    def next_id(self) -> int:
        """The lowest id that no topic has or ever had: it never falls, so that no id is given twice."""
        floor = int(self.parameters.get("next_id", 0))
        return max([floor, *(1 + k for k in ids_of(self.ledger)), *(1 + int(k) for k in self.table.index)])

    @property
    def user_labels(self) -> dict[int, str]:
        """The labels that the user gave with `rename`, by topic_id."""
        given = {e["topic"]: e["label"] for e in self.parameters.get("edits", ()) if e["edit"] == "rename"}
        return {topic_id: label for topic_id, label in given.items() if topic_id in self.table.index}

    @property
    def reshaped(self) -> bool:
        """Whether papers were moved by `merge`, `split` or `reassign`."""
        return any(edit["edit"] != "rename" for edit in self.parameters.get("edits", ()))

    def heirs(self, topic_id: int) -> tuple[int, ...]:
        """Return the topics of today in which an id that ever existed lives on.

        Returns
        -------
        tuple of int
            The id itself while it lives, else what it was merged or split into, through any number of steps;
            empty for a topic that died without heirs.

        Raises
        ------
        InputError
            No topic ever had the id.
        """
        return heirs(self.ledger, set(map(int, self.table.index)), topic_id)

    def history(self, topic: int | str | None = None) -> pd.DataFrame:
        """Tell what happened to a topic, in words.

        Parameters
        ----------
        topic
            Any id that ever existed, or the label of a topic of today; None tells of all.

        Returns
        -------
        DataFrame
            One row per event, by topic_id and oldest first: topic_id, date (that of the newest paper at the
            time, since no clock is read), by ("fit" or "user"), event ("birth", "keep", "merge", "split",
            "rename", "reassign", "end"), text. Refits in which a topic merely went on share a row. Empty
            where the topics have no ledger.

        Raises
        ------
        InputError
            No topic ever had the id, or none has the label.
        """
        from trends.core import history

        if isinstance(topic, str):
            topic = id_of(topic, self.table["label"])
        elif topic is not None:
            self.heirs(topic)
        return history.table(self.ledger, self.table["label"].to_dict(), topic)

    @property
    def ended(self) -> pd.DataFrame:
        """The topics that are no more.

        Index topic_id: label (as it was called last), n_papers (when it ended; missing where the ledger does
        not say), born and ended (dates as in `history`), heirs (tuple of the topics of today in which it
        lives on, empty for none), text (where its papers went).
        """
        from trends.core import history

        return history.ended(self.ledger, self.table["label"].to_dict())

    def hierarchy(self) -> pd.DataFrame:
        """Join the topics two by two, nearest first, until one node holds all.

        Ward's criterion on the centroids, every topic counting alike; it keeps themes of like size where
        average linkage makes one large and many small ones.

        Returns
        -------
        DataFrame
            One row per merge, nearest first: node (its id, from `next_id` upwards), left and right (what is
            joined, ids of topics or of earlier nodes; left holds the lowest topic id), distance (Ward's: how
            much the join adds to the spread of its topics), n_papers (of the node), topics (tuple of the
            topic ids in it, ascending). Empty for fewer than two topics.

        References
        ----------
        Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. JASA 58, 236-244.
        """
        from trends.core.views import hierarchy

        return hierarchy(self.table, self.centroids, self.next_id)

    def themes(self, n: int) -> pd.Series:
        """Gather the topics into at most `n` themes: the hierarchy, cut where n nodes are left.

        Returns
        -------
        Series
            theme_id (int32, 0 the theme of most papers) by topic_id. With n topics or fewer each is a theme.

        Raises
        ------
        InputError
            `n` is no whole number of at least 1.
        """
        from trends.core.views import themes

        return themes(self.table, self.hierarchy(), n)

    def papers(self, topic_id: int | str, papers: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return the papers of a topic, the most typical first.

        Parameters
        ----------
        topic_id
            A topic by id or label, or -1 for the papers in none.
        papers
            The papers table, to have their titles, dates and, where it has them, addresses beside them.

        Returns
        -------
        DataFrame
            Index paper_id: similarity (cosine to the topic's centroid; to the nearest one for -1), how; with
            `papers` also title, date and url. Best first, then by id.

        Raises
        ------
        InputError
            There is no such topic, or `papers` lacks some of its papers.
        """
        from trends.core.views import papers_of

        if isinstance(topic_id, str):
            topic_id = id_of(topic_id, self.labels)
        return papers_of(self.members, self.table.index, topic_id, papers)

    def similar(self, query: str | Sequence[float] | np.ndarray, top: int = 5) -> pd.DataFrame:
        """Return the topics nearest to a text, by its words, or to a vector, by its direction.

        Parameters
        ----------
        query
            A text, compared with the topics' labels and terms: no model is asked, so other words for the
            same thing are not understood (`Study.similar` asks the encoder). Or a vector in the space of the
            embeddings, compared with the centroids.
        top
            How many topics at most.

        Returns
        -------
        DataFrame
            Index topic_id, most similar first: label, similarity (cosine; for a text that of its words and
            the topic's, weighted by how few topics have them), n_papers, how ("words" or "vectors"). A topic
            that shares no word with a text is left out.

        Raises
        ------
        InputError
            The query is empty or of another dimension than the centroids, or `top` is below 1.

        References
        ----------
        Salton, G. and Buckley, C. (1988). Term-weighting approaches in automatic text retrieval. Information
        Processing & Management 24, 513-523: the cosine of weighted words.
        """
        from trends.core.views import similar

        return similar(self.table, self.centroids, query, top)


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
    """

    table: pd.DataFrame
    periods: pd.DataFrame
    left_out: pd.DataFrame
    every: str
    labels: pd.Series
    observed_from: pd.Timestamp | None = None
    observed_until: pd.Timestamp | None = None

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


@dataclass(frozen=True, eq=False, repr=False)
class Trends:
    """Which topics rise and fall, with the evidence.

    Attributes
    ----------
    shares
        topic_id, period, n_papers, n_total, share (0-1 of all papers of the period), share_low, share_high
        (95 % interval), complete.
    calls
        Index topic_id (-1 left out): label, status, growth (odds ratio per year), growth_low, growth_high
        (95 % interval), p, q (Benjamini-Hochberg), n_periods, n_papers, reason, and further evidence.
    bursts
        topic_id, kind, start, end, weight, n_papers, n_total, share_inside, share_outside, p, q: spans in
        which a topic held far more of the papers than it usually does.
    forecast
        topic_id, period, share, share_low, share_high (80 % interval); only where a back-test shows skill.
    every
        The period counted by.
    left_out
        Index topic_id: papers that no period could count (n_undated, n_too_coarse).
    fingerprint
        Hash of the counts and the parameters.
    phases
        topic_id, start, end, growth, growth_low, growth_high, n_papers, n_total: the stretches of one growth
        that each topic's history falls into.
    skill
        Index topic_id: how well forecasts of the past did (mase below 1 beats the best simple rule), whether
        one is shown, and why not.
    """

    shares: pd.DataFrame
    calls: pd.DataFrame
    bursts: pd.DataFrame
    forecast: pd.DataFrame
    every: str
    left_out: pd.DataFrame
    fingerprint: str
    phases: pd.DataFrame = field(default_factory=pd.DataFrame)
    skill: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        check(self.shares, SHARES)
        check(self.calls, CALLS)

    def __repr__(self) -> str:
        counts = self.calls["status"].value_counts().sort_index()
        said = ", ".join(f"{n} {status}" for status, n in counts.items() if n) or "no topics"
        return f"<Trends by {self.every}: {said}>"

    def _repr_html_(self) -> str:
        from trends.core.summaries import trends

        return trends(self)

    @property
    def labels(self) -> pd.Series:
        """Label by topic_id, -1 included."""
        labels = self.calls["label"]
        return pd.concat(
            [pd.Series([UNASSIGNED_LABEL], index=[UNASSIGNED], dtype=labels.dtype), labels]
        ).rename_axis("topic_id")


PERIOD_STARTS = {"week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}
"""pandas' names of the calendar periods by their first day."""


def period_ends(starts: pd.DatetimeIndex, every: str) -> pd.DatetimeIndex:
    """Return the last day of each period that begins on `starts`."""
    step = {
        "week": pd.DateOffset(weeks=1),
        "month": pd.DateOffset(months=1),
        "quarter": pd.DateOffset(months=3),
        "year": pd.DateOffset(years=1),
    }[every]
    return pd.DatetimeIndex(starts + step - pd.Timedelta(days=1)).as_unit("us")


def complete_periods(
    starts: pd.DatetimeIndex,
    ends: pd.DatetimeIndex,
    observed_from: pd.Timestamp | None,
    observed_until: pd.Timestamp | None,
) -> np.ndarray:
    """Tell which periods were observed as a whole.

    A period must end by `observed_until`. It may begin before `observed_from` by a tenth of its length,
    because a full month often opens with a holiday or a week-end and so without a paper.
    """
    if observed_from is None or observed_until is None:
        return np.zeros(len(starts), bool)
    tolerance = (ends - starts + pd.Timedelta(days=1)) / 10
    return np.asarray((starts + tolerance >= observed_from) & (ends <= observed_until))
