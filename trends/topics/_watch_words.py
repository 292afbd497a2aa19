"""Whether a text says a phrase: whole words, in any case, with or without hyphens, singular or plural.

"mixture of experts" is said by "Mixture-of-Experts" and "mixtures of experts", "auto-encoder" by
"autoencoders". A phrase that is one word with a capital after its first letter is an acronym and must be
written so: "SAE" is said by "SAE" and "SAEs", and not by "sae" in another language.
"""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")
_HYPHENS = re.compile(r"\s*[-\u00ad\u2010-\u2015\u2212]\s*")
_EDGES = r"(?<![^\W_])(?:", r")(?![^\W_])"
_HISSING = ("s", "x", "z", "ch", "sh")


class Phrases:
    """A few phrases, made into one search."""

    def __init__(self, phrases: Iterable[str]) -> None:
        patterns = sorted({pattern for phrase in phrases if (pattern := _pattern(plain(phrase)))})
        self._search = re.compile(_EDGES[0] + "|".join(patterns) + _EDGES[1]) if patterns else None

    def said(self, text: str) -> bool:
        """Tell whether a text, as `plain` gives it, says one of the phrases."""
        if self._search is None:
            return False
        if self._search.search(_HYPHENS.sub(" ", text)):
            return True
        joined = _HYPHENS.sub("", text)  # "auto-encoder" for "autoencoder"
        return joined != text and self._search.search(joined) is not None


def plain(text: str) -> str:
    """Return a text without accents and ligatures, its capitals kept."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Return the words of a text, letters and digits only."""
    return _WORD.findall(plain(text))


def _pattern(phrase: str) -> str:
    found = words(phrase)
    if len(found) == 1 and any(letter.isupper() for letter in found[0][1:]):
        stem = found[0][:-1] if found[0].endswith("s") else found[0]
        return f"{re.escape(stem)}s?"
    each = r"\s*".join(_inflected(word) for word in found)
    return f"(?i:{each})" if each else ""


def _inflected(word: str) -> str:
    """Return a pattern of a word's singular and plural; either may be given."""
    lower = word.lower()
    if len(lower) < 4 and lower.endswith("s"):
        return re.escape(word)
    if lower.endswith("ies") and len(lower) > 4:
        return re.escape(word[:-3]) + "(?:y|ie|ies)"
    if lower.endswith("y") and len(lower) > 3 and lower[-2] not in "aeiou":
        return re.escape(word[:-1]) + "(?:y|ies)"
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        if lower.endswith("es") and lower[:-2].endswith(_HISSING):
            return re.escape(word[:-2]) + "(?:e?s)?"
        return re.escape(word[:-1]) + "s?"
    return re.escape(word) + ("(?:es)?" if lower.endswith(_HISSING) else "s?")
