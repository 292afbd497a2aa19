"""What a table of papers lacks, what became of every entry that was read, and what looks odd about it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from trends.core.tables import PRECISIONS
from trends.papers import _health_view
from trends.papers._tally import Tally, tallied

_SHOWN = 12
_NEIGHBOURS, _SPIKE, _FEWEST = 6, 3.0, 20
_DAILY, _UNEVEN = 0.5, 0.3
_LANGUAGES = 5


@dataclass(frozen=True)
class Health:
    """How complete a table of papers is; a notebook shows it as a page of its own.

    Attributes
    ----------
    table
        Index check (text); n_papers (integer: papers, or entries where the check says so), share (0-1, of all
        papers; for entries of all entries present; NaN where neither applies), note (text). Entries present =
        read + passed + rejected; entries read = papers + merged + left out since; the four lines on
        precision, the three on tags and the lines on languages each add up to the papers.
    periods
        Index period (the first day of a month; of a year where most dates are no finer): n_papers, n_tagged
        (with tags from the source), n_without_abstract, gap (True: no paper between periods that have some),
        spike (True: at least 20 papers and three times the median of the six periods on either side).
    files
        One row per file read: file, format, n_present, n_read, n_passed, n_rejected, note.
    rejected
        Entries that were refused: file, where, reason; at most 20 per file.
    conflicts
        Papers of one title that are kept apart: title, paper_ids (tuple), reason.
    """

    table: pd.DataFrame
    periods: pd.DataFrame
    files: pd.DataFrame
    rejected: pd.DataFrame
    conflicts: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Health: {self.summary}>"

    def _repr_html_(self) -> str:
        return _health_view.page(self.summary, self.table, self.periods, self.files, self.conflicts)

    @property
    def summary(self) -> str:
        """The state of the papers in one line."""
        numbers = self.table["n_papers"]
        total = numbers["papers"]
        undated = numbers["undated"]
        gaps, spikes = int(self.periods["gap"].sum()), int(self.periods["spike"].sum())
        parts = [f"{total:,} papers"]
        if "entries present" in numbers:
            files = f"{len(self.files)} file{'s' * (len(self.files) != 1)}"
            parts.append(
                f"{numbers['entries present']:,} entries in {files} "
                f"({numbers['entries merged']:,} merged, {numbers['entries rejected']:,} rejected)"
            )
        parts.append(f"{undated:,} undated")
        if gaps or spikes:
            parts.append(f"gaps in time: {gaps}, spikes: {spikes}")
        return "; ".join(parts)


def health(papers: pd.DataFrame) -> Health:
    """Say how complete a table of papers is, how it came about, and what looks odd about it.

    Parameters
    ----------
    papers
        A table as `load` returns it.

    Returns
    -------
    Health
        Its `table` has one line per check; `periods`, `files`, `rejected` and `conflicts` have the details.

    Raises
    ------
    InputError
        The table breaks the contract for papers.

    Examples
    --------
    >>> from trends.papers import sample
    >>> health(sample()).table.loc[["papers", "dated to the day", "undated"], "n_papers"].tolist()
    [311, 116, 0]
    """
    return health_of(tallied(papers), papers.attrs.get("reading") or [], papers.attrs.get("n_loaded"))


def health_of(tally: Tally, log: list[dict[str, Any]], n_loaded: int | None = None) -> Health:
    """Say what `health` says, of papers that were counted and the log of their reading."""
    periods = _periods(tally.days)
    conflicts = pd.DataFrame(tally.conflicts, columns=["title", "paper_ids", "reason"])
    return Health(
        table=_table(tally, log, n_loaded, periods, conflicts),
        periods=periods,
        files=pd.DataFrame(
            [{name: line.get(name, 0) for name in _FILE_COLUMNS} for line in log], columns=_FILE_COLUMNS
        ),
        rejected=pd.DataFrame(
            [{"file": line["file"], **refused} for line in log for refused in line["rejected"]],
            columns=["file", "where", "reason"],
        ),
        conflicts=conflicts,
    )


_FILE_COLUMNS = ["file", "format", "n_present", "n_read", "n_passed", "n_rejected", "note"]


def _table(
    tally: Tally,
    log: list[dict[str, Any]],
    n_loaded: int | None,
    periods: pd.DataFrame,
    conflicts: pd.DataFrame,
) -> pd.DataFrame:
    days, counts = tally.days, tally.counts
    total = int(days["n_papers"].sum())
    lines: list[tuple[str, int, float, str]] = []

    def add(name: str, n_papers: Any, note: str = "") -> None:
        lines.append((name, int(n_papers), int(n_papers) / total if total else float("nan"), note))

    if log:
        lines += _entries(total if n_loaded is None else n_loaded, total, log)
    add("papers", total, "" if log else "no reading log: the table does not come from load")
    if len(conflicts):
        add(
            "of one title and kept apart",
            conflicts["paper_ids"].map(len).sum(),
            _listed(f"{row.title} ({row.reason})" for row in conflicts.itertuples()),
        )
    by_precision = days.groupby("precision")["n_papers"].sum()
    by_precision.index = [PRECISIONS[code] for code in by_precision.index]
    add("dated to the day", by_precision.get("day", 0))
    add("dated to the month", by_precision.get("month", 0), "stored as the first of the month")
    add("dated to the year", by_precision.get("year", 0), "stored as the first of January")
    add("undated", by_precision.get("unknown", 0), _why_undated(counts["why_undated"]))
    for source, n_papers in sorted(counts["date_source"].items()):
        add(f"date from: {source}", n_papers)
    if tally.n_completed:
        add(
            "completed from a reference",
            tally.n_completed,
            "the column `completed` names each value's origin",
        )
    dated = days.dropna(subset="date")
    for name, edge in (("first date", "min"), ("last date", "max")):
        if len(dated):
            date = getattr(dated["date"], edge)()
            n_papers = int(dated.loc[dated["date"] == date, "n_papers"].sum())
            lines.append((name, n_papers, float("nan"), str(date.date())))
    lines += _gaps(periods)
    known = dated[dated["precision"] == PRECISIONS.index("day")]
    lines += _days(known)
    lines += _spikes(periods)
    lines += _first_days(known, total)
    uneven = _uneven(periods, "n_without_abstract", "trust no trend of words or tags from the text")
    add(
        "without abstract",
        days["n_without_abstract"].sum(),
        "; ".join(["read by their titles alone", *uneven]),
    )
    notes = {"en": "", "unclear": "too few words to tell, as in a title"}
    for name, n_papers in _languages(counts["language"]).items():
        add(f"language: {name}", n_papers, notes.get(name, "the encoder reads English"))
    tagged = counts["tags_from"]
    add(
        "with tags from the source",
        tagged["source"],
        "; ".join(_uneven(periods, "n_tagged", "trust no trend of these tags")),
    )
    add("with tags from the text", tagged["text"], "phrases of the tag vocabulary in title or abstract")
    add("without tags", tagged[""])
    lines += [_file(line) for line in log]
    return (
        pd.DataFrame(lines, columns=["check", "n_papers", "share", "note"])
        .astype({"n_papers": "int64", "share": "float64"})
        .set_index("check")
    )


def _entries(loaded: int, total: int, log: list[dict[str, Any]]) -> list[tuple[str, int, float, str]]:
    present = sum(line["n_present"] for line in log)
    read = sum(line["n_read"] for line in log)
    passed = sum(line.get("n_passed", 0) for line in log)
    unread = sum(1 for line in log if line["note"])
    lines = [
        (
            "entries present",
            present,
            f"in {len(log)} file{'s' * (len(log) != 1)}"
            + (f", of which {unread} not read" if unread else ""),
        ),
        ("entries read", read, "papers + merged" + (" + left out since" if loaded != total else "")),
        ("entries rejected", present - read - passed, _reasons(log)),
        ("entries merged", read - loaded, "further entries of a paper that is in the table once"),
    ]
    if passed:
        lines.append(("entries passed over", passed, "not within since, until and tagged"))
    if loaded != total:
        lines.append(("papers left out since", loaded - total, "the table was cut or added to after load"))
    return [(name, count, count / present if present else float("nan"), note) for name, count, note in lines]


def _reasons(log: list[dict[str, Any]]) -> str:
    shown = [f"{line['file']}, {r['where']}: {r['reason']}" for line in log for r in line["rejected"]]
    return "; ".join(shown[:5]) + (" …" if len(shown) > 5 else "")


def _listed(values: Any) -> str:
    listed = list(values)
    return "; ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")


def _periods(days: pd.DataFrame) -> pd.DataFrame:
    """Return what is known per month, or per year where most dates are no finer, from first to last."""
    columns = ["n_papers", "n_tagged", "n_without_abstract", "gap", "spike"]
    dated = days.dropna(subset="date")
    monthly = dated[dated["precision"] <= PRECISIONS.index("month")]
    every = "M" if monthly["n_papers"].sum() * 2 >= dated["n_papers"].sum() else "Y"
    chosen = monthly if every == "M" else dated
    if chosen.empty:
        return pd.DataFrame(columns=columns, index=pd.DatetimeIndex([], name="period")).astype(
            {name: "bool" if name in ("gap", "spike") else "int64" for name in columns}
        )
    found = chosen.assign(period=chosen["date"].dt.to_period(every))
    counted = found.groupby("period")[columns[:3]].sum()
    span = pd.period_range(counted.index.min(), counted.index.max(), freq=every)
    counted = counted.reindex(span, fill_value=0)
    counted["gap"] = counted["n_papers"] == 0
    counted["spike"] = _stands_out(counted["n_papers"].to_numpy())
    return counted.set_axis(span.to_timestamp().astype("datetime64[us]").rename("period"))


def _stands_out(counts: np.ndarray) -> np.ndarray:
    """Say which counts are at least three times the median of their neighbours on either side."""
    found = np.zeros(len(counts), dtype=bool)
    for at, count in enumerate(counts):
        beside = [*counts[max(0, at - _NEIGHBOURS) : at], *counts[at + 1 : at + 1 + _NEIGHBOURS]]
        found[at] = count >= _FEWEST and len(beside) >= 3 and count >= _SPIKE * max(1.0, np.median(beside))
    return found


def _gaps(periods: pd.DataFrame) -> list[tuple[str, int, float, str]]:
    if periods.empty:
        return []
    name, names = _named(periods)
    empty = names[periods["gap"].to_numpy()]
    note = f"{len(empty)} of {len(names)} from {names[0]} to {names[-1]}"
    return [(f"{name}s without papers", 0, float("nan"), note + _shown(empty))]


def _spikes(periods: pd.DataFrame) -> list[tuple[str, int, float, str]]:
    if not periods["spike"].any():
        return []
    name, names = _named(periods)
    high = periods["spike"].to_numpy()
    note = f"three times their neighbours or more{_shown(names[high])}; see whether a source was added there"
    return [(f"in {name}s that stand out", int(periods.loc[high, "n_papers"].sum()), float("nan"), note)]


def _days(known: pd.DataFrame) -> list[tuple[str, int, float, str]]:
    """Say which weekdays are missing from a source that has papers on most of them."""
    days = known["date"]
    if days.empty:
        return []
    weekdays = pd.bdate_range(days.min(), days.max())
    missing = weekdays.difference(pd.DatetimeIndex(days))
    if len(weekdays) < 10 or len(missing) > len(weekdays) * (1 - _DAILY):
        return []
    note = f"{len(missing)} of {len(weekdays)} Mondays to Fridays"
    return [
        ("weekdays without papers", 0, float("nan"), note + _shown(missing.strftime("%Y-%m-%d").to_numpy()))
    ]


def _first_days(known: pd.DataFrame, total: int) -> list[tuple[str, int, float, str]]:
    """Say where a first of January or of a month seems to stand for a date that is known less exactly."""
    first = (known["date"].dt.month == 1) & (known["date"].dt.day == 1)
    new_year, n_days = int(known.loc[first, "n_papers"].sum()), int(known["n_papers"].sum())
    if new_year >= _FEWEST and new_year > n_days / 50:
        return [
            (
                "dated 1 January",
                new_year,
                new_year / total,
                f"{new_year / n_days:.0%} of the dates known to the day: some may be known by year only",
            )
        ]
    return []


def _named(periods: pd.DataFrame) -> tuple[str, np.ndarray]:
    starts = pd.DatetimeIndex(periods.index)
    yearly = len(starts) > 1 and bool((starts.month == 1).all())
    return (
        ("year", starts.strftime("%Y").to_numpy())
        if yearly
        else ("month", starts.strftime("%Y-%m").to_numpy())
    )


def _shown(names: Any) -> str:
    if not len(names):
        return ""
    return f": {', '.join(names[:_SHOWN])}" + (" …" if len(names) > _SHOWN else "")


def _uneven(periods: pd.DataFrame, column: str, so: str) -> list[str]:
    """Say where a share of the papers changes much, and what follows; nothing where it does not."""
    large = periods[periods["n_papers"] >= _FEWEST]
    if large.empty:
        return []
    shares = large[column] / large["n_papers"]
    if shares.max() - shares.min() < _UNEVEN:
        return []
    _, names = _named(large)
    low, high = int(np.argmin(shares)), int(np.argmax(shares))
    told = (
        f"uneven over time: {shares.iloc[low]:.0%} in {names[low]}, {shares.iloc[high]:.0%} in {names[high]}"
    )
    return [told, so]


def _why_undated(reasons: Counter[str]) -> str:
    note = "in no period; counted beside them"
    ordered = sorted(reasons, key=lambda reason: (-reasons[reason], reason))
    listed = _listed(f"{reason} ({reasons[reason]})" for reason in ordered)
    return f"{note}; {listed}" if listed else note


def _languages(counts: Counter[str]) -> dict[str, int]:
    """Return the papers by language, most frequent first: as their source says, else as their text reads."""
    names = sorted(counts, key=lambda name: (-counts[name], name))
    shown = {name: counts[name] for name in names[:_LANGUAGES]}
    others = sum(counts[name] for name in names[_LANGUAGES:])
    return shown | ({f"{len(names) - _LANGUAGES} others": others} if others else {})


def _file(line: dict[str, Any]) -> tuple[str, int, float, str]:
    share = line["n_read"] / line["n_present"] if line["n_present"] else float("nan")
    known = f"{line['format']}, sha256 {line['sha256'][:12]}" if line["format"] else "not read"
    refused = f"; {line['n_rejected']} of {line['n_present']} entries rejected" if line["n_rejected"] else ""
    note = f": {line['note']}" if line["note"] else ""
    return f"file: {line['file']}", line["n_read"], share, f"{known}{refused}{note}"
