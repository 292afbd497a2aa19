"""Rows of cells, as CSV and Excel give them: which row names the columns, and what the rows below it hold.

Exports put search terms, licences and dates above their header, so the header is the row near the top that
names most fields. Embase also exports records on end, with a field's name in the first cell of each row.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from trends.papers import _cells, _columns
from trends.papers._record import Record, Rejected

SOUGHT = 40
"""Rows from the top among which the header is looked for."""

Row = tuple[str, Sequence[Any]]
"""Where a row is, and its cells."""

_FEWEST_FIELDS = 3
_MOST_COLUMNS = 2000
# `save` puts ' before a text that a spreadsheet would run as a formula.
_GUARDED = re.compile(r"'(?='*[=+\-@])")
_NEXT_RECORD = re.compile(r"record\s+\d+", re.IGNORECASE)


def named(cells: Sequence[Any], chosen: Mapping[str, Any]) -> int:
    """Return how many fields a row would name as a header; 0 where none is the title."""
    known = _columns.positions(list(cells[:_MOST_COLUMNS]), chosen) if len(cells) else {}
    return len(known) if "title" in known else 0


def header(rows: Sequence[Sequence[Any]], chosen: Mapping[str, Any]) -> int | None:
    """Return which row names most fields, the first of several, or None where no row names a title."""
    counts = [named(cells, chosen) for cells in rows[:SOUGHT]]
    most = max(counts, default=0)
    return counts.index(most) if most else None


def on_end(rows: Sequence[Sequence[Any]], chosen: Mapping[str, Any]) -> bool:
    """Say whether each row holds one field of a record, its name in the first cell."""
    names = list(dict.fromkeys(str(cells[0]).strip() for cells in rows[:SOUGHT] if len(cells) > 1))
    if named(names, chosen) < _FEWEST_FIELDS:
        return False
    return max(named(cells, chosen) for cells in rows[:SOUGHT]) < _FEWEST_FIELDS


def records(
    rows: Iterable[Row | Rejected], columns: Sequence[Any], chosen: Mapping[str, Any]
) -> Iterator[Record | Rejected]:
    """Yield the record of every row below a header that names a title; blank rows are none."""
    titles = [_text(column) for column in columns]
    _columns.look(titles, chosen)
    known = _columns.positions(titles[:_MOST_COLUMNS], chosen)
    first_title = min(known["title"])
    own = "tag_sources" in known
    for item in rows:
        if isinstance(item, Rejected):
            yield item
            continue
        where, cells = item
        if not any(not _is_blank(cell) for cell in cells):
            continue
        if _text(cells[0]) == titles[0] and [_text(cell) for cell in cells] == titles:
            yield Rejected(where, "the header again")
            continue
        if len(cells) <= first_title:
            yield Rejected(where, f"{len(cells)} cells of {len(columns)}, and none of them is the title's")
            continue
        if own:
            cells = [_unguarded(cell) for cell in cells]
        row = dict(enumerate(cells))
        reason = _cells.not_a_paper(row, known) if "kind" in known else ""
        yield Rejected(where, reason) if reason else _cells.record(where, row, known)


def records_on_end(rows: Iterable[Row | Rejected], chosen: Mapping[str, Any]) -> Iterator[Record | Rejected]:
    """Yield the records of a table on end; one begins at its mark or where a field comes a second time."""
    where, record = "", dict[str, Any]()
    for item in chain(rows, [("", ("record 0",))]):
        if isinstance(item, Rejected):
            yield item
            continue
        place, cells = item
        filled = [cell for cell in cells if not _is_blank(cell)]
        if not filled:
            continue
        name = _text(cells[0])
        mark = len(filled) == 1 and _NEXT_RECORD.fullmatch(name) is not None
        if record and (mark or name in record):
            _columns.look(record, chosen)
            yield _cells.record(where, record, _columns.fields(record, chosen))
            record = {}
        if not mark and name:
            where = where if record else place
            values = [cell for cell in cells[1:] if not _is_blank(cell)]
            record[name] = values[0] if len(values) == 1 else values


def _text(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else "" if cell is None else str(cell)


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _unguarded(cell: Any) -> Any:
    return _GUARDED.sub("", cell, count=1) if isinstance(cell, str) and cell.startswith("'") else cell
