"""Text as people read it: entities and tags of HTML resolved, LaTeX kept but for its plainest commands.

Formulas stay as they were written, for `$O(n \\log n)$` reads better than what a guess would make of it.
Accents and letters written as commands become letters, `\\emph{...}` and its like leave their words, and
`\\%` is a percent sign. Cleaning is repeated until nothing changes, so a cleaned text is cleaned to itself.
"""

import html
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from trends.core.escape import clean_text, safe_url
from trends.papers import _latex
from trends.papers._content import parsed_json

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# Attributes in full, so that "a <b and c> d" is no tag.
_ATTRIBUTES = r"""(?:\s+[\w:-]+(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+)))*\s*/?"""
_TIGHT_TAG = re.compile(
    rf"</?(?:sub|sup|i|b|em|strong|u|span|a|tt|code|font|small|italic|bold|sc){_ATTRIBUTES}>", re.IGNORECASE
)
_LOOSE_TAG = re.compile(
    r"</?(?:p|br|div|li|ul|ol|h[1-6]|title|sec|list|list-item|inline-formula|table|tr|td|th|img|hr|section|pre"
    rf"|blockquote|(?:jats|mml|xhtml|m):[a-z-]+){_ATTRIBUTES}>|<!--[^<>]*-->",
    re.IGNORECASE,
)
_STYLE = re.compile(r"\\(?:emph|textit|textbf|texttt|textsc|textrm|textsf|underline|mbox|url)\s*\{([^{}]*)\}")
_ESCAPED = re.compile(r"\\([%&_#])")
# What text taken from a PDF leaves of a hyphen at the end of a line, and of letters without a name.
_LINE_HYPHEN = re.compile(r"(?:\(cid:173\)|\u00ad)\s*")
_GLYPH = re.compile(r"\(cid:\d{1,6}\)")
_WORD = re.compile(r"[^\W_]")
_AND = re.compile(r",?\s+(?:and|&)\s+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.[\s-]?){1,5}|[A-Z]{1,3}")
_SUFFIX = re.compile(r"[JS]r\.?|II|III|IV", re.IGNORECASE)
# "Wei Wang 0001" (DBLP), "Stone, Ada1 ada@example.org" and "Stone, Ada2" (EBSCO).
_AFTER_NAME = re.compile(r"\s+0\d{3}$|\d{0,2}\s+[^\s@]{1,80}@[^\s@]{1,80}$")
_NUMBERED_NAME = re.compile(r"([^,]+,\s[^,]*[a-z.])\d{1,2}")
_TIGHT_COMMA = re.compile(r",(?=[^\s,])")
_NOBODY = re.compile(
    r"\[?(?:anonymous|no authors? (?:name |id )?(?:available|listed)|authors? not listed)\]?\.?",
    re.IGNORECASE,
)
_NO_ABSTRACT = re.compile(r"\[?(?:no abstract available|abstract not available)\.?\]?\.?", re.IGNORECASE)
_MOST_NESTED = 12
_PARTS_OF_NAME = (
    ("given", "first_name", "firstName", "given_name", "forename"),
    ("family", "last_name", "lastName", "family_name", "surname"),
)
_NO_MARKS = {ord(mark): None for mark in "<&\\"}


def text(value: Any) -> str:
    """Return a value of any kind as clean text; the first text of a list; "" for what is no text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list | tuple):
        value = next((item for item in value if isinstance(item, str) and item.strip()), "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else ""
    return clean(str(value))


def clean(value: str) -> str:
    """Return a text without mark-up, control characters and superfluous white space."""
    # Most texts have nothing to clean, and these looks are cheaper than one substitution.
    tidy = value.isascii() and value.isprintable() and "  " not in value and value.strip() == value
    if tidy and "<" not in value and "&" not in value and "\\" not in value and "(cid:" not in value:
        return value
    for _ in range(_MOST_NESTED):
        cleaned = clean_text(_once(value))
        if cleaned == value:
            return cleaned
        value = cleaned
    # Mark-up nested beyond reason: without these characters nothing of it is left to resolve.
    return clean_text(value.translate(_NO_MARKS))


def has_words(value: str) -> bool:
    """Say whether a text holds a letter or digit of any script."""
    return _WORD.search(value) is not None


def texts(value: Any) -> list[str]:
    """Return the clean, non-empty texts of a list, a JSON list written as text, or a text of parts."""
    return [cleaned for part in _items(value, _split_tags) if (cleaned := text(_named(part)))]


def authors(value: Any) -> list[str]:
    """Return the names of authors given as a list, as objects with names, or as one text."""
    names = (_name(text(_named(part))) for part in _items(value, _split_authors))
    return [name for name in names if name and not _NOBODY.fullmatch(name)]


def is_no_abstract(value: Any) -> bool:
    """Say whether a text only tells that there is no abstract."""
    return isinstance(value, str) and len(value) < 40 and _NO_ABSTRACT.fullmatch(value.strip()) is not None


TOO_MANY = 1e15
"""Nothing is counted by the million billions: such a number is none, and its text could not be read again."""


def number(value: Any) -> float:
    """Return a count as a number, or NaN; "1,234" and "1.2k" are understood, and none is below zero."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d{1,15}(?:,\d{3})*(?:\.\d+)?)\s*([kK]?)\s*", value)
        if not match:
            return math.nan
        value = float(match[1].replace(",", "")) * (1000 if match[2] else 1)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        found = float(value)
    except OverflowError:
        return math.nan
    return abs(found) if 0 <= found < TOO_MANY else math.nan  # abs of minus zero


