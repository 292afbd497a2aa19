"""Tags for papers whose sources give none: phrases of a small vocabulary, looked for in title and abstract.

The vocabulary is `trends/data/tags.toml`, a tag and its phrases per line; another file of that shape (TOML or
JSON) or a mapping replaces it. Phrases match whole words in any case, with hyphens and spaces alike, in
singular and plural.
"""

import importlib.resources
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trends.core.errors import InputError

_WORD = re.compile(r"[^\W_]+")
_SPACED = {code: " " for code in range(128) if not chr(code).isalnum()}


class Vocabulary:
    """Tags and the phrases that stand for them."""

    def __init__(self, phrases: Mapping[str, Sequence[str]]) -> None:
        self.names = tuple(sorted(phrases))
        self._stems = Stems()
        self._by_first: dict[str, list[tuple[str, str]]] = {}
        for tag in sorted(phrases):
            for phrase in sorted(set(phrases[tag])):
                words = self._words(phrase)
                if words:
                    self._by_first.setdefault(words[0], []).append((f" {' '.join(words)} ", tag))
        self._firsts = frozenset(self._by_first)

    def tags(self, text: str) -> list[str]:
        """Return the tags whose phrases occur in a text, sorted."""
        words = self._words(text)
        begun = self._firsts.intersection(words)
        if not begun:
            return []
        spaced = f" {' '.join(words)} "
        return sorted({tag for first in begun for phrase, tag in self._by_first[first] if phrase in spaced})

    def _words(self, text: str) -> list[str]:
        text = text.lower()
        # Nearly all texts are ASCII; there, translating and splitting is faster than a pattern.
        words = text.translate(_SPACED).split() if text.isascii() else _WORD.findall(text)
        return list(map(self._stems.__getitem__, words))


class Stems(dict[str, str]):
    """Words without the plural's s, each worked out once."""

    def __missing__(self, word: str) -> str:
        stem = word
        if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
            stem = word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
        if len(self) < 1_000_000:
            self[word] = stem
        return stem


def vocabulary(given: Mapping[str, Any] | str | Path | None) -> Vocabulary:
    """Return the vocabulary of a mapping, of a TOML or JSON file, or the one that comes with the package."""
    if given is None:
        text = (importlib.resources.files("trends.data") / "tags.toml").read_text("utf-8")
        return Vocabulary(tomllib.loads(text))
    return Vocabulary(lists(given, "tags"))


def lists(given: Mapping[str, Any] | str | Path, parameter: str) -> dict[str, list[str]]:
    """Return a mapping from tag to phrases as given, or as a TOML or JSON file has it."""
    name = parameter
    if not isinstance(given, Mapping):
        name = getattr(given, "name", str(given))
        given = _read(given, parameter)
    phrases: dict[str, list[str]] = {}
    for tag, value in given.items():
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(phrase, str) for phrase in listed):
            raise InputError(
                f"{name}: the tag {str(tag)[:60]!r} must have a list of phrases, not {str(value)[:60]!r}."
            )
        phrases[str(tag)] = list(listed)
    return phrases


def _read(path: Any, parameter: str) -> Mapping[str, Any]:
    if not isinstance(path, str | Path):
        raise InputError(
            f"{parameter} must be a mapping or the path of a TOML or JSON file, not {type(path).__name__}."
        )
    file = Path(path).expanduser()
    try:
        text = file.read_bytes().decode("utf-8-sig")
        value = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file.name} cannot be read as {parameter} in TOML or JSON: {error}.") from error
    if not isinstance(value, Mapping):
        raise InputError(f"{file.name} must map each tag to a list of phrases.")
    return value
