"""Notes of OpenReview, versions 1 and 2 of its API, where the second puts each field in a `value`.

A submission's date is when it was created: decisions come months later. Reviews, comments and decisions are
notes too; they answer another note.
"""

import datetime
from typing import Any

from trends.papers._formats import _json_items
from trends.papers._formats._json_items import Item, first
from trends.papers._record import Record, Rejected

_MARKS = ("forum", "invitation", "invitations", "signatures", "cdate", "tcdate")
_EPOCH = datetime.datetime(1970, 1, 1)


def _ours(item: Item) -> bool:
    return isinstance(item.get("content"), dict) and "id" in item and any(mark in item for mark in _MARKS)


def _record(where: str, item: Item) -> Record | Rejected:
    forum, note = item.get("forum"), item.get("id")
    if item.get("replyto") or (isinstance(forum, str) and forum and forum != note):
        return Rejected(where, "a review, comment or decision, not a paper")
    fields = _values(item.get("content"))
    return Record(
        where,
        title=fields.get("title"),
        abstract=fields.get("abstract"),
        date=_date(first(item, "cdate", "tcdate", "pdate", "odate")),
        tags=fields.get("keywords"),
        authors=fields.get("authors"),
        venue=first(fields, "venue", "venueid"),
        url=f"https://openreview.net/forum?id={note}" if isinstance(note, str) else "",
        doi=fields.get("doi"),
        identifier=first(fields, "html", "pdf"),
    )


def _values(content: Any) -> Item:
    """Return a note's fields without the objects that version 2 puts around them."""
    if not isinstance(content, dict):
        return {}
    return {name: field.get("value") if isinstance(field, dict) else field for name, field in content.items()}


def _date(milliseconds: Any) -> str:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return ""
    try:
        moment = _EPOCH + datetime.timedelta(milliseconds=milliseconds)
    except (OverflowError, ValueError):
        return ""
    # Imports from bibliographies know the year and write its first moment.
    if moment == datetime.datetime(moment.year, 1, 1):
        return f"{moment.year:04d}"
    return moment.date().isoformat()


FORMAT = _json_items.build("OpenReview", _ours, _record, ("notes",))
