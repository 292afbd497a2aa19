"""Whether a text says a phrase: whole words, in any case, with or without hyphens, singular or plural.

"mixture of experts" is said by "Mixture-of-Experts" and "mixtures of experts", "auto-encoder" by
"autoencoders". A phrase that is one word with a capital after its first letter is an acronym and must be
written so: "SAE" is said by "SAE" and "SAEs", and not by "sae" in another language.
"""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+[+#]*")  # C++ and C# are words
_HYPHENS = re.compile(r"[-\u2010-\u2013\u2212]\s*")
_EDGES = r"(?<![^\W_])(?:", r")(?![^\W_])"
_HISSING = ("s", "x", "z", "ch", "sh")


class Phrases:
    """A few phrases, made into one search."""

    def __init__(self, phrases: Iterable[str]) -> None:
        patterns = sorted({pattern for phrase in phrases if (pattern := _pattern(plain(phrase)))})
        self._search = re.compile(_EDGES[0] + "|".join(patterns) + _EDGES[1]) if patterns else None

    def said(self, text: str) -> bool:
        """Tell whether a text, as `plain` gives it, says one of the phrases."""
        return self._search is not None and self._search.search(text) is not None


def plain(text: str) -> str:
    """Return a text without accents and ligatures, with one kind of hyphen, its capitals kept."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = text.replace("\u00ad", "")
    return _HYPHENS.sub("-", text)


def words(text: str) -> list[str]:
    """Return the words of a text, without what stands between them."""
    return _WORD.findall(plain(text))


def _pattern(phrase: str) -> str:
    found = words(phrase)
    if len(found) == 1 and any(letter.isupper() for letter in found[0][1:]):
        stem = found[0][:-1] if found[0].endswith("s") else found[0]
        return f"{re.escape(stem)}s?"
    gaps = [_between(gap) for gap in _WORD.split(phrase)[1:-1]]
    each = "".join(part for word, gap in zip(found, [*gaps, ""]) for part in (_inflected(word), gap))
    return f"(?i:{each})" if each else ""


def _between(gap: str) -> str:
    """Return a pattern of what may stand between two words: space, a hyphen, nothing, or the given."""
    given = "" if gap in ("", "-") or gap.isspace() else rf"|\s*{re.escape(gap.strip())}\s*"
    return rf"(?:\s+|-{given})?"


def _inflected(word: str) -> str:
    """Return a pattern of a word's singular and plural, either of which may be given."""
    lower = word.lower()
    if len(lower) < 4 and lower.endswith("s"):
        return _hyphenated(word)
    if lower.endswith("ies") and len(lower) > 4:
        return _hyphenated(word[:-3]) + "(?:y|ie|ies)"
    if lower.endswith("y") and len(lower) > 3 and lower[-2] not in "aeiou":
        return _hyphenated(word[:-1]) + "(?:y|ies)"
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        if lower.endswith("es") and lower[:-2].endswith(_HISSING):
            return _hyphenated(word[:-2]) + "(?:e?s)?"
        return _hyphenated(word[:-1]) + "(?:s(?:es)?)?"
    return _hyphenated(word) + ("(?:es)?" if lower.endswith(_HISSING) else "s?")


def _hyphenated(word: str) -> str:
    """Return a pattern of a word that may be cut by hyphens, if it is long enough to be made of two."""
    return ("-?" if len(word) > 5 else "").join(map(re.escape, word))
