"""Ordinary tables: JSON Lines, JSON lists, CSV in its dialects and Parquet; among them what `save` writes."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from trends.core.errors import InputError
from trends.papers import _columns
from trends.papers._content import Content, parsed_json
from trends.papers._record import Format, Record, Rejected

_DELIMITERS = (",", "\t", ";", "|")
# Keys that mark the objects of reference managers, whose fields mean something else.
_OTHERS = frozenset({"issued", "itemType"})
_LONGEST_CELL = 50_000_000
# `save` puts ' before a text that a spreadsheet would run as a formula.
_GUARDED = re.compile(r"'(?='*[=+\-@])")


def _recognise_lines(content: Content) -> bool:
    text = content.text
    if text is None:
        return False
    start = text.lstrip()[:2_000_000].split("\n")[:20]
    named = content.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))
    if not named and (text.lstrip()[:1] != "{" or content.json is not None):
        return False
    return any(isinstance(row, dict) for row in map(parsed_json, start))


def _read_lines(content: Content) -> Iterator[Record | Rejected]:
    rows: list[tuple[str, Any]] = []
    for number, line in enumerate((content.text or "").split("\n"), start=1):
        if line.strip():
            rows.append((f"line {number}", parsed_json(line)))
    return _objects(content.name, rows)


def _recognise_json(content: Content) -> bool:
    rows = [row for row in _json_rows(content)[:20] if isinstance(row, dict)]
    return any("title" in _columns.fields(row) for row in rows) and not any(
        _OTHERS.intersection(row) for row in rows
    )


def _read_json(content: Content) -> Iterator[Record | Rejected]:
    rows = [(f"record {number}", row) for number, row in enumerate(_json_rows(content), start=1)]
    return _objects(content.name, rows)


def _json_rows(content: Content) -> list[Any]:
    value = content.json
    if isinstance(value, dict):
        return [value] if "title" in _columns.fields(value) else []
    return value if isinstance(value, list) else []


def _objects(name: str, rows: list[tuple[str, Any]]) -> Iterator[Record | Rejected]:
    """Yield the records of JSON objects; objects of the same keys share the work of naming their fields."""
    known: dict[tuple[str, ...], dict[str, list[Any]]] = {}
    made: list[Record | Rejected] = []
    titled = False
    for where, row in rows:
        if not isinstance(row, dict):
            made.append(Rejected(where, "not a JSON object"))
            continue
        keys = tuple(row)
        if keys not in known:
            if len(known) > 1000:
                known.clear()
            known[keys] = _columns.fields(keys)
            titled = titled or "title" in known[keys]
        made.append(_columns.record(where, row, known[keys]))
    if not titled:
        raise InputError(_untitled(name, list(dict.fromkeys(key for keys in known for key in keys))))
    yield from made


def _untitled(name: str, columns: list[str]) -> str:
    shown = ", ".join(repr(column[:40]) for column in columns[:30])
    return f"{name} has no column of titles; it has {shown or 'no columns'}: rename one to 'title'."


def _recognise_delimited(content: Content) -> bool:
    if not content.text or content.text.lstrip()[:1] in ("{", "[", "<", "@", "%"):
        return False
    if content.name.lower().removesuffix(".gz").endswith((".csv", ".tsv")):
        return True
    known = _columns.fields(_header(content.text)[1])
    return "title" in known and len(known) >= 2


def _read_delimited(content: Content) -> Iterator[Record | Rejected]:
    text = (content.text or "").lstrip("\n")
    delimiter, columns = _header(text)
    known = _columns.fields(columns)
    if "title" not in known:
        raise InputError(_untitled(content.name, columns))
    own = "tag_sources" in known
    largest = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        next(reader)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Rejected(f"line {reader.line_num}", f"not readable as CSV: {error}")
                continue
            if not any(cell.strip() for cell in cells):
                continue
            where = f"line {reader.line_num}"
            if own:
                cells = [_GUARDED.sub("", cell, count=1) if cell.startswith("'") else cell for cell in cells]
            # Databases are known to export more cells than columns; what has no name has no meaning here.
            yield _columns.record(where, dict(zip(columns, cells, strict=False)), known)
    finally:
        csv.field_size_limit(largest)


def _header(text: str) -> tuple[str, list[str]]:
    """Return the delimiter under which the first line names most fields, and its columns."""
    first = text.lstrip("\n")[:100_000]
    best = (",", [""])
    most = (-1, -1)
    for delimiter in _DELIMITERS:
        try:
            columns = [
                cell.strip()
                for cell in next(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter), [])
            ]
        except csv.Error:
            continue
        score = (len(_columns.fields(columns)), len(columns))
        if score > most:
            most, best = score, (delimiter, columns)
    return best


def _recognise_parquet(content: Content) -> bool:
    return content.data[:4] == b"PAR1"


def _read_parquet(content: Content) -> Iterator[Record | Rejected]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content.data))
        rows = table.to_pylist()
    except (pa.ArrowException, OSError, ValueError, TypeError, OverflowError, MemoryError) as error:
        reason = str(error).split("\n")[0][:200]
        raise InputError(f"{content.name} is a damaged Parquet file ({reason}); write it again.") from error
    known = _columns.fields(table.column_names)
    if "title" not in known:
        raise InputError(_untitled(content.name, table.column_names))
    for number, row in enumerate(rows, start=1):
        yield _columns.record(f"row {number}", row, known)


PARQUET = Format("Parquet", _recognise_parquet, _read_parquet)
JSON_LINES = Format("JSON Lines", _recognise_lines, _read_lines)
JSON = Format("JSON", _recognise_json, _read_json)
DELIMITED = Format("CSV", _recognise_delimited, _read_delimited)
