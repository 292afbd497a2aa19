"""OpenAlex's works: JSON, pages by cursor, a hundred works each, which is the most that it gives.

A query is a text to search for, or a filter expression of OpenAlex. Only the fields that are read are asked
for (9.6 of 16 KB a work, mean of 50). A free key goes into a header, so that it is in no address.
"""

import re
from collections.abc import Mapping

from trends.papers._services._service import (
    Ask,
    Page,
    Service,
    from_environment,
    json_first,
    json_list,
    json_value,
    whole,
)

_PAGE = 100
_FIELDS = (
    "id,doi,title,display_name,publication_year,publication_date,ids,language,type,primary_location,"
    "locations,authorships,abstract_inverted_index,keywords,topics"
)
_FILTER = re.compile(r"[a-z_]+(?:\.[a-z_]+)*:\S")


def _parameters(ask: Ask, cursor: str, wanted: int) -> Mapping[str, str]:
    by_filter = _FILTER.match(ask.query) is not None
    filters = [ask.query] if by_filter else []
    filters += [f"from_publication_date:{ask.since}"] if ask.since else []
    filters += [f"to_publication_date:{ask.until}"] if ask.until else []
    asked = {"per_page": str(min(_PAGE, wanted)), "cursor": cursor, "select": _FIELDS}
    if ask.query and not by_filter:
        asked["search"] = ask.query
    if filters:
        asked["filter"] = ",".join(filters)
    if mailto := from_environment("TRENDS_MAILTO"):
        asked["mailto"] = mailto
    return asked


def _headers() -> Mapping[str, str]:
    key = from_environment("OPENALEX_API_KEY")
    return {"Authorization": f"Bearer {key}"} if key else {}


def _read(data: bytes, cursor: str) -> Page:
    value = json_value(data)
    n_entries = len(json_list(value, "results"))
    meta = value.get("meta") if isinstance(value, dict) else None
    meta = meta if isinstance(meta, dict) else {}
    following = meta.get("next_cursor")
    more = n_entries > 0 and isinstance(following, str) and following != ""
    return Page(n_entries, following if more else None, whole(meta.get("count")))


SERVICE = Service(
    name="openalex",
    title="OpenAlex",
    address="https://api.openalex.org/works",
    interval=0.2,
    parameters=_parameters,
    read=_read,
    first=json_first("results"),
    headers=_headers,
    start="*",
    advice="OpenAlex gives little without a key; a free one from openalex.org goes into $OPENALEX_API_KEY",
)
