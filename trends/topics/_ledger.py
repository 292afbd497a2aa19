"""The history of topic ids, written: one line per event, added at the end and never changed.

A line's date is the newest date of a paper in a topic at that time: the clock is never read, so that the same
papers and steps give the same ledger.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

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
}

_LESS = {"old_ids": (), "new_ids": (), "jaccard": np.nan, "cosine": np.nan, "n_shared": 0, "note": ""}


def empty() -> pd.DataFrame:
    """Return a ledger without a line."""
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in COLUMNS.items()})


def births(table: pd.DataFrame, fit_id: str, note: str) -> pd.DataFrame:
    """Return the first lines: every topic of a table is born."""
    lines = [{"event": "birth", "new_ids": (int(k),), "note": note} for k in table.index]
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
        event, and where they say something old_ids, new_ids, jaccard, cosine, n_shared, note.
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
    """Return a ledger whose ids are tuples again, as Parquet gives them as arrays."""
    ids = {
        name: pd.Series([tuple(map(int, value)) for value in ledger[name]], index=ledger.index, dtype=object)
        for name in ("old_ids", "new_ids")
        if name in ledger
    }
    return ledger.assign(**ids)
