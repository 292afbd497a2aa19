"""Semantic Scholar's bulk search: JSON, a thousand papers a page, pages by token.

Its relevance search ends after a thousand papers; the bulk search does not, and gives them in a fixed order.
"""

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

_FIELDS = "title,abstract,year,publicationDate,authors,venue,externalIds,fieldsOfStudy,url"


def _parameters(ask: Ask, cursor: str, wanted: int) -> Mapping[str, str]:
    asked = {"query": ask.query, "fields": _FIELDS}
    if ask.since or ask.until:
        asked["publicationDateOrYear"] = f"{ask.since or ''}:{ask.until or ''}"
    return asked | ({"token": cursor} if cursor else {})


def _headers() -> Mapping[str, str]:
    key = from_environment("S2_API_KEY")
    return {"x-api-key": key} if key else {}


def _read(data: bytes, cursor: str) -> Page:
    value = json_value(data)
    total = whole(value.get("total")) if isinstance(value, dict) else None
    if total == 0 and "data" not in value:
        return Page(0, None, 0)
    n_entries = len(json_list(value, "data"))
    token = value.get("token") if isinstance(value, dict) else None
    return Page(n_entries, token if n_entries and isinstance(token, str) and token else None, total)


SERVICE = Service(
    name="s2",
    title="Semantic Scholar",
    address="https://api.semanticscholar.org/graph/v1/paper/search/bulk",
    interval=1.1,
    parameters=_parameters,
    read=_read,
    first=json_first("data"),
    headers=_headers,
    advice="Semantic Scholar gives more to callers with a key, which goes into $S2_API_KEY",
)
