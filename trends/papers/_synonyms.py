"""One name for tags that differ only in spelling, or that a file of synonyms says are the same.

Tags that differ in case, hyphens or the plural are one tag, under its most frequent spelling. Beyond that a
file decides (`trends/data/synonyms.toml`, which a user's own replaces). A category of arXiv gets its name:
"cs.LG" becomes "machine learning (cs.LG)", and stays apart from the keyword "machine learning".
"""

import importlib.resources
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from trends.papers import _tags

_ACRONYM = re.compile(r"(?<=\w)\s*\([a-z0-9-]{2,8}\)$")
_BETWEEN = re.compile(r"[^\w+#]|_")


class Synonyms:
    """Tags that mean the same, by the words they are made of."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._stems = _tags.Stems()
        self._shown: dict[str, str] = {}
        for name in sorted(names):
            for spelling in (name, *names[name]):
                self._shown.setdefault(self._key(spelling), name)
        self._categories = {
            spelling.lower(): f"{name} ({code})"
            for code, name in _categories().items()
            for spelling in (code, f"{name} ({code})")
        }

    def names(
        self, counts: Mapping[str, int], preferred: Iterable[str] = (), of: Collection[str] | None = None
    ) -> dict[str, str]:
        """Return the names that tags, all or some of those given with their number of papers, are shown by.

        A preferred name, one of the vocabulary's, goes before those of the synonyms.
        """
        first = {self._key(self._shown.get(self._key(name), name)): name for name in sorted(preferred)}
        shown = {tag: self._categories[tag.lower()] for tag in counts if tag.lower() in self._categories}
        keys = {tag: self._key(tag) for tag in counts if tag not in shown}
        frequent: dict[str, tuple[int, str]] = {}
        for tag, key in keys.items():
            frequent[key] = min(frequent.get(key, (0, "")), (-counts[tag], tag))
        for tag, key in keys.items() if of is None else [(tag, keys[tag]) for tag in of if tag in keys]:
            name = self._shown.get(key) or frequent[key][1]
            shown[tag] = first.get(self._key(name), name)
        return shown

    def _key(self, tag: str) -> str:
        plain = _ACRONYM.sub("", tag.lower()) if ")" in tag else tag.lower()
        words = _BETWEEN.sub(" ", plain).split()
        return " ".join(map(self._stems.__getitem__, words)) or tag


def synonyms(given: Mapping[str, Any] | str | Path | None) -> Synonyms:
    """Return the synonyms of a mapping, of a TOML or JSON file, or those that come with the package."""
    if given is None:
        return Synonyms(tomllib.loads(_shipped("synonyms.toml")))
    return Synonyms(_tags.lists(given, "synonyms"))


def _categories() -> dict[str, str]:
    return tomllib.loads(_shipped("arxiv_categories.toml"))


def _shipped(name: str) -> str:
    return (importlib.resources.files("trends.data") / name).read_text("utf-8")