def address(value: Any) -> str:
    """Return the first http(s) address of a value, or ""."""
    for part in _items(value, str.split):
        if isinstance(part, str) and (safe := safe_url(part.strip(";,"))):
            return safe
    return ""


def _once(value: str) -> str:
    if "&" in value:
        value = _ENTITY.sub(lambda match: html.unescape(match[0]), value)
    if "<" in value:
        value = _LOOSE_TAG.sub(" ", _TIGHT_TAG.sub("", value))
    if "\\" in value:
        value = _ESCAPED.sub(r"\1", _STYLE.sub(r"\1", _latex.letters(value)))
    if "\u00ad" in value or "(cid:" in value:
        value = _GLYPH.sub(" ", _LINE_HYPHEN.sub("", value))
    return value


def _items(value: Any, split: Any) -> Iterable[Any]:
    if isinstance(value, str):
        listed = parsed_json(value) if value.startswith("[") else None
        return listed if isinstance(listed, list) else split(value)
    if isinstance(value, list | tuple | set | frozenset):
        return value
    tolist = getattr(value, "tolist", None)
    if tolist is not None and not isinstance(value, int | float):
        listed = tolist()
        return listed if isinstance(listed, list) else []
    return []


def _named(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    for key in ("name", "display_name", "fullname", "full_name"):
        if isinstance(part.get(key), str):
            return part[key]
    names = (
        next((part[key] for key in keys if isinstance(part.get(key), str)), "") for keys in _PARTS_OF_NAME
    )
    return " ".join(filter(None, names))


def _split_tags(value: str) -> Iterator[str]:
    yield from re.split(r"[;|]" if re.search(r"[;|]", value) else r",", value)


def _split_authors(value: str) -> list[str]:
    if "&" in value:
        value = html.unescape(value)
    if ";" in value:
        return value.split(";")
    parts = _AND.split(value)
    if len(parts) == 2 and ("," not in parts[1] or value.count(",") > 2):
        # "A. One, B. Two, and C. Three"; BibTeX's "One, A. and Two, B." has a comma in every part.
        return [*_comma_separated(parts[0]), *_comma_separated(parts[1])]
    return parts if len(parts) > 1 else _comma_separated(value)


def _comma_separated(value: str) -> list[str]:
    """Return the names of a list kept by commas, which may part a name too: "One, A., Two, B."."""
    parts: list[str] = []
    for part in map(str.strip, value.split(",")):
        if parts and _SUFFIX.fullmatch(part):
            parts[-1] += f", {part}"
        elif part:
            parts.append(part)
    initials = [_INITIALS.fullmatch(part.partition(",")[0]) is not None for part in parts]
    if len(parts) > 2 and len(parts) % 2 == 0 and all(initials[1::2]) and not any(initials[::2]):
        return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    return parts if len(parts) > 2 or all(" " in part for part in parts) else [value]


def _name(name: str) -> str:
    """Return a name without the numbers and addresses behind it, and with a space after its comma."""
    if "," in name:
        name = _TIGHT_COMMA.sub(", ", name)
    if name.isalpha() or not ("@" in name or name[-1:].isdigit()):
        return name
    name = _AFTER_NAME.sub("", name)
    numbered = _NUMBERED_NAME.fullmatch(name)
    return numbered[1] if numbered else name
