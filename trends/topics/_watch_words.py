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
    """A few phrases, each made into a search."""

    def __init__(self, phrases: Iterable[str]) -> None:
        texts = sorted({plain(phrase) for phrase in phrases if words(phrase)})
        acronyms = [words(text)[0].removesuffix("s") for text in texts if _is_acronym(text)]
        self._acronyms = [(stem, _search(re.escape(stem) + "s?")) for stem in acronyms]
        lower = [text.lower() for text in texts if not _is_acronym(text)]
        self._others = [([_stem(word)[0] for word in words(text)], _search(_pattern(text))) for text in lower]

    def said(self, text: str) -> bool:
        """Tell whether a text, as `plain` gives it, says one of the phrases."""
        # Looking for the bare letters first spares nearly every search: a tenth of the time.
        if any(stem in text and search.search(text) is not None for stem, search in self._acronyms):
            return True
        lower = text.lower()
        joined = lower.replace("-", "")
        return any(
            all(stem in joined for stem in stems) and search.search(lower) is not None
            for stems, search in self._others
        )


def plain(text: str) -> str:
    """Return a text without accents and ligatures, with one kind of hyphen, its capitals kept."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = text.replace("\u00ad", "")
    return _HYPHENS.sub("-", text)


def words(text: str) -> list[str]:
    """Return the words of a text, without what stands between them."""
    return _WORD.findall(plain(text))


def _search(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])")


def _is_acronym(phrase: str) -> bool:
    found = words(phrase)
    return len(found) == 1 and any(letter.isupper() for letter in found[0][1:])


def _pattern(phrase: str) -> str:
    """Return a pattern of a phrase in lower case."""
    gaps = [_between(gap) for gap in _WORD.split(phrase)[1:-1]]
    found = words(phrase)
    return "".join(part for word, gap in zip(found, [*gaps, ""]) for part in (_inflected(word), gap))


def _between(gap: str) -> str:
    """Return a pattern of what may stand between two words: space, a hyphen, nothing, or the given."""
    given = "" if gap in ("", "-") or gap.isspace() else rf"|\s*{re.escape(gap.strip())}\s*"
    return rf"(?:\s+|-{given})?"


def _inflected(word: str) -> str:
    """Return a pattern of a word's singular and plural; it may be cut by hyphens if it is long enough."""
    stem, ending = _stem(word)
    return ("-?" if len(word) > 5 else "").join(map(re.escape, stem)) + ending


def _stem(word: str) -> tuple[str, str]:
    """Return what singular and plural of a lower-case word share, and a pattern of their endings."""
    if len(word) < 4 and word.endswith("s"):
        return word, ""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3], "(?:y|ie|ies)"
    if word.endswith("y") and len(word) > 3 and word[-2] not in "aeiou":
        return word[:-1], "(?:y|ies)"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        if word.endswith("es") and word[:-2].endswith(_HISSING):
            return word[:-2], "(?:e?s)?"
        return word[:-1], "(?:s(?:es)?)?"
    return word, "(?:es)?" if word.endswith(_HISSING) else "s?"
