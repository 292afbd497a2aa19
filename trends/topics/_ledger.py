"""The history of topic ids, written: one line per event, added at the end and never changed.

Names and numbers of papers stand in the line, since neither can be known later: a topic that ended has no
row. A line's date is the newest date of a paper in a topic at that time: the clock is never read, so that the
same papers and steps give the same ledger.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from trends.core.records import Topics
from trends.core.tables import UNASSIGNED

BY_FIT, BY_USER = "fit", "user"

COLUMNS = {
    "event_no": "int64",
    "date": "datetime64[us]",
    "fit_id": "str",
    "by": "str",
    "event": "str",
    "old_ids": object,
    "new_ids": object,
    "jaccard": "float64",
    "cosine": "float64",
    "n_shared": "int64",
    "note": "str",
    "labels": object,
    "flows": object,
}

_LESS = {
    "old_ids": (),
    "new_ids": (),
    "jaccard": np.nan,
    "cosine": np.nan,
    "n_shared": 0,
    "note": "",
    "labels": (),
    "flows": (),
}


def empty() -> pd.DataFrame:
    """Return a ledger without a line."""
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in COLUMNS.items()})


def births(table: pd.DataFrame, fit_id: str, note: str) -> pd.DataFrame:
    """Return the first lines: every topic of a table is born."""
    lines = [
        {"event": "birth", "new_ids": (k,), "flows": ((UNASSIGNED, k, n),), "note": note}
        for k, n in zip(map(int, table.index), map(int, table["n_papers"]))
    ]
    return appended(empty(), lines, table, fit_id=fit_id, by=BY_FIT)


def appended(
    ledger: pd.DataFrame,
    lines: Iterable[Mapping[str, Any]],
    table: pd.DataFrame,
    *,
    fit_id: str | None = None,
    by: str = BY_USER,
) -> pd.DataFrame:
    """Return a ledger with more lines; `table` is that of the topics at that time.

    Parameters
    ----------
    ledger
        The ledger so far; not changed.
    lines
        event, and where they say something the other columns of a ledger.
    table
        `Topics.table`, whose newest date the lines get.
    fit_id
        The fit that the lines come from, else that of the ledger's last line.
    by
        Who decided: "fit" or "user".
    """
    if fit_id is None:
        fit_id = str(ledger["fit_id"].iloc[-1]) if len(ledger) and "fit_id" in ledger else ""
    date = table["last_date"].max() if len(table) else pd.NaT
    shared = {"date": date, "fit_id": fit_id, "by": by}
    rows = [{**_LESS, **shared, **line} for line in lines]
    start = int(ledger["event_no"].iloc[-1]) + 1 if len(ledger) and "event_no" in ledger else 0
    for number, row in enumerate(rows, start=start):
        row["event_no"] = number
    fresh = pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in COLUMNS.items()}
    )
    return pd.concat([ledger, fresh], ignore_index=True) if len(ledger) else fresh


def told(lines: Iterable[Mapping[str, Any]], before: Topics, after: Topics) -> list[dict[str, Any]]:
    """Return lines with what they call their old topics, and how the papers went.

    `flows` holds (old id, new id, papers) of the papers in both: of every old topic of the line, or, at a
    birth, of the new one; the largest flow first, -1 where papers are in no topic.
    """
    both = before.members.index.intersection(after.members.index)
    was, now = (found.members["topic_id"].loc[both].to_numpy() for found in (before, after))
    pairs, n = np.unique(np.stack([was, now], axis=1), axis=0, return_counts=True)
    flows = [(int(a), int(b), int(k)) for (a, b), k in zip(pairs, n)]
    flows.sort(key=lambda flow: -flow[2])
    names, full = before.labels, []
    for line in lines:
        old, new = line.get("old_ids", ()), line.get("new_ids", ())
        mine = [flow for flow in flows if (flow[0] in old if old else flow[1] in new)]
        labels = tuple(str(names[k]) for k in old)
        full.append({**line, "labels": labels, "flows": tuple(mine)})
    return full


def upgraded(ledger: pd.DataFrame, table: pd.DataFrame, fit_id: str) -> pd.DataFrame:
    """Return a ledger as it is now from one as format 1 had it: event, topic_id, note."""
    if "old_ids" in ledger or "topic_id" not in ledger:
        return with_tuples(ledger)
    lines: list[dict[str, Any]] = []
    for event, topic_id, note in zip(ledger["event"], map(int, ledger["topic_id"]), ledger["note"]):
        numbers = tuple(map(int, re.findall(r"\d+", note)))
        line = {"event": event, "note": note, "by": BY_USER}
        if event == "birth" and note.startswith("split from"):
            lines[-1]["new_ids"] += (topic_id,)
        elif event == "death":
            lines[-1]["old_ids"] += (topic_id,)
        elif event == "birth":
            lines.append(line | {"new_ids": (topic_id,), "by": BY_FIT})
        elif event == "reassign":
            lines.append(line | {"new_ids": (topic_id,), "n_shared": numbers[0] if numbers else 0})
        else:
            lines.append(line | {"old_ids": (topic_id,), "new_ids": (topic_id,)})
    return appended(empty(), lines, table, fit_id=fit_id)


def with_tuples(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return a ledger whose lists, arrays in Parquet, are tuples again; empty where it has no such column."""
    if "old_ids" not in ledger:
        return ledger
    empty_ones = {name: [()] * len(ledger) for name in ("labels", "flows") if name not in ledger}
    lists = ledger.assign(**empty_ones)[["old_ids", "new_ids", "labels", "flows"]]
    found = {name: pd.Series([_tuple(v) for v in lists[name]], ledger.index, object) for name in lists}
    return ledger.assign(**found)


def _tuple(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):
        return tuple(map(_tuple, value))
    return int(value) if isinstance(value, np.integer) else value
