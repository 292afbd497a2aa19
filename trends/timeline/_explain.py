"""Why a topic's share changed between two times: which papers the change rests on, and what else changed.

It explains arithmetic, not causes. Taking a group of papers away is a subtraction of counts, so the share
and the call without it are exact and nothing is counted again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.periods import numbers, period_label, starts_of
from trends.core.records import Counts, Topics, Trends
from trends.core.tables import PRECISIONS, UNASSIGNED
from trends.core.words import bare, documents, of_one_kind, word_counts
from trends.timeline._count import Placed, placed
from trends.timeline._explain_text import DECISIVE, Sums, difference, text_of, turns_call
from trends.timeline._groups import COLUMNS, Groups, groups_of
from trends.timeline._measure import measure

USUAL = (
    "venue",
    "source",
    "tags",
    "organisation",
    "organization",
    "affiliation",
    "institution",
    "day",
    "week",
)
"""What papers are grouped by where they state it."""

CHECKED = 8
"""Groups of each kind, those of most influence, for which the call is made again."""

CHANGED = 0.1
"""Shares of the corpus that differ by this much, beyond chance, are said to have changed (assumed)."""

UNASSIGNED_CHANGED = 0.05
"""The same for the share of unassigned papers."""

VOLUME_CHANGED = 1.5
"""Papers a day that differ by this ratio are said to have changed (assumed)."""

SOURCES = 5
"""Sources whose part of the corpus is compared."""

WORDS = 10
"""New top words given."""


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """What a change of a topic's share between two times rests on.

    Attributes
    ----------
    topic_id, label
        The topic.
    every, before, after
        The kind of period, and the first days of the periods compared.
    n_before, total_before, n_after, total_after
        Papers of the topic and all papers, at either time.
    change, change_low, change_high
        Share after less share before, with a 95 % interval widened by the topic's dispersion.
    status
        The call of the topic from all papers ("" for -1).
    groups
        by, group, overlapping (whether papers are in several groups of this kind, so that `part` does not add
        up), n_before, total_before, n_after, total_after (of the group), part (what the group's papers of
        the topic contribute to the change; over a kind without overlap the parts sum to it), without (the
        change when the group's papers are in neither number; NaN where none are left), influence (change
        less without), influence_share (of the change), status_without (the call without the group; "" where
        not made again), decisive. Most influence in the direction of the change first, within each `by`.
    papers
        by, group, time ("before" or "after"), paper_id, title, date: the papers of the topic in the first
        groups of each kind.
    words
        word, n_before, n_after (papers of the topic with it; of those with an abstract, or without where
        these are more, if some have none), share_before, share_after, weight
        (p ln(p / q) with p the share after and q that before, half a paper added), new (none before).
    changes
        Index what: before, after, low, high (95 % interval of the difference), changed: what else changed in
        the corpus at the same time.
    text
        The verdict in sentences. Of a change that chance alone could make it names neither a group that takes
        half of it, as some group always does, nor words.
    """

    topic_id: int
    label: str
    every: str
    before: tuple[pd.Timestamp, ...]
    after: tuple[pd.Timestamp, ...]
    n_before: int
    total_before: int
    n_after: int
    total_after: int
    change: float
    change_low: float
    change_high: float
    status: str
    groups: pd.DataFrame
    papers: pd.DataFrame
    words: pd.DataFrame
    changes: pd.DataFrame
    text: str

    def __repr__(self) -> str:
        return f"<Explanation of topic {self.topic_id}: {self.text}>"


def explain(
    papers: pd.DataFrame,
    topics: Topics,
    topic_id: int,
    *,
    before: Any = None,
    after: Any = "last",
    by: str | Sequence[str] | None = None,
    every: str = "auto",
    observed_until: pd.Timestamp | str | None = None,
    top: int = 3,
) -> Explanation:
    """Tell which papers a change of a topic's share rests on.

    Parameters
    ----------
    papers
        Papers by paper_id.
    topics
        The topics of the papers.
    topic_id
        The topic, or -1 for the unassigned papers.
    before, after
        A period, by any of its days or its label ("2024-03", "2024 Q1"), or several in a list. `after` may be
        "last", the last complete period, or "largest", the complete period that differs from the one before
        it by most standard errors (found by looking: some period always differs most). Without `before` the
        period with papers before `after`.
    by
        Kinds of groups: "day", "week" or columns as in `slices`. Without it all of venue, source, tags,
        organisation, day and week that the papers state and that are finer than the period.
    every, observed_until
        As in `count`.
    top
        Groups of each kind whose papers are listed.

    Returns
    -------
    Explanation
        Tables and a text. A group is decisive if taking its papers away takes half of a change that is beyond
        chance (were papers independent), or turns a call of rising or falling into another or the other way
        round. A group that holds half of the topic's papers both before and after is not so where groups
        overlap, since such a tag is what the topic is, nor where too few papers are left for a call.

    Raises
    ------
    InputError
        There is no such topic, period or column, the times overlap or hold no papers, there are no two
        complete periods, or `top` is no whole number of at least 1; and as `count`.

    References
    ----------
    R. G. Newcombe (1998), Interval estimation for the difference between independent proportions, Statistics
    in Medicine 17, method 10 (the interval of a change).
    """
    if isinstance(top, bool) or not isinstance(top, int | np.integer) or top < 1:
        raise InputError(f"top must be a whole number of at least 1, not {top!r}.")
    corpus = placed(papers, topics, every, observed_until)
    found = np.flatnonzero(corpus.topic_ids == topic_id)
    if not len(found):
        known = ", ".join(map(str, corpus.topic_ids[:8])) + (", ..." if len(corpus.topic_ids) > 8 else "")
        raise InputError(f"topic_id must be one of {known}, not {topic_id!r}.")
    mine = corpus.topic == found[0]
    counts = corpus.counts()
    times = _times(counts, int(topic_id), before, after)
    period = corpus.dated.period
    here = tuple(np.isin(period, places) for places in times)
    sums = Sums(*(float((mask & chosen).sum()) for chosen in here for mask in (mine, np.ones_like(mine))))
    trends = measure(counts, bursts=False, forecast=False)
    status = _status(trends, int(topic_id))
    kinds = _kinds(papers, corpus, by)
    tables = [_influence(groups, mine, here, sums) for groups in kinds]
    tables = [
        _called(table, groups, corpus, counts, int(topic_id), status, sums)
        for table, groups in zip(tables, kinds)
    ]
    groups = pd.concat([t.drop(columns="code") for t in tables], ignore_index=True)
    dispersion = trends.calls["dispersion"].fillna(1.0).get(topic_id, 1.0)
    low, high = difference(sums.n_before, sums.total_before, sums.n_after, sums.total_after, dispersion)
    changes = _changes(papers, corpus, times, here)
    words = _words(papers, mine, here)
    labels = [tuple(period_label(counts.periods.index[p], counts.every) for p in places) for places in times]
    return Explanation(
        topic_id=int(topic_id),
        label=str(counts.labels[topic_id]),
        every=counts.every,
        before=tuple(counts.periods.index[times[0]]),
        after=tuple(counts.periods.index[times[1]]),
        n_before=int(sums.n_before),
        total_before=int(sums.total_before),
        n_after=int(sums.n_after),
        total_after=int(sums.total_after),
        change=sums.change,
        change_low=low,
        change_high=high,
        status=status,
        groups=groups,
        papers=_listed(papers, tables, kinds, mine, here, top),
        words=words,
        changes=changes,
        text=text_of(
            str(counts.labels[topic_id]),
            labels,
            sums,
            (low, high),
            status,
            groups,
            words,
            changes,
            isinstance(after, str) and after == "largest",
        ),
    )


def _times(counts: Counts, topic_id: int, before: Any, after: Any) -> tuple[np.ndarray, np.ndarray]:
    """Give the positions of the periods compared."""
    periods = counts.periods
    filled = np.flatnonzero(periods["n_total"] > 0)
    used = np.flatnonzero((periods["n_total"] > 0) & periods["complete"])
    if isinstance(after, str) and after in ("last", "largest"):
        if len(used) < (2 if before is None else 1):
            raise InputError(
                f"There are {len(used)} complete {counts.every}s with papers, too few to compare; "
                "name the periods with before and after."
            )
        place = len(used) - 1 if after == "last" or len(used) < 2 else _largest(counts, topic_id, used)
        later = used[[place]]
        if before is None:
            return used[[place - 1]], later
    else:
        later = _places(counts, after, "after")
    if before is None:
        past = filled[filled < later.min()]
        if not len(past):
            raise InputError("There is no period with papers before `after`; name one with before.")
        return past[-1:], later
    earlier = _places(counts, before, "before")
    if np.intersect1d(earlier, later).size:
        raise InputError("before and after must not share a period.")
    return earlier, later


def _largest(counts: Counts, topic_id: int, used: np.ndarray) -> int:
    n = counts.table.loc[counts.table["topic_id"] == topic_id, "n_papers"].to_numpy()[used]
    total = counts.periods["n_total"].to_numpy()[used]
    pooled = (n[1:] + n[:-1]) / (total[1:] + total[:-1])
    error = np.sqrt(pooled * (1 - pooled) * (1 / total[1:] + 1 / total[:-1]))
    change = np.abs(n[1:] / total[1:] - n[:-1] / total[:-1])
    return 1 + int(np.argmax(np.where(error > 0, change / np.where(error > 0, error, 1), 0)))


def _places(counts: Counts, given: Any, name: str) -> np.ndarray:
    starts, every = counts.periods.index, counts.every
    labels = {period_label(start, every): place for place, start in enumerate(starts)}
    several = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    places = []
    for one in several:
        place = labels.get(one) if isinstance(one, str) else None
        if place is None:
            try:
                day = np.datetime64(pd.Timestamp(one).tz_localize(None), "us")
            except (ValueError, TypeError) as error:
                raise InputError(f"{name} must be a period such as '2024-03', not {one!r}.") from error
            place = int(starts.get_indexer(starts_of(numbers(np.array([day]), every), every))[0])
        if place < 0:
            said = (
                f"{period_label(starts[0], every)} to {period_label(starts[-1], every)}"
                if len(starts)
                else "none"
            )
            raise InputError(f"{name}: {one!r} lies in no {every} with papers ({said}).")
        places.append(place)
    chosen = np.unique(np.array(places, dtype=int))
    if not counts.periods["n_total"].to_numpy()[chosen].sum():
        raise InputError(f"{name}: there are no papers in {given!r}.")
    return chosen


def _kinds(papers: pd.DataFrame, corpus: Placed, by: str | Sequence[str] | None) -> list[Groups]:
    """Read the groups of each kind; without `by` those kinds that tell papers apart."""
    if by is not None:
        names = [by] if isinstance(by, str) else list(by)
        if not names:
            raise InputError("by must name at least one kind of group, such as 'venue'.")
        return [_groups(papers, corpus, name).with_rest() for name in names]
    every = corpus.dated.window.every
    kinds = []
    for name in USUAL:
        if name == every:
            continue
        if name not in ("day", "week") and COLUMNS.get(name, name) not in papers.columns:
            continue
        try:
            groups = _groups(papers, corpus, name).with_rest()
        except InputError:
            # Nobody asked for this kind, and no paper states it.
            continue
        if len(groups.names) > 1:
            kinds.append(groups)
    if not kinds:
        raise InputError("These papers state nothing to group them by; give by a column of the papers.")
    return kinds


def _groups(papers: pd.DataFrame, corpus: Placed, name: str) -> Groups:
    if name not in ("day", "week") or name in papers.columns:
        return groups_of(papers, name)
    known = (papers["date_precision"] == PRECISIONS[0]).to_numpy() & ~corpus.dated.undated
    dates = papers["date"][known]
    if name == "week":
        starts = starts_of(numbers(dates.to_numpy(), "week"), "week")
        label = {start: period_label(start, "week") for start in starts.unique()}
        said = pd.Series(starts, index=dates.index).map(label)
    else:
        said = dates.dt.strftime("%Y-%m-%d")
    return groups_of(papers, said.rename(name))


def _influence(groups: Groups, mine: np.ndarray, here: tuple[np.ndarray, ...], sums: Sums) -> pd.DataFrame:
    """Give what each group with papers at either time adds to the change, and the change without it."""
    cells = []
    for chosen in here:
        for mask in (mine & chosen, chosen):
            cells.append(np.bincount(groups.codes[mask[groups.places]], minlength=len(groups.names)))
    n_before, total_before, n_after, total_after = cells
    left_before, left_after = sums.total_before - total_before, sums.total_after - total_after
    with np.errstate(divide="ignore", invalid="ignore"):
        without = (sums.n_after - n_after) / left_after - (sums.n_before - n_before) / left_before
    without = np.where((left_before > 0) & (left_after > 0), without, np.nan)
    influence = sums.change - without
    table = pd.DataFrame(
        {
            "by": pd.Series(groups.by, index=range(len(groups.names)), dtype=str),
            "group": pd.Series(groups.names, dtype=str),
            "overlapping": groups.overlapping,
            "n_before": n_before,
            "total_before": total_before,
            "n_after": n_after,
            "total_after": total_after,
            "part": n_after / sums.total_after - n_before / sums.total_before,
            "without": without,
            "influence": influence,
            "influence_share": influence / sums.change if sums.change else np.nan,
            "code": np.arange(len(groups.names)),
        }
    )
    table = table[(total_before > 0) | (total_after > 0)]
    direction = np.where(table["influence"].isna(), -np.inf, table["influence"] * (np.sign(sums.change) or 1))
    return table.iloc[np.lexsort([table["group"].to_numpy(str), -direction])].reset_index(drop=True)


def _called(
    table: pd.DataFrame,
    groups: Groups,
    corpus: Placed,
    counts: Counts,
    topic_id: int,
    status: str,
    sums: Sums,
) -> pd.DataFrame:
    """Make the call again without each of the most influential groups, and tell which groups decide."""
    without = np.full(len(table), "", dtype=object)
    checked = np.argsort(-table["influence"].abs().fillna(0).to_numpy(), kind="stable")[:CHECKED]
    for place in checked if status else ():
        part = corpus.counts(groups.members(int(table["code"].iloc[place])))
        without[place] = _status(measure(counts - part, bursts=False, forecast=False), topic_id)
    # A group that holds most of the topic all along is what the topic is; without it little is left to call.
    bulk = (table["n_before"] >= DECISIVE * sums.n_before) & (table["n_after"] >= DECISIVE * sums.n_after)
    # With no paper before, a venue that holds all after is news; a tag that does is the topic's other name.
    bulk &= (sums.n_before > 0) | table["overlapping"]
    # Of a change within chance some group always takes half: there is nothing to explain then.
    low, high = difference(sums.n_before, sums.total_before, sums.n_after, sums.total_after)
    beyond = low > 0 or high < 0
    takes = (table["influence_share"] >= DECISIVE) & ~(bulk & table["overlapping"]) & beyond
    untold = bulk & (table["overlapping"] | (without == "too few to say"))
    # Steady and too few to say lie a few papers apart, which any group may hold.
    turns = np.array([turns_call(said, status) for said in without], dtype=bool) & ~untold
    # A rise does not rest on papers that are not in the topic, though its share does.
    holds = (table["n_before"] + table["n_after"]) > 0
    return table.assign(status_without=pd.Series(without, dtype=str), decisive=(takes | turns) & holds)


def _status(trends: Trends, topic_id: int) -> str:
    return str(trends.calls["status"].get(topic_id, ""))


def _listed(
    papers: pd.DataFrame,
    tables: list[pd.DataFrame],
    kinds: list[Groups],
    mine: np.ndarray,
    here: tuple[np.ndarray, ...],
    top: int,
) -> pd.DataFrame:
    parts = []
    for table, groups in zip(tables, kinds):
        for code, group in zip(table["code"][:top], table["group"][:top]):
            members = np.sort(groups.members(int(code)))
            for time, chosen in zip(("before", "after"), here):
                ids = papers.index[members[(mine & chosen)[members]]]
                shown = papers.loc[ids, ["title", "date"]].rename_axis("paper_id").reset_index()
                parts.append(shown.assign(by=groups.by, group=group, time=time))
    listed = pd.concat(parts, ignore_index=True)
    return listed[["by", "group", "time", "paper_id", "title", "date"]]


def _words(papers: pd.DataFrame, mine: np.ndarray, here: tuple[np.ndarray, ...]) -> pd.DataFrame:
    """Give the words that the topic's papers after use more than those before, most telling first."""
    times = [mine & chosen for chosen in here]
    kind = of_one_kind(papers, *([time for time in times if time.any()] or times))
    earlier, later = (np.flatnonzero(time & kind) for time in times)
    if len(earlier) == 0 < times[0].sum():
        later = later[:0]  # nothing of their kind to compare them with
    read = word_counts(list(documents(papers.iloc[np.concatenate([earlier, later])])))
    has = read.words > 0
    n_before = np.asarray(has[: len(earlier)].sum(axis=0)).ravel().astype(int)
    n_after = np.asarray(has[len(earlier) :].sum(axis=0)).ravel().astype(int)
    p, q = n_after / max(len(later), 1), (n_before + 0.5) / (len(earlier) + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(n_after > 0, p * np.log(p / q), 0)
    table = pd.DataFrame(
        {
            "word": pd.Series(read.vocabulary, dtype=str),
            "n_before": n_before,
            "n_after": n_after,
            "share_before": n_before / len(earlier) if len(earlier) else np.nan,
            "share_after": p,
            "weight": weight,
            "new": n_before == 0,
        }
    )
    # One paper's words are its own.
    table = table[(n_after >= 2) & (weight > 0)]
    return table.sort_values(["weight", "word"], ascending=[False, True], ignore_index=True).head(WORDS)


def _changes(
    papers: pd.DataFrame,
    corpus: Placed,
    times: tuple[np.ndarray, np.ndarray],
    here: tuple[np.ndarray, ...],
) -> pd.DataFrame:
    """Compare the corpus itself at the two times."""
    window = corpus.dated.window
    lengths = np.asarray((window.ends - window.starts).days) + 1
    days = [int(lengths[places].sum()) for places in times]
    totals = [int(chosen.sum()) for chosen in here]
    volume = [n / d for n, d in zip(totals, days)]
    ratio = max(volume) / min(volume)
    rows = [("papers a day", *volume, np.nan, np.nan, ratio >= VOLUME_CHANGED)]
    unfinished = [float((~window.complete[places]).mean()) for places in times]
    rows.append(("incomplete periods", *unfinished, np.nan, np.nan, unfinished[0] != unfinished[1]))
    by_day = (papers["date_precision"] == PRECISIONS[0]).to_numpy()
    dates = papers["date"].to_numpy().astype("datetime64[D]")
    seen = [len(np.unique(dates[by_day & chosen])) for chosen in here]
    if any(seen):
        rows.append(_compared("days with papers", seen, days, CHANGED))
    rows.append(_compared("dated to the day", [(by_day & chosen).sum() for chosen in here], totals, CHANGED))
    unassigned = corpus.topic_ids[corpus.topic] == UNASSIGNED
    n_unassigned = [(unassigned & chosen).sum() for chosen in here]
    rows.append(_compared("unassigned", n_unassigned, totals, UNASSIGNED_CHANGED))
    lacks = bare(papers)
    if lacks.any() and not lacks.all():
        without = [(lacks & chosen).sum() for chosen in here]
        rows.append(_compared("without abstract", without, totals, CHANGED))
    if "sources" in papers.columns and papers["sources"].map(len).any():
        groups = groups_of(papers, "source")
        for code in np.argsort(-groups.sizes, kind="stable")[:SOURCES]:
            member = np.isin(np.arange(len(papers)), groups.members(int(code)))
            n = [(member & chosen).sum() for chosen in here]
            rows.append(_compared(f"source {groups.names[code]}", n, totals, CHANGED))
    columns = ["what", "before", "after", "low", "high", "changed"]
    return pd.DataFrame(rows, columns=columns).astype({"changed": bool, "what": str}).set_index("what")


def _compared(what: str, n: Sequence[int], totals: Sequence[int], least: float) -> tuple:
    low, high = difference(n[0], totals[0], n[1], totals[1])
    before, after = n[0] / totals[0], n[1] / totals[1]
    return what, before, after, low, high, abs(after - before) >= least and (low > 0 or high < 0)
