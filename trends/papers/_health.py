"""What a table of papers lacks, and what became of every entry that was read."""

from typing import Any

import pandas as pd

from trends.core.tables import PAPERS, check

_SHOWN_PERIODS = 12


def health(papers: pd.DataFrame) -> pd.DataFrame:
    """Say how complete a table of papers is and how it came about.

    Parameters
    ----------
    papers
        A table as `load` returns it.

    Returns
    -------
    pandas.DataFrame
        Index check (text); n_papers (integer: papers, or entries where the check says so), share (0-1, of all
        papers; for entries of all entries present; NaN where neither applies), note (text). Entries present =
        read + rejected; entries read = papers + merged + left out since; the four lines on precision and the
        three on tags each add up to the papers.

    Raises
    ------
    InputError
        The table breaks the contract for papers.

    Examples
    --------
    >>> from trends.papers import sample
    >>> health(sample()).loc[["papers", "dated to the day", "undated"], "n_papers"].tolist()
    [311, 116, 0]
    """
    check(papers, PAPERS)
    total = len(papers)
    lines: list[tuple[str, int, float, str]] = []

    def add(name: str, n_papers: Any, note: str = "") -> None:
        lines.append((name, int(n_papers), int(n_papers) / total if total else float("nan"), note))

    log = papers.attrs.get("reading")
    if log:
        lines += _entries(papers, log)
    add("papers", total, "" if log else "no reading log: the table does not come from load")
    by_precision = papers["date_precision"].value_counts()
    add("dated to the day", by_precision.get("day", 0))
    add("dated to the month", by_precision.get("month", 0), "stored as the first of the month")
    add("dated to the year", by_precision.get("year", 0), "stored as the first of January")
    add("undated", by_precision.get("unknown", 0), "in no period; counted beside them")
    if "date_source" in papers:
        for source, n_papers in sorted(
            papers.loc[papers["date"].notna(), "date_source"].value_counts().items()
        ):
            add(f"date from: {source}", n_papers)
    dated = papers["date"].dropna()
    for name, edge in (("first date", "min"), ("last date", "max")):
        if len(dated):
            date = getattr(dated, edge)()
            lines.append((name, int((dated == date).sum()), float("nan"), str(date.date())))
    lines += _gaps(papers)
    add("without abstract", (papers["abstract"] == "").sum(), "read by their titles alone")
    add("with tags from the source", _tagged(papers, "source"))
    add(
        "with tags from the text",
        _tagged(papers, "text"),
        "phrases of the tag vocabulary in title or abstract",
    )
    add("without tags", (papers["tags"].map(len) == 0).sum())
    for line in log or ():
        lines.append(_file(line))
    columns = ["check", "n_papers", "share", "note"]
    return (
        pd.DataFrame(lines, columns=columns)
        .astype({"n_papers": "int64", "share": "float64"})
        .set_index("check")
    )


def _entries(papers: pd.DataFrame, log: list[dict[str, Any]]) -> list[tuple[str, int, float, str]]:
    present = sum(line["n_present"] for line in log)
    read = sum(line["n_read"] for line in log)
    loaded = int(papers.attrs.get("n_loaded", len(papers)))
    unread = sum(1 for line in log if line["note"])
    lines = [
        (
            "entries present",
            present,
            f"in {len(log)} file{'s' * (len(log) != 1)}"
            + (f", of which {unread} not read" if unread else ""),
        ),
        ("entries read", read, "papers + merged" + (" + left out since" if loaded != len(papers) else "")),
        ("entries rejected", present - read, _reasons(log)),
        ("entries merged", read - loaded, "further entries of a paper that is in the table once"),
    ]
    if loaded != len(papers):
        lines.append(
            ("papers left out since", loaded - len(papers), "the table was cut or added to after load")
        )
    return [(name, count, count / present if present else float("nan"), note) for name, count, note in lines]


def _reasons(log: list[dict[str, Any]]) -> str:
    shown = [f"{line['file']}, {r['where']}: {r['reason']}" for line in log for r in line["rejected"]]
    return "; ".join(shown[:5]) + (" …" if len(shown) > 5 else "")


def _gaps(papers: pd.DataFrame) -> list[tuple[str, int, float, str]]:
    """Return a line on the months, or with coarser dates the years, between first and last without papers."""
    monthly = papers["date_precision"].isin(["day", "month"])
    name, dates, freq = "months without papers", papers.loc[monthly, "date"], "M"
    if monthly.sum() * 2 < papers["date"].notna().sum():
        name, dates, freq = "years without papers", papers["date"].dropna(), "Y"
    if dates.empty:
        return []
    periods = dates.dt.to_period(freq)
    span = pd.period_range(periods.min(), periods.max(), freq=freq)
    empty = span.difference(pd.PeriodIndex(periods))
    shown = ", ".join(map(str, empty[:_SHOWN_PERIODS])) + (" …" if len(empty) > _SHOWN_PERIODS else "")
    note = f"{len(empty)} of {len(span)} from {span[0]} to {span[-1]}" + (f": {shown}" if len(empty) else "")
    return [(name, 0, float("nan"), note)]


def _tagged(papers: pd.DataFrame, origin: str) -> int:
    if "tag_sources" not in papers:
        return int((papers["tags"].map(len) > 0).sum()) if origin == "source" else 0
    return int(papers["tag_sources"].map(lambda origins: origins[:1] == (origin,)).sum())


def _file(line: dict[str, Any]) -> tuple[str, int, float, str]:
    share = line["n_read"] / line["n_present"] if line["n_present"] else float("nan")
    known = f"{line['format']}, sha256 {line['sha256'][:12]}" if line["format"] else "not read"
    refused = f"; {line['n_rejected']} of {line['n_present']} entries rejected" if line["n_rejected"] else ""
    note = f": {line['note']}" if line["note"] else ""
    return f"file: {line['file']}", line["n_read"], share, f"{known}{refused}{note}"
