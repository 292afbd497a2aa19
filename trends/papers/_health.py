"""What a table of papers lacks, what became of every entry that was read, and what looks odd about it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from trends.core.tables import PAPERS, check
from trends.papers import _health_view, _identity
from trends.papers._language import language

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
    check(papers, PAPERS)
    log = papers.attrs.get("reading") or []
    periods = _periods(papers)
    conflicts = _conflicts(papers)
    return Health(
        table=_table(papers, log, periods, conflicts),
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
    papers: pd.DataFrame, log: list[dict[str, Any]], periods: pd.DataFrame, conflicts: pd.DataFrame
) -> pd.DataFrame:
    total = len(papers)
    lines: list[tuple[str, int, float, str]] = []

    def add(name: str, n_papers: Any, note: str = "") -> None:
        lines.append((name, int(n_papers), int(n_papers) / total if total else float("nan"), note))

    if log:
        lines += _entries(papers, log)
    add("papers", total, "" if log else "no reading log: the table does not come from load")
    if len(conflicts):
        add(
            "of one title and kept apart",
            conflicts["paper_ids"].map(len).sum(),
            _listed(f"{row.title} ({row.reason})" for row in conflicts.itertuples()),
        )
    by_precision = papers["date_precision"].value_counts()
    add("dated to the day", by_precision.get("day", 0))
    add("dated to the month", by_precision.get("month", 0), "stored as the first of the month")
    add("dated to the year", by_precision.get("year", 0), "stored as the first of January")
    add("undated", by_precision.get("unknown", 0), _why_undated(papers))
    if "date_source" in papers:
        for source, n_papers in sorted(
            papers.loc[papers["date"].notna(), "date_source"].value_counts().items()
        ):
            add(f"date from: {source}", n_papers)
    if "completed" in papers and (completed := papers["completed"].map(len).gt(0).sum()):
        add("completed from a reference", completed, "the column `completed` names each value's origin")
    dated = papers["date"].dropna()
    for name, edge in (("first date", "min"), ("last date", "max")):
        if len(dated):
            date = getattr(dated, edge)()
            lines.append((name, int((dated == date).sum()), float("nan"), str(date.date())))
    lines += _gaps(periods)
    lines += _days(papers)
    lines += _spikes(periods)
    lines += _first_days(papers)
    add("without abstract", (papers["abstract"] == "").sum(), "read by their titles alone")
    for name, n_papers in _languages(papers).items():
        add(
            f"language: {name}",
            n_papers,
            "the encoder reads English" if name not in ("en", "unclear") else "",
        )
    add("with tags from the source", _tagged(papers, "source").sum(), _coverage(periods))
    add(
        "with tags from the text",
        _tagged(papers, "text").sum(),
        "phrases of the tag vocabulary in title or abstract",
    )
    add("without tags", (papers["tags"].map(len) == 0).sum())
    lines += [_file(line) for line in log]
    return (
        pd.DataFrame(lines, columns=["check", "n_papers", "share", "note"])
        .astype({"n_papers": "int64", "share": "float64"})
        .set_index("check")
    )


def _entries(papers: pd.DataFrame, log: list[dict[str, Any]]) -> list[tuple[str, int, float, str]]:
    present = sum(line["n_present"] for line in log)
    read = sum(line["n_read"] for line in log)
    loaded = int(papers.attrs.get("n_loaded", len(papers)))
    passed = sum(line.get("n_passed", 0) for line in log)
    unread = sum(1 for line in log if line["note"])
    lines = [
        (
            "entries present",
            present,
            f"in {len(log)} file{'s' * (len(log) != 1)}"
            + (f", of which {unread} not read" if unread else ""),
        ),
        ("entries read", read, "papers + merged" + (" + left out since" if loaded != len(papers) else "")),
        ("entries rejected", present - read - passed, _reasons(log)),
        ("entries merged", read - loaded, "further entries of a paper that is in the table once"),
    ]
    if passed:
        lines.append(("entries passed over", passed, "not within since, until and tagged"))
    if loaded != len(papers):
        lines.append(
            ("papers left out since", loaded - len(papers), "the table was cut or added to after load")
        )
    return [(name, count, count / present if present else float("nan"), note) for name, count, note in lines]


def _reasons(log: list[dict[str, Any]]) -> str:
    shown = [f"{line['file']}, {r['where']}: {r['reason']}" for line in log for r in line["rejected"]]
    return "; ".join(shown[:5]) + (" …" if len(shown) > 5 else "")


def _listed(values: Any) -> str:
    listed = list(values)
    return "; ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")


def _periods(papers: pd.DataFrame) -> pd.DataFrame:
    """Return what is known per month, or per year where most dates are no finer, from first to last."""
    columns = ["n_papers", "n_tagged", "n_without_abstract", "gap", "spike"]
    monthly = papers["date_precision"].isin(["day", "month"])
    every = "M" if monthly.sum() * 2 >= papers["date"].notna().sum() else "Y"
    chosen = papers[monthly if every == "M" else papers["date"].notna()]
    if chosen.empty:
        return pd.DataFrame(columns=columns, index=pd.DatetimeIndex([], name="period")).astype(
            {name: "bool" if name in ("gap", "spike") else "int64" for name in columns}
        )
    found = pd.DataFrame(
        {
            "period": chosen["date"].dt.to_period(every),
            "n_papers": 1,
            "n_tagged": _tagged(chosen, "source").astype("int64"),
            "n_without_abstract": (chosen["abstract"] == "").astype("int64"),
        }
    )
    counted = found.groupby("period").sum()
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


def _days(papers: pd.DataFrame) -> list[tuple[str, int, float, str]]:
    """Say which weekdays are missing from a source that has papers on most of them."""
    days = papers.loc[papers["date_precision"] == "day", "date"]
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


def _first_days(papers: pd.DataFrame) -> list[tuple[str, int, float, str]]:
    """Say where a first of January or of a month seems to stand for a date that is known less exactly."""
    days = papers.loc[papers["date_precision"] == "day", "date"]
    new_year = int(((days.dt.month == 1) & (days.dt.day == 1)).sum())
    if new_year >= _FEWEST and new_year > len(days) / 50:
        return [
            (
                "dated 1 January",
                new_year,
                new_year / len(papers),
                f"{new_year / len(days):.0%} of the dates known to the day: some may be known by year only",
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


def _coverage(periods: pd.DataFrame) -> str:
    """Say where the source's tags begin or end, since a trend of a tag across that is none."""
    large = periods[periods["n_papers"] >= _FEWEST]
    if large.empty:
        return ""
    shares = large["n_tagged"] / large["n_papers"]
    if shares.max() - shares.min() < _UNEVEN:
        return ""
    _, names = _named(large)
    low, high = int(np.argmin(shares)), int(np.argmax(shares))
    return (
        f"uneven over time: {shares.iloc[low]:.0%} in {names[low]}, {shares.iloc[high]:.0%} in "
        f"{names[high]}; trust no trend of these tags"
    )


