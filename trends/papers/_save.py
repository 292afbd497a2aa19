"""Papers to a file that `load` reads back as the same table, and `read_saved` in a fortieth of the time."""

import csv
import json
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.cache import whole_file
from trends.core.errors import InputError
from trends.core.tables import PAPERS, PRECISION_TYPE, check

_LENGTHS = {"day": 10, "month": 7, "year": 4, "unknown": 0}
# A cell that a spreadsheet would run gets ' in front, and so does one that looks as if it had got it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def save(papers: pd.DataFrame, path: str | Path) -> Path:
    """Write papers as Parquet, JSON Lines or CSV, by the ending of the path.

    The file is written whole or not at all, and equal papers give equal bytes. Text that a spreadsheet would
    run as a formula is guarded by ' in CSV; `load` takes it off again. Dates are written as far as they are
    known ("2024-05").

    Parameters
    ----------
    papers
        A table as `load` returns it; only the columns of its contract are written.
    path
        Ends in .parquet, .jsonl or .csv.

    Returns
    -------
    pathlib.Path
        Where the file is.

    Raises
    ------
    InputError
        The table breaks its contract, the ending is another one, or the file cannot be written.
    """
    check(papers, PAPERS)
    target = Path(path).expanduser()
    writers = {".parquet": _parquet, ".jsonl": _json_lines, ".csv": _csv}
    if target.suffix.lower() not in writers:
        raise InputError(f"save writes {', '.join(writers)}, not {target.name!r}; change the ending.")
    kept = [name for name in (*PAPERS.columns, *PAPERS.optional) if name in papers.columns]
    table = papers[kept].reset_index()
    try:
        with whole_file(target) as temporary:
            writers[target.suffix.lower()](table, temporary)
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror or error}.") from error
    return target


def read_saved(*paths: Any, rows: Sequence[int] | None = None) -> pd.DataFrame:
    """Read papers as `save` wrote them to Parquet, without looking at each value as `load` does.

    Parameters
    ----------
    *paths
        The files, or open streams of them, whose papers follow each other.
    rows
        The places of the papers to give, all by default.

    Raises
    ------
    InputError
        The table breaks its contract.
    OSError, ValueError
        A file is absent or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.concat_tables([pq.read_table(path) for path in paths])
    if rows is not None:
        table = table.take(pa.array(rows, pa.int64()))
    kinds = {**PAPERS.columns, **PAPERS.optional}
    columns = {}
    for name in table.column_names:
        if kinds.get(name) == "tuple":
            columns[name] = pd.Series(_tuples(table.column(name)), dtype=object)
        elif name == "date_precision":
            columns[name] = table.column(name).to_pandas().astype(PRECISION_TYPE)
        elif kinds.get(name) == "date":
            columns[name] = table.column(name).to_pandas().astype("datetime64[us]")
        else:
            columns[name] = table.column(name).to_pandas()
    papers = pd.DataFrame(columns)
    return check(papers.set_index("paper_id") if "paper_id" in papers else papers, PAPERS)


def _tuples(column: Any) -> list[tuple[str, ...]]:
    """Return a column of lists as tuples; a text that comes back is one object, as in what `load` makes."""
    import pyarrow as pa

    whole = column.combine_chunks()
    lists = whole if isinstance(whole, pa.ListArray) else whole.chunk(0)
    coded = lists.flatten().dictionary_encode()
    texts = coded.dictionary.to_numpy(zero_copy_only=False)
    flat = texts[coded.indices.to_numpy(zero_copy_only=False)].tolist() if len(texts) else []
    ends = np.append(0, np.cumsum(lists.value_lengths().to_numpy(zero_copy_only=False))).tolist()
    return [tuple(flat[start:end]) for start, end in pairwise(ends)]


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows of plain values: lists, ISO dates at their precision, None for what is unknown."""
    columns: dict[str, list[Any]] = {}
    for name in table.columns:
        column = table[name]
        if name == "date":
            lengths = table["date_precision"].astype(str).map(_LENGTHS)
            dates = column.dt.strftime("%Y-%m-%d")
            columns[name] = [d[:n] if isinstance(d, str) and n else None for d, n in zip(dates, lengths)]
        elif column.dtype.kind == "f":
            columns[name] = [None if v != v else int(v) if v.is_integer() else v for v in column.tolist()]
        else:
            columns[name] = [
                list(v) if isinstance(v, tuple) else None if v is pd.NA else v for v in column.tolist()
            ]
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def _json_lines(table: pd.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for row in _rows(table):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _csv(table: pd.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(table.columns)
        for row in _rows(table):
            writer.writerow(_cell(value) for value in row.values())


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, str) and _FORMULA.match(value):
        return "'" + value
    return value


def _parquet(table: pd.DataFrame, path: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {**PAPERS.columns, **PAPERS.optional}
    types = {"tuple": pa.list_(pa.string()), "date": pa.timestamp("us"), "number": pa.float64()}
    arrays = {}
    for name in table.columns:
        column = table[name]
        kind = types.get(kinds.get(name, "text"), pa.string())
        if name == "date_precision":
            column = column.astype(str)
        arrays[name] = pa.array(
            column.tolist() if kind != types["date"] else column, type=kind, from_pandas=True
        )
    pq.write_table(pa.table(arrays), path, compression="zstd")
