"""Files that come out byte for byte the same: zip entries without a clock, workbooks without formulas."""

import io
import os
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import pandas as pd

ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def day_of(papers: pd.DataFrame) -> datetime:
    """Return the date that files carry: $SOURCE_DATE_EPOCH, else that of the newest paper, else 1980."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdigit():
        return datetime.fromtimestamp(int(given), UTC).replace(tzinfo=None)
    newest = papers["date"].max()
    return datetime(*ZIP_DATE) if pd.isna(newest) else newest.to_pydatetime()


def rezipped(content: bytes) -> bytes:
    """Return a zip file of the same entries in the same order, all of one date."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            info = zipfile.ZipInfo(entry.filename, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            new.writestr(info, old.read(entry), compresslevel=9)
    return out.getvalue()


def workbook(
    categories: Sequence[str | date],
    columns: Sequence[tuple[str, Sequence[float | None]]],
    day: datetime,
) -> bytes:
    """Return the workbook behind a chart: categories in column A, one named column per series.

    Text is written as text, whatever it begins with: no formula, no link.
    """
    from xlsxwriter import Workbook

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(out, options)
    book.set_properties({"created": day})
    sheet = book.add_worksheet("Sheet1")
    iso = book.add_format({"num_format": "yyyy-mm-dd"})
    for row, category in enumerate(categories, start=1):
        if isinstance(category, str):
            sheet.write_string(row, 0, category)
        else:
            sheet.write_datetime(row, 0, datetime.combine(category, time()), iso)
    for column, (name, values) in enumerate(columns, start=1):
        sheet.write_string(0, column, name)
        for row, value in enumerate(values, start=1):
            if value is not None:
                sheet.write_number(row, column, value)
    book.close()
    return rezipped(out.getvalue())


def plain_number(value: Any) -> float | None:
    """Return a number of a table as a chart takes it, None where there is none."""
    return None if value is None or pd.isna(value) else float(value)
