"""JSON objects as lines, lists or columns, Parquet and Arrow tables; among them what `save` writes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import accumulate, chain, islice
from typing import Any

from trends.core.errors import InputError
from trends.papers import _cells, _columns
from trends.papers._content import Content, parsed_json
from trends.papers._formats import _json_items
from trends.papers._record import Format, Record, Rejected

_JUDGED = 1000
"""Rows by which it is judged whether a table has titles."""

_BATCH = 1024


def _recognise_lines(content: Content) -> bool:
    start = content.start.lstrip()
    named = content.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))
    if not start or (not named and (start[:1] != "{" or content.json is not None)):
        return False
    # A list with an item in each line is no lines of JSON, whatever its name.
    return not isinstance(content.json, list) and _json_items.is_lines(content)


def _read_lines(content: Content) -> Iterator[Record | Rejected]:
    return _objects(content, _by_line(content))


def read_lines(content: Content) -> Iterator[Record | Rejected]:
    """Yield the records of some lines of a file of which it is known that it has titles."""
    return _named_objects(content, _by_line(content))


def _by_line(content: Content) -> Iterator[tuple[str, Any]]:
    return (
        (f"line {number}", parsed_json(line))
        for number, line in enumerate(content.lines(), start=1)
        if line.strip()
    )


def _recognise_json(content: Content) -> bool:
    value, _ = _json_items.document(content, start=True)
    rows = [row for row in _rows_of(value, content.columns)[:20] if isinstance(row, dict)]
    return any(_names_titles(row, content.columns) for row in rows)


def _read_json(content: Content) -> Iterator[Record | Rejected]:
    value, broken = _json_items.document(content)
    rows = _rows_of(value, content.columns)
    yield from _objects(content, ((f"record {number}", row) for number, row in enumerate(rows, start=1)))
    if broken:
        yield broken


def _rows_of(value: Any, chosen: Mapping[str, Any], deep: bool = True) -> list[Any]:
    """Return the rows of a table in any of the shapes in which JSON holds one, or none."""
    if isinstance(value, list):
        if value and isinstance(value[0], list) and _names_titles(value[0], chosen):
            return _by_columns(value[0], value[1:])
        return value
    if not isinstance(value, dict):
        return []
    columns, cells = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(cells, list) and _names_titles(columns, chosen):
        return _by_columns(columns, cells)
    if _names_titles(value, chosen):
        return _turned(value) or [value]
    if value and all(_is_titled(row, chosen) for row in islice(value.values(), 20)):
        return list(value.values())
    lists = [rows for rows in value.values() if isinstance(rows, list)]
    lists = [rows for rows in lists if any(_is_titled(row, chosen) for row in rows[:20])]
    if lists:
        return max(lists, key=len)
    parts = [part for part in value.values() if deep and isinstance(part, dict)]
    return max((_rows_of(part, chosen, deep=False) for part in parts), key=len, default=[])


def _names_titles(columns: Iterable[Any], chosen: Mapping[str, Any]) -> bool:
    return "title" in _columns.fields(columns, chosen)


def _is_titled(row: Any, chosen: Mapping[str, Any]) -> bool:
    return isinstance(row, dict) and _names_titles(row, chosen)


def _by_columns(columns: list[Any], rows: list[Any]) -> list[Any]:
    return [dict(zip(map(str, columns), row, strict=False)) if isinstance(row, list) else row for row in rows]


def _turned(columns: dict[str, Any]) -> list[Any]:
    """Return the rows of a table held by columns, as pandas writes it: {column: {row: value}} or lists."""
    values = list(columns.values())
    if all(isinstance(value, dict) for value in values):
        keys = dict.fromkeys(key for value in values for key in value)
        return [{name: cells[key] for name, cells in columns.items() if key in cells} for key in keys]
    if all(isinstance(value, list) for value in values) and len({len(value) for value in values}) == 1:
        return [dict(zip(columns, cells)) for cells in zip(*values)]
    return []


def _objects(content: Content, rows: Iterator[tuple[str, Any]]) -> Iterator[Record | Rejected]:
    """Yield the records of JSON objects, of which some near the top must name a title."""
    top = list(islice(rows, _JUDGED))
    names = dict.fromkeys(key for _, row in top if isinstance(row, dict) for key in row)
    _columns.look(names, content.columns)
    if not _names_titles(names, content.columns):
        raise InputError(_columns.untitled(content.name, names))
    yield from _named_objects(content, chain(top, rows))


def _named_objects(content: Content, rows: Iterable[tuple[str, Any]]) -> Iterator[Record | Rejected]:
    """Yield the records of JSON objects; objects of the same keys share the work of naming their fields."""
    known: dict[tuple[str, ...], dict[str, list[Any]]] = {}
    for where, row in rows:
        if not isinstance(row, dict):
            yield Rejected(where, "not a JSON object")
            continue
        keys = tuple(row)
        if keys not in known:
            if len(known) > 1000:
                known.clear()
            known[keys] = _columns.fields(keys, content.columns)
        reason = _cells.not_a_paper(row, known[keys]) if "kind" in known[keys] else ""
        yield Rejected(where, reason) if reason else _cells.record(where, row, known[keys])


def _recognise_parquet(content: Content) -> bool:
    return content.head[:4] == b"PAR1"


def _read_parquet(content: Content) -> Iterator[Record | Rejected]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _own_errors(content, "Parquet"):
        file = pq.ParquetFile(pa.BufferReader(content.data) if content.small else content.unpacked())
        names, n_rows = file.schema_arrow.names, file.metadata.num_rows
    if content.small and n_rows > len(content.data):
        raise InputError(
            f"{content.name} claims {n_rows:,} rows in {len(content.data):,} bytes, too many to be papers; "
            "write it again."
        )
    yield from _batched(content, "Parquet", names, lambda used: file.iter_batches(_BATCH, columns=used))


def n_rows(content: Content) -> int:
    """Return how many rows a Parquet file has, by its footer."""
    import pyarrow.parquet as pq

    with _own_errors(content, "Parquet"), content.opened() as stream:
        return int(pq.ParquetFile(stream).metadata.num_rows)


def read_rows(content: Content, start: int, stop: int) -> Iterator[Record | Rejected]:
    """Yield the records of the rows from `start` up to `stop` of a Parquet file, the first as row 1."""
    import pyarrow.parquet as pq

    stream = content.opened()
    with _own_errors(content, "Parquet"):
        file = pq.ParquetFile(stream)
        names, sizes = file.schema_arrow.names, _group_sizes(file.metadata)
    ends = list(accumulate(sizes))
    groups = [k for k, end in enumerate(ends) if end > start and end - sizes[k] < stop]
    first = ends[groups[0]] - sizes[groups[0]] if groups else 0

    def batches(used: list[str]) -> Iterator[Any]:
        at = first
        for batch in file.iter_batches(_BATCH, row_groups=groups, columns=used) if groups else ():
            low, high = max(start - at, 0), min(stop - at, len(batch))
            at += len(batch)
            if low < high:
                yield batch.slice(low, high - low)
            if at >= stop:
                return

    with stream:
        yield from _batched(content, "Parquet", names, batches)


def _group_sizes(about: Any) -> list[int]:
    return [int(about.row_group(k).num_rows) for k in range(about.num_row_groups)]


def _recognise_arrow(content: Content) -> bool:
    return content.head[:6] == b"ARROW1"


def _read_arrow(content: Content) -> Iterator[Record | Rejected]:
    import pyarrow as pa

    with _own_errors(content, "Arrow"):
        file = pa.ipc.open_file(pa.BufferReader(content.data))
        names = file.schema.names

    def batches(used: list[str]) -> Iterator[Any]:
        for at in range(file.num_record_batches):
            whole = file.get_batch(at).select(used)
            yield from (whole.slice(start, _BATCH) for start in range(0, whole.num_rows, _BATCH))

    yield from _batched(content, "Arrow", names, batches)


def _batched(
    content: Content, form: str, names: list[str], batches: Callable[[list[str]], Iterator[Any]]
) -> Iterator[Record | Rejected]:
    """Yield the records of a table of Arrow's kinds, some rows and only the columns needed at a time."""
    _columns.look(names, content.columns)
    known = _columns.fields(names, content.columns)
    if "title" not in known:
        raise InputError(_columns.untitled(content.name, names))
    used = [name for name in dict.fromkeys(names) if any(name in columns for columns in known.values())]
    left = batches(used)
    number = 0
    while True:
        with _own_errors(content, form):
            batch = next(left, None)
            if batch is not None:
                # Arrow believes the offsets of a file; a damaged one would be read beyond its memory.
                batch.validate(full=True)
            rows = batch.to_pylist() if batch is not None else []
        if batch is None:
            return
        for row in rows:
            number += 1
            yield _cells.record(f"row {number}", row, known)


@contextmanager
def _own_errors(content: Content, form: str) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (
        pa.ArrowException,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        OverflowError,
        MemoryError,
    ) as error:
        reason = str(error).split("\n")[0][:200]
        raise InputError(f"{content.name} is a damaged {form} file ({reason}); write it again.") from error


PARQUET = Format("Parquet", _recognise_parquet, _read_parquet)
ARROW = Format("Arrow", _recognise_arrow, _read_arrow)
JSON_LINES = Format("JSON Lines", _recognise_lines, _read_lines)
JSON = Format("JSON", _recognise_json, _read_json)
