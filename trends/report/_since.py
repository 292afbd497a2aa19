"""What changed since an earlier study, as a section: a sentence, a chart, and a table of each kind."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from trends.core.diff import Diff
from trends.report._report import Section
from trends.report._wording import count, factor, percent

TITLE = "Since the last report"
MOST = 50
"""Rows of a table in the page; its CSV holds all."""

WORDS = frozenset(
    "what before now topic growth title date name because week month quarter year".split()
    + ["growth now", "because of", "complete before"]
)
"""Columns of texts; all others hold numbers."""

COUNTS = {
    "n_before": "papers before",
    "n_now": "papers now",
    "n_added": "added",
    "n_gone": "gone",
    "n_moved_in": "moved in",
    "n_moved_out": "moved out",
    "complete_before": "complete before",
}

NONE = {
    "topics": "Every topic goes on under the same name.",
    "calls": "No call changed.",
    "shares": "No share can be compared: the earlier study has no complete period.",
    "papers": "No paper is new, gone, or elsewhere.",
    "counts": "No earlier period holds other papers than before.",
    "settings": "Nothing was set differently.",
}
"""What is said where a table is empty."""


def since_section(diff: Diff) -> Section:
    """Return the section; `table` by part: heading, note, shown, numeric (columns) and rows (for CSV)."""
    from trends.plot import evolution

    text = "\n\n".join([diff.summary, *diff.notes])
    if diff.nothing_changed:
        return Section("since", TITLE, text)
    makers: dict[str, tuple[str, Callable[[Diff], tuple[pd.DataFrame, pd.DataFrame, str]]]] = {
        "topics": ("Topics", _topics),
        "calls": ("Calls", _calls),
        "shares": ("Shares", _shares),
        "papers": ("Papers", _papers),
        "counts": ("Earlier counts", _counts),
        "settings": ("Settings", _settings),
    }
    parts = {}
    empty = []
    for part, (heading, make) in makers.items():
        rows, shown, note = make(diff)
        if not len(shown):
            empty.append(NONE[part])
            continue
        if len(shown) > MOST:
            note = f"The first {MOST} rows; {count(len(shown) - MOST)} more are in the CSV. {note}".strip()
        parts[part] = {
            "heading": heading,
            "note": note,
            "shown": shown.head(MOST),
            "numeric": [
                column for column in shown if column not in WORDS and not column.startswith("change")
            ],
            "rows": rows,
        }
    table = pd.DataFrame(list(parts.values()), index=pd.Index(list(parts), name="part"))
    return Section(
        "since", TITLE, text, figure=evolution(diff), table=table, note=" ".join(empty), kind="since"
    )


def _topics(diff: Diff) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    rows = diff.topics[diff.topics["event"] != "kept"]
    shown = pd.DataFrame(
        {
            "what": rows["event"],
            "before": [" + ".join(labels) or "–" for labels in rows["before"]],
            "now": [" + ".join(labels) or "–" for labels in rows["now"]],
            "papers before": rows["n_before"],
            "papers now": rows["n_papers"],
            "shared": rows["n_shared"],
        }
    )
    n_kept = int(diff.topics["event"].eq("kept").sum())
    note = (
        f"{count(n_kept)} {'topic goes' if n_kept == 1 else 'topics go'} on under the same name. Topics are "
        "matched by the papers that they share, never by name."
    )
    return rows, shown, note


def _calls(diff: Diff) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    rows = diff.calls
    shown = pd.DataFrame(
        {
            "topic": rows["label"],
            "before": rows["before"],
            "now": rows["now"],
            "growth now": [_growth(row) for row in rows.itertuples()],
            "because of": rows["because"],
        }
    )
    note = (
        "Each cause was found by measuring again: the same papers in the other topics, then the papers added "
        "since, then the periods completed since."
    )
    return rows.reset_index(), shown, note


def _growth(row: Any) -> str:
    if not np.isfinite(row.growth_now):
        return "–"
    return f"×{factor(row.growth_now)} ({factor(row.growth_low)} to {factor(row.growth_high)})"


def _shares(diff: Diff) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    rows = diff.movers
    if not len(rows):
        return rows.reset_index(), pd.DataFrame(), ""
    then, now = str(rows["then"].iloc[0]), str(rows["now"].iloc[0])
    shown = pd.DataFrame({"topic": rows["label"], f"share {then}": [percent(v) for v in rows["share_then"]]})
    if now:
        shown[f"share {now}"] = [percent(v) for v in rows["share_now"]]
        shown["change, points"] = [
            f"{_points(row.change)} ({_points(row.change_low)} to {_points(row.change_high)})"
            for row in rows.itertuples()
        ]
        shown["q"] = [_chance(q) for q in rows["q"]]
    shown["reported before"] = [percent(v) if np.isfinite(v) else "–" for v in rows["share_before"]]
    shown["refit, points"] = [_points(v) for v in rows["refit_effect"]]
    shown["papers, points"] = [_points(v) for v in rows["papers_effect"]]
    note = (
        f"All as this study counts. Of the share of {then} that the earlier study reported, “refit” is what "
        "the other topics of the same papers made, “papers” what those added, moved or gone since made."
    )
    if now:
        note = (
            "Change with its 95% interval; q is that of all topics which the earlier study knew. New topics "
            f"are not tested: they were found because of these papers. {note}"
        )
    return rows.reset_index(), shown, note


def _papers(diff: Diff) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    rows = diff.papers.sort_values("date", ascending=False, kind="stable", na_position="last")
    order = rows["change"].map({"new": 0, "gone": 1, "another period": 2, "another topic": 3})
    rows = rows.loc[:].assign(_order=order).sort_values("_order", kind="stable").drop(columns="_order")
    shown = pd.DataFrame(
        {
            "what": [
                f"{change}, late" if late else change for change, late in zip(rows["change"], rows["late"])
            ],
            "date": rows["date"],
            "title": rows["title"].where(rows["title"] != "", "(no title)"),
            "before": rows["before"].where(rows["before"] != "", "–"),
            "now": rows["now"].where(rows["now"] != "", "–"),
        }
    )
    note = (
        f"Late: of a {diff.every} that the earlier study took for complete. Papers that went with their "
        "topic into a merge or a split are not listed."
    )
    return rows.reset_index(), shown, note


def _counts(diff: Diff) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    rows = diff.counts
    shown = rows.rename(columns=lambda name: COUNTS.get(name, name))
    return rows.reset_index(), shown.rename(columns={"label": diff.every}), ""


def _settings(diff: Diff) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    return diff.parameters, diff.parameters, ""


def _points(change: float) -> str:
    if not np.isfinite(change):
        return "–"
    text = f"{100 * change:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def _chance(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
