"""Answers of DBLP's search, which knows years, ends titles with a full stop and numbers authors."""

import re
from typing import Any

from trends.papers._formats import _json_items
from trends.papers._formats._json_items import Item, at, texts
from trends.papers._record import Record, Rejected

_NUMBER = re.compile(r"\s+\d{4}")


def _ours(item: Item) -> bool:
    return isinstance(item.get("info"), dict) and ("@id" in item or "@score" in item)


def _record(where: str, item: Item) -> Record | Rejected:
    info = item.get("info")
    if at(info, "type") == "Editorship":
        return Rejected(where, "an edited volume, not a paper")
    title, volume = at(info, "title"), at(info, "volume")
    return Record(
        where,
        title=title.removesuffix(".") if isinstance(title, str) else title,
        year=at(info, "year"),
        authors=[_NUMBER.sub("", name) for name in texts(at(info, "authors", "author"), "text")],
        venue=at(info, "venue"),
        url=_address(at(info, "ee")) or at(info, "url"),
        # CoRR is arXiv, and its volumes are "abs/" and the id.
        arxiv_id=volume.removeprefix("abs/") if isinstance(volume, str) else "",
        doi=at(info, "doi"),
    )


def _address(value: Any) -> Any:
    return at(value, 0) if isinstance(value, list) else value


FORMAT = _json_items.build("DBLP JSON", _ours, _record, ("result", "hits", "hit"))
