"""Excel workbooks, .xlsx through openpyxl and .xls through xlrd, as values only: no formula is run.

A sheet is read row by row and no further than its header names columns, so a stray cell in the last row or
column costs nothing. Read are the first sheet that has a column of titles, and the sheets that have
the same columns: searches are often kept one sheet per year.
"""

import datetime
import io
import warnings
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from trends.core.errors import InputError
from trends.papers import _columns
from trends.papers._content import HARMLESS, LARGEST, MOST_UNPACKED, Content
from trends.papers._formats import _rows
from trends.papers._record import Format, Record, Rejected

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names as they stand in an OLE2 directory, where each fills 64 bytes.
_WORKBOOK, _BOOK, _ENCRYPTED = (
    name.encode("utf-16-le").ljust(64, b"\0") for name in ("Workbook", "Book", "EncryptedPackage")
)
_BINARY = "xl/workbook.bin"
_MAIN = ("xl/workbook.xml", _BINARY)
_AT_ONCE = 1000
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 2000
_ERRORS = frozenset({"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})


class _Sheet(NamedTuple):
    """A sheet's name and its rows from the top, to a number of columns."""

    name: str
    rows: Callable[[int], Iterator[list[Any]]]


def _recognise(content: Content) -> bool:
    head = content.head
    if head.startswith(_OLE2):
        return any(name in content.data for name in (_WORKBOOK, _BOOK, _ENCRYPTED))
    return head.startswith(b"PK\x03\x04") and not {*_MAIN}.isdisjoint(_members(content.data))


def _read(content: Content) -> Iterator[Record | Rejected]:
    sheets = _old(content) if content.head.startswith(_OLE2) else _new(content)
    first: set[str] = set()
    seen: list[str] = []
    for sheet in sheets:
        top = list(islice(_guarded(content, sheet, _MOST_COLUMNS), _rows.SOUGHT))
        filled = [row for row in top if any(cell is not None for cell in row)]
        if filled and not first and _rows.on_end(filled, content.columns):
            yield from _rows.records_on_end(_placed(content, sheet, _MOST_COLUMNS), content.columns)
            return
        at = _rows.header(top, content.columns)
        if at is None:
            seen += [cell for row in filled[:1] for cell in row if isinstance(cell, str)]
            continue
        columns = _trimmed(top[at])
        named = set(_columns.positions(columns, content.columns))
        if first and named != first:
            continue
        first = named
        below = islice(_placed(content, sheet, len(columns)), at + 1, None)
        yield from _rows.records(below, columns, content.columns)
    if not first:
        _columns.look(seen, content.columns)
        raise InputError(_columns.untitled(content.name, seen))


def _placed(content: Content, sheet: _Sheet, n_columns: int) -> Iterator[_rows.Row]:
    for number, cells in enumerate(_guarded(content, sheet, n_columns), start=1):
        yield f"sheet {sheet.name[:40]!r}, row {number}", cells


def _trimmed(cells: list[Any]) -> list[Any]:
    filled = [at for at, cell in enumerate(cells) if cell is not None]
    return cells[: filled[-1] + 1] if filled else []


def _guarded(content: Content, sheet: _Sheet, n_columns: int) -> Iterator[list[Any]]:
    """Yield a sheet's rows without the libraries' warnings; their errors of any kind become our own."""
    rows = sheet.rows(n_columns)
    broken: Exception | None = None
    taken: list[Any] = [None]
    while taken and broken is None:
        taken = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                taken.extend(islice(rows, _AT_ONCE))
        except Exception as error:  # both libraries let errors of every kind escape on damaged files
            broken = error
        for row in taken:
            yield [_value(cell) for cell in row] if row.count(None) < len(row) else []
    if broken is not None:
        raise _damaged(content, broken) from broken


def _value(cell: Any) -> Any:
    if isinstance(cell, str):
        return None if cell in _ERRORS or not cell.strip() else cell
    if isinstance(cell, datetime.time | datetime.timedelta):
        return str(cell)
    return cell


def _damaged(content: Content, error: Exception) -> InputError:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return InputError(
        f"{content.name} is a damaged Excel file ({reason}); open it in a spreadsheet and save it again "
        "as .xlsx or CSV."
    )


def _locked(content: Content) -> InputError:
    return InputError(f"{content.name} is locked with a password; save it without one.")


def _members(data: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
        return []


def _new(content: Content) -> Iterator[_Sheet]:
    """Yield the sheets of an .xlsx file."""
    from openpyxl import DEFUSEDXML, load_workbook

    with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
        members = archive.infolist()
    # What a member declares is also the most that is unpacked of it.
    unpacked = sum(member.file_size for member in members)
    if unpacked > min(LARGEST, max(HARMLESS, MOST_UNPACKED * len(content.data))):
        raise InputError(
            f"{content.name} unpacks to {unpacked // 1024**2} MiB, too much for an Excel file of its size; "
            "save it as CSV."
        )
    if _BINARY in {member.filename for member in members}:
        raise InputError(
            f"{content.name} is an Excel file in the binary form .xlsb; save it as .xlsx or CSV."
        )
    if not DEFUSEDXML:
        raise InputError(f"{content.name} is not read because openpyxl does not use defusedxml; install it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content.data), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl lets errors of every kind escape on damaged files
        raise _damaged(content, error) from error
    for sheet in book.worksheets:

        def rows(n_columns: int, sheet: Any = sheet) -> Iterator[list[Any]]:
            # The bounds that a sheet declares for itself may be wrong.
            sheet.reset_dimensions()
            return sheet.iter_rows(max_row=_MOST_ROWS, max_col=n_columns, values_only=True)

        yield _Sheet(str(sheet.title), rows)


def _old(content: Content) -> Iterator[_Sheet]:
    """Yield the sheets of an .xls file."""
    import xlrd

    if _ENCRYPTED in content.data:
        raise _locked(content)
    try:
        book = xlrd.open_workbook(
            file_contents=content.data, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        )
    except Exception as error:  # xlrd lets errors of every kind escape on damaged files
        if "encrypted" in str(error).lower():
            raise _locked(content) from error
        raise _damaged(content, error) from error
    for number, name in enumerate(book.sheet_names()):

        def rows(n_columns: int, number: int = number) -> Iterator[list[Any]]:
            sheet = book.sheet_by_index(number)
            for at in range(sheet.nrows):
                yield [_old_value(cell, book.datemode) for cell in sheet.row(at)[:n_columns]]

        yield _Sheet(str(name), rows)


def _old_value(cell: Any, datemode: int) -> Any:
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR):
        return None
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(cell.value, datemode)
        except (ValueError, OverflowError):
            return None
    if isinstance(cell.value, float) and cell.value.is_integer():
        return int(cell.value)
    return cell.value


FORMAT = Format("Excel", _recognise, _read)
