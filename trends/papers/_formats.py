"""The source formats in the order they are tried; a new one is a module with a Format, and a line here."""

from trends.papers import _daily_api, _pages, _tabular
from trends.papers._record import Format

FORMATS: tuple[Format, ...] = (
    _tabular.PARQUET,
    _daily_api.FORMAT,
    _tabular.JSON_LINES,
    _tabular.JSON,
    _pages.FORMAT,
    _tabular.DELIMITED,
)
