"""The items of JSON files: found wherever a service puts its list of them, and entered without surprises.

Services answer with an object around a list, people keep that list alone, several answers in one list, an
item or an answer per line, or one item by itself. A format names the places of its list and what marks its
items; the rest is the same for all. Lines are read one at a time, since snapshots reach gigabytes. Of a
document that breaks off, that has a comma too many, or that is several written one after the other, the
items that are whole are read, and the break is told.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from trends.papers._content import Content, parsed_json
from trends.papers._record import Format, Record, Rejected

Place = tuple[str, ...]
Item = dict[str, Any]

_LOOKED_AT = 20
_DECODER = json.JSONDecoder()
_GAP = re.compile(r"[\s,\ufeff]*")
_COLON = re.compile(r"\s*:\s*")
_MOST_NESTED = 5
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_LANGUAGES = {
    name: code
    for code, names in {
        "ar": "ara arabic",
        "cs": "cze ces czech",
        "da": "dan danish",
        "de": "ger deu german deutsch",
        "el": "gre ell greek",
        "en": "eng english",
        "es": "spa spanish español",
        "fa": "per fas persian",
        "fi": "fin finnish",
        "fr": "fre fra french français",
        "he": "heb hebrew",
        "hu": "hun hungarian",
        "it": "ita italian italiano",
        "ja": "jpn japanese",
        "ko": "kor korean",
        "nl": "dut nld dutch",
        "no": "nor norwegian",
        "pl": "pol polish",
        "pt": "por portuguese português",
        "ru": "rus russian",
        "sv": "swe swedish",
        "tr": "tur turkish",
        "uk": "ukr ukrainian",
        "zh": "chi zho chinese",
    }.items()
    for name in names.split()
}


def build(
    name: str, ours: Callable[[Item], bool], record: Callable[[str, Item], Record | Rejected], *places: Place
) -> Format:
    """Make a format of JSON.

    Parameters
    ----------
    name
        The format's name in the reading log.
    ours
        Says whether an object is an item of this format.
    record
        Makes the record of an item at a place of the file.
    places
        The keys that lead to the list of items (or to a single item) in an answer, the best first.
    """

    def recognise(content: Content) -> bool:
        items = islice(_items(_sample(content), places), _LOOKED_AT)
        return any(isinstance(item, dict) and ours(item) for _, item in items)

    def read(content: Content) -> Iterator[Record | Rejected]:
        for where, item in _items(_values(content), places):
            if isinstance(item, Rejected):
                yield item
            else:
                yield record(where, item) if isinstance(item, dict) else Rejected(where, "not a JSON object")

    return Format(name, recognise, read)


def at(value: Any, *keys: str | int) -> Any:
    """Return what keys and positions lead to, or None where something on the way is missing or odd."""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def listed(value: Any) -> list[Any]:
    """Return a list as it is, one object or text as a list of it, and an empty list for anything else."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict | str) and value else []


def texts(value: Any, *keys: str | int) -> list[str]:
    """Return the texts of a list, and of its objects the texts that keys lead to."""
    found = (at(part, *keys) if isinstance(part, dict) else part for part in listed(value))
    return [text for text in found if isinstance(text, str) and text.strip()]


def first(item: Item, *keys: str) -> Any:
    """Return the first value among keys that is not empty."""
    return next((value for key in keys if (value := item.get(key)) not in (None, "", [], {})), None)


def language(value: Any) -> str:
    """Return the ISO 639-1 code of a language given as code, tag or English name, or ""."""
    match = _FIRST_WORD.match(value.strip().lower()) if isinstance(value, str) else None
    if not match:
        return ""
    return match[0] if len(match[0]) == 2 and match[0].isascii() else _LANGUAGES.get(match[0], "")


def document(content: Content, *, start: bool = False) -> tuple[Any, Rejected | None]:
    """Return the value of a JSON document, None where there is none, and where it is damaged, if it is.

    Parameters
    ----------
    content
        The file.
    start
        Whether the first megabyte will do where the document is damaged.
    """
    if content.json is not None or content.start.lstrip()[:1] not in ("{", "[") or is_lines(content):
        return content.json, None
    text = content.start if start else content.text
    return (None, None) if text is None else _salvaged(text)


def is_lines(content: Content) -> bool:
    """Say whether a file has an object in a line of its own among its first lines."""
    lines = content.start.split("\n", _LOOKED_AT)[:_LOOKED_AT]
    return any(line[:1] == "{" and isinstance(parsed_json(line), dict) for line in lines)


def _salvaged(text: str) -> tuple[Any, Rejected | None]:
    """Return what is whole of a damaged document, or of several in one file, and where the damage is."""
    found: list[Any] = []
    at, whole = _after(_GAP, text, 0), True
    while whole and at < len(text):
        value, at, whole = _value(text, at, 0)
        if whole or value:
            found.append(value)
        at = _after(_GAP, text, at)
    broken = None
    if not whole:
        line = text.count("\n", 0, at) + 1
        broken = Rejected(f"line {line}", "the JSON is damaged or breaks off in this item; reading ends here")
    if len(found) == 1:
        return found[0], broken
    return [one for value in found for one in (value if isinstance(value, list) else [value])], broken


def _value(text: str, at: int, depth: int) -> tuple[Any, int, bool]:
    """Return the value at a place, the place after it or of the damage, and whether the value is whole.

    Of a damaged list the items before the damage are returned, of a damaged object the damaged list in it.
    """
    try:
        return *_DECODER.raw_decode(text, at), True
    except (ValueError, RecursionError):
        opening = text[at : at + 1]
    if depth >= _MOST_NESTED or opening not in ("[", "{"):
        return None, at, False
    items: list[Any] = []
    named: dict[str, Any] = {}
    at += 1
    while (at := _after(_GAP, text, at)) < len(text):
        if text[at] in "]}":
            return (items if opening == "[" else named), at + 1, True
        name = ""
        if opening == "{":
            name, at, whole = _value(text, at, _MOST_NESTED)
            if not whole or not isinstance(name, str):
                return None, at, False
            at = _after(_COLON, text, at)
        value, at, whole = _value(text, at, depth + 1)
        if not whole:
            return (items if opening == "[" else {name: value} if value else None), at, False
        items.append(value)
        named[name] = value
    return (items if opening == "[" else None), at, False


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _sample(content: Content) -> Iterable[tuple[str, Any]]:
    """Return the values of a document, or of the lines that the start of a file holds."""
    if content.start.lstrip()[:1] not in ("{", "["):
        return ()
    value, _ = document(content, start=True)
    if value is not None:
        return _parts(value)
    lines = content.start.split("\n", _LOOKED_AT)[:_LOOKED_AT]
    return (("", parsed_json(line)) for line in lines)


def _values(content: Content) -> Iterator[tuple[str, Any]]:
    """Yield the values of a document, or of all lines; each is an item or an answer, and None if broken."""
    value, broken = document(content)
    if value is not None:
        yield from _parts(value)
        if broken:
            yield broken.where, broken
        return
    for number, line in enumerate(content.lines(), start=1):
        if line.strip():
            yield f"line {number}", parsed_json(line)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"record {number}", part) for number, part in enumerate(value, start=1))
    else:
        yield "", value


def _items(values: Iterable[tuple[str, Any]], places: tuple[Place, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the items of values, taking answers apart."""
    for where, value in values:
        found = next((found for place in places if isinstance(found := at(value, *place), list | dict)), None)
        if found is None:
            yield where or "record 1", value
            continue
        answer = where.replace("record", "answer") + ", " if where else ""
        for number, item in enumerate(listed(found), start=1):
            yield f"{answer}record {number}", item
