"""The history of topics in words, from their ledger: the same on a page, in Python and in a notebook.

A line says what happened to one topic at one moment, in parts, so that a page can link the topics that it
names. Refits in which a topic merely went on are told in one line.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import pandas as pd

from trends.core.escape import clean_text
from trends.core.ledger import ENDINGS, heirs
from trends.core.tables import UNASSIGNED

MOST = 3
"""Topics that a line names as where papers went to or came from; the rest is told as one number."""

LETTERS = 80

BY_FIT = "fit"

Part = tuple[str, int | None]
"""A text and, where it names a topic, the topic's id."""


class Line(NamedTuple):
    """What happened to one topic at one moment; `parts` make the sentence."""

    topic_id: int
    date: pd.Timestamp
    by: str
    event: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The sentence."""
        return "".join(text for text, _ in self.parts)


def lines(ledger: pd.DataFrame, labels: Mapping[int, str]) -> dict[int, tuple[Line, ...]]:
    """Return the history of every id that ever was, oldest line first.

    Parameters
    ----------
    ledger
        As in `Topics`; one that does not tell what was before and after gives nothing.
    labels
        The living topics by id. An ended one is called what it was called last, or by its number.
    """
    if not {"event", "by", "old_ids", "new_ids", "labels", "flows"} <= set(ledger):
        return {}
    moments: dict[int, list[_Moment]] = {}
    for row in ledger.itertuples(index=False):
        for k in dict.fromkeys((*row.old_ids, *row.new_ids)):
            if k != UNASSIGNED:
                mine = moments.setdefault(int(k), [])
                if mine and mine[-1].goes_on(row):
                    mine[-1] = _Moment(mine[-1].topic_id, (*mine[-1].rows, row))
                else:
                    mine.append(_Moment(int(k), (row,)))
    told = _Words(_names(ledger, labels), str(ledger["fit_id"].iloc[0]) if len(ledger) else "")
    return {k: tuple(told.lines(mine)) for k, mine in sorted(moments.items())}


def table(ledger: pd.DataFrame, labels: Mapping[int, str], topic_id: int | None = None) -> pd.DataFrame:
    """Return the histories as a table; see `Topics.history`."""
    found = lines(ledger, labels)
    kept = found.values() if topic_id is None else [found.get(topic_id, ())]
    rows = [(line.topic_id, line.date, line.by, line.event, line.text) for mine in kept for line in mine]
    made = pd.DataFrame(rows, columns=["topic_id", "date", "by", "event", "text"])
    return made.astype(
        {"topic_id": "int32", "date": "datetime64[us]", "by": "str", "event": "str", "text": "str"}
    )


def ended(ledger: pd.DataFrame, labels: Mapping[int, str]) -> pd.DataFrame:
    """Return the topics that are no more; see `Topics.ended`."""
    names, rows = _names(ledger, labels), []
    for k, mine in lines(ledger, labels).items():
        if k not in labels:
            last = ledger[[k in ids for ids in ledger["old_ids"]]].iloc[-1]
            n_papers = sum(n for old, _, n in last["flows"] if old == k) if last["flows"] else pd.NA
            living = heirs(ledger, set(labels), k)
            rows.append((k, names[k], n_papers, mine[0].date, mine[-1].date, living, mine[-1].text))
    columns = ["topic_id", "label", "n_papers", "born", "ended", "heirs", "text"]
    made = pd.DataFrame(rows, columns=columns).astype({"topic_id": "int32", "n_papers": "Int64"})
    made = made.astype({"label": "str", "born": "datetime64[us]", "ended": "datetime64[us]", "text": "str"})
    return made.set_index("topic_id").sort_index()


def _names(ledger: pd.DataFrame, labels: Mapping[int, str]) -> dict[int, str]:
    """Return what each id is called, or was called last."""
    found: dict[int, str] = {}
    columns = ("event", "old_ids", "new_ids", "labels", "note")
    for event, old, new, called, note in zip(*(ledger.get(name, ()) for name in columns)):
        found.update({k: f"topic {k}" for k in (*old, *new) if k not in found})
        found.update(zip(old, called))
        if event == "rename" and note:
            found[old[0]] = note
    found.update({int(k): str(label) for k, label in labels.items()})
    return {int(k): clean_text(str(name)) for k, name in found.items()} | {UNASSIGNED: "no topic"}


@dataclass(frozen=True)
class _Moment:
    """The rows of a ledger that tell of one topic at one moment: a refit has one or more, an edit one."""

    topic_id: int
    rows: tuple[Any, ...]

    def goes_on(self, row: Any) -> bool:
        """Whether a later row is of the same refit; another birth or keep is of another refit."""
        first = self.rows[0]
        same = first.by == row.by == BY_FIT and first.fit_id == row.fit_id
        return same and row.event in ENDINGS

    @property
    def plain(self) -> bool:
        """Whether a refit found the topic again, and nothing more."""
        return self.rows[0].event == "keep" and not self.aside

    @property
    def ends(self) -> bool:
        """Whether the topic is no more after it."""
        last = self.rows[0]
        return last.event in ENDINGS and self.topic_id in last.old_ids and self.topic_id not in last.new_ids

    @property
    def aside(self) -> list[Any]:
        """The rows of a refit that say more of a topic than that it was kept or born."""
        more = [row for row in self.rows if row.event in ENDINGS]
        return [row for row in more if self.topic_id in row.old_ids or len(row.old_ids) > 1]


@dataclass(frozen=True)
class _Words:
    """What to call topics, and which fit was the first."""

    names: Mapping[int, str]
    first_fit: str

    def lines(self, moments: list[_Moment]) -> Iterator[Line]:
        for plain, group in groupby(moments, key=lambda moment: moment.plain):
            mine = list(group)
            if plain and len(mine) > 1:
                yield self._line(mine[-1], _kept_each_time(mine))
                continue
            for moment in mine:
                yield self._line(moment, self._said(moment))

    def _line(self, moment: _Moment, parts: list[Part]) -> Line:
        row, k = moment.rows[-1], moment.topic_id
        return Line(k, row.date, row.by, "end" if moment.ends else moment.rows[0].event, tuple(parts))

    def _said(self, moment: _Moment) -> list[Part]:
        row, k = moment.rows[0], moment.topic_id
        match row.by, row.event:
            case "fit", "birth":
                return self._born(row)
            case "fit", "keep":
                return self._went_on(moment)
            case "fit", _:
                return self._ended(moment)
            case _, "rename":
                return self._renamed(row)
            case _, "merge":
                return self._merged(row, k)
            case _, "split":
                return self._cut(row, k)
            case _, "reassign":
                return self._moved(row, k)
        return [(clean_text(str(row.note or row.event)), None)]

    # What a fit did

    def _born(self, row: Any) -> list[Part]:
        n = sum(flow[2] for flow in row.flows)
        size = f" with {_papers(n)}" if n else ""
        if row.note == "from_bertopic":
            return [(f"Read from a BERTopic{size}.", None)]
        if row.fit_id == self.first_fit:
            return [(f"Born in the first fit{size}.", None)]
        came = self._shares([(old, n) for old, _, n in row.flows])
        return [(f"Born in a refit{size}", None), *([(", from ", None), *came] if came else []), (".", None)]

    def _went_on(self, moment: _Moment) -> list[Part]:
        row, k = moment.rows[0], moment.topic_id
        own = [flow for flow in row.flows if flow[0] == k]
        n, kept = sum(flow[2] for flow in own), row.n_shared
        kept = sum(flow[2] for flow in own if flow[1] == k) if own else kept
        stayed = f"{kept:,} of its {_papers(n)}" if n > kept else f"{'all ' * (n > 1)}its {_papers(kept)}"
        stayed = stayed if n else _papers(kept)
        if moment.plain:
            return [(f"Found again in a refit, with {stayed}.", None)]
        said: list[Part] = [(f"In a refit {stayed} stayed", None)]
        for other in moment.aside:
            if other.event == "split" and k in other.old_ids:
                to = [(new, m) for _, new, m in own if new in other.new_ids and new != k]
                parts = [[(f"{m:,} went to ", None), self._name(new)] for new, m in to]
                said += self._joined(parts, first=", ")
            if other.event == "merge" and k in other.new_ids:
                ends = [self._taken(other, old, k) for old in other.old_ids if old != k]
                said += self._joined(ends, first="; it took over ")
        return [*said, (".", None)]

    def _taken(self, row: Any, old: int, k: int) -> list[Part]:
        theirs = [flow for flow in row.flows if flow[0] == old]
        n = sum(flow[2] for flow in theirs)
        got = sum(flow[2] for flow in theirs if flow[1] == k)
        part = "all" if got == n else f"{got / n:.0%} of the"
        told = f"{part} {_papers(n)} of " if n else "the papers of "
        return [(told, None), self._name(old)]

    def _ended(self, moment: _Moment) -> list[Part]:
        row, k = moment.rows[0], moment.topic_id
        went = [(new, n) for old, new, n in row.flows if old == k]
        if went:
            n = sum(n for _, n in went)
            its = "its paper" if n == 1 else f"its {_papers(n)}"
            return [(f"Ended: {its} went to ", None), *self._shares(went), (".", None)]
        return [("Ended", None), *self._named(row.new_ids, first=": it went into "), (".", None)]

    # What the user did

    def _renamed(self, row: Any) -> list[Part]:
        before = f"Renamed by hand from {_quoted(row.labels[0])} to " if row.labels else "Named by hand: "
        return [(f"{before}{_quoted(row.note)}.", None)]

    def _merged(self, row: Any, k: int) -> list[Part]:
        if k not in row.new_ids:
            return [("Ended: merged by hand into ", None), self._name(row.new_ids[0]), (".", None)]
        size = {old: n for old, _, n in row.flows}
        took = [
            [self._name(old), (f" ({_papers(size[old])})" if old in size else "", None)]
            for old in row.old_ids
            if old != k
        ]
        return [*self._joined(took, first="Took in "), (" by hand.", None)]

    def _cut(self, row: Any, k: int) -> list[Part]:
        size = {new: n for _, new, n in row.flows}
        if k not in row.old_ids:
            with_ = f", with {_papers(size[k])}" if k in size else ""
            return [("Split by hand from ", None), self._name(row.old_ids[0]), (f"{with_}.", None)]
        stayed = f": {size[k]:,} of its {_papers(sum(size.values()))} stayed" if k in size else ""
        went = [
            [(f"{size[new]:,} became " if new in size else "", None), self._name(new)]
            for new in row.new_ids
            if new != k
        ]
        first = ", " if stayed else " into "
        return [(f"Split by hand{stayed}", None), *self._joined(went, first=first), (".", None)]

    def _moved(self, row: Any, k: int) -> list[Part]:
        to = row.new_ids[0]
        if k != to:
            n = sum(m for old, new, m in row.flows if (old, new) == (k, to)) or row.n_shared
            return [(f"Gave {_papers(n)} by hand to ", None), self._name(to), (".", None)]
        sources = [old for old in row.old_ids if old != k]
        if not sources:
            return [(f"{_papers(row.n_shared)} confirmed by hand.", None)]
        got = (f"Got {_papers(row.n_shared)} by hand", None)
        return [got, *self._named(sources, first=" from "), (".", None)]

    # Parts of sentences

    def _name(self, k: int) -> Part:
        return (self.names[UNASSIGNED], None) if k == UNASSIGNED else (_quoted(self.names[k]), int(k))

    def _shares(self, counts: list[tuple[int, int]]) -> list[Part]:
        """Say where papers went to or came from, the largest share first."""
        n = sum(count for _, count in counts)
        ordered = sorted(counts, key=lambda pair: (-pair[1], pair[0] == UNASSIGNED, pair[0]))
        shown = ordered if len(ordered) <= MOST + 1 else ordered[:MOST]
        said = [[self._name(k), (f" ({count / n:.0%})", None)] for k, count in shown]
        rest = sum(count for _, count in ordered[len(shown) :])
        if rest:
            said.append([(f"{len(ordered) - len(shown)} others ({rest / n:.0%})", None)])
        return self._joined(said, first="")

    def _named(self, ids: Iterable[int], first: str) -> list[Part]:
        return self._joined([[self._name(k)] for k in ids], first)

    def _joined(self, groups: list[list[Part]], first: str) -> list[Part]:
        """Return groups with commas between them and a beginning before the first; too many are counted."""
        more = len(groups) - MOST - 1 if len(groups) > MOST + 1 else 0
        shown = groups[: len(groups) - more]
        said = [part for at, group in enumerate(shown) for part in [(", " if at else first, None), *group]]
        return [part for part in [*said, (f" and {more} more" if more else "", None)] if part[0]]


def _kept_each_time(moments: list[_Moment]) -> list[Part]:
    """Say of refits in which a topic went on how many they were, and what shares of its papers stayed."""
    k, kept = moments[0].topic_id, []
    for row in (moment.rows[0] for moment in moments):
        own = [flow for flow in row.flows if flow[0] == k]
        stayed, n = (sum(flow[2] for flow in flows) for flows in ([f for f in own if f[1] == k], own))
        kept += [stayed / n] if n else []
    said = f"Found again in {len(moments)} refits since {_day(moments[0].rows[0])}"
    if kept:
        low, high = f"{min(kept):.0%}", f"{max(kept):.0%}"
        said += f", with {low if low == high else f'{low} to {high}'} of its papers each time"
    return [(f"{said}.", None)]


def _day(row: Any) -> str:
    return "an unknown day" if pd.isna(row.date) else f"{row.date:%Y-%m-%d}"


def _papers(n: int) -> str:
    return f"{n:,} paper{'' if n == 1 else 's'}"


def _quoted(name: str) -> str:
    cleaned = clean_text(str(name))
    return f"“{cleaned if len(cleaned) <= LETTERS else cleaned[: LETTERS - 1].rstrip() + '…'}”"
