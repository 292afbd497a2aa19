"""The Daily Papers of Hugging Face: one list per day, without search.

The service gives 50 papers unless asked for more, which cut long days short; 100 is the most it gives at
once, and where a day has more the next page is asked for.
"""

import datetime
from collections.abc import Mapping

from trends.papers._services._service import Ask, Page, Service, json_first, json_list, json_value

_MOST = 100
_LISTS = ("data", "papers", "results", "items", "dailyPapers")


def _parameters(ask: Ask, cursor: str, wanted: int) -> Mapping[str, str]:
    day = {"date": str(ask.since), "limit": str(_MOST)}
    return day | ({"p": cursor} if cursor != "0" else {})


def _read(data: bytes, cursor: str) -> Page:
    n_entries = len(json_list(json_value(data), *_LISTS))
    return Page(n_entries, str(int(cursor) + 1) if n_entries >= _MOST else None)


SERVICE = Service(
    name="hf",
    title="Hugging Face Daily Papers",
    address="https://huggingface.co/api/daily_papers",
    interval=0.7,  # anonymous callers have 500 requests in five minutes
    parameters=_parameters,
    read=_read,
    first=json_first(*_LISTS),
    start="0",
    first_day=datetime.date(2023, 5, 4),
)