def _why_undated(papers: pd.DataFrame) -> str:
    note = "in no period; counted beside them"
    if "date_note" not in papers:
        return note
    reasons = papers.loc[papers["date"].isna() & papers["date_note"].ne(""), "date_note"].value_counts()
    listed = _listed(f"{reason} ({n})" for reason, n in reasons.items())
    return f"{note}; {listed}" if listed else note


def _languages(papers: pd.DataFrame) -> dict[str, int]:
    """Return the papers by language, most frequent first: as their source says, else as their text reads."""
    said = papers["language"] if "language" in papers else pd.Series("", index=papers.index)
    texts = papers["abstract"].where(papers["abstract"] != "", papers["title"])
    found = pd.Series(
        [own or language(text) or "unclear" for own, text in zip(said, texts, strict=True)], dtype="str"
    )
    counts = found.value_counts()
    names = sorted(counts.index, key=lambda name: (-counts[name], name))
    shown = {str(name): int(counts[name]) for name in names[:_LANGUAGES]}
    others = int(counts[names[_LANGUAGES:]].sum())
    return shown | ({f"{len(names) - _LANGUAGES} others": others} if others else {})


def _conflicts(papers: pd.DataFrame) -> pd.DataFrame:
    titles = papers["title"].map(_identity.normalised)
    shared = papers[titles.duplicated(keep=False)]
    rows = []
    for title, same in shared.groupby(titles[shared.index], sort=True):
        keys = [_key(str(title), paper_id, row) for paper_id, row in same.iterrows()]
        reasons = {_identity.differ(keys[0], key) for key in keys[1:]} - {""}
        rows.append(
            (same["title"].iloc[0], tuple(same.index), ", ".join(sorted(reasons)) or "no common ground")
        )
    return pd.DataFrame(rows, columns=["title", "paper_ids", "reason"])


def _key(title: str, paper_id: Any, row: pd.Series) -> _identity.Key:
    arxiv_id, doi = _identity.ids(str(paper_id).partition(":")[2], row.get("arxiv_id"), row.get("doi"))
    return _identity.Key(arxiv_id, doi, title, row.get("authors", ()), row["abstract"])


def _tagged(papers: pd.DataFrame, origin: str) -> pd.Series:
    if "tag_sources" not in papers:
        return papers["tags"].map(len).gt(0) & (origin == "source")
    return papers["tag_sources"].map(lambda origins: origins[:1] == (origin,)).astype(bool)


def _file(line: dict[str, Any]) -> tuple[str, int, float, str]:
    share = line["n_read"] / line["n_present"] if line["n_present"] else float("nan")
    known = f"{line['format']}, sha256 {line['sha256'][:12]}" if line["format"] else "not read"
    refused = f"; {line['n_rejected']} of {line['n_present']} entries rejected" if line["n_rejected"] else ""
    note = f": {line['note']}" if line["note"] else ""
    return f"file: {line['file']}", line["n_read"], share, f"{known}{refused}{note}"
