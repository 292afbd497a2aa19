"""Which spellings are one word: plurals, possessives, and hyphens that some writers leave out.

The corpus decides: "dynamics" would lose its s only to a word that is its singular, "pre-training" is
"pretraining" only where somebody writes it so. A rule that needs no dictionary keeps any language whole.
"""

from collections.abc import Mapping

_NOT_PLURAL = frozenset(
    "news lens series species means always bias gas plus thus less towards alias canvas atlas "
    "mathematics mechanics ethics".split()
)
_PLURAL_ICS = frozenset(
    "metrics topics heuristics characteristics statistics clinics critics epidemics mosaics".split()
)


def plain(token: str) -> str:
    """Return a token in lower case, with straight apostrophes and without a possessive ending."""
    word = token.lower().replace("’", "'")
    if word.endswith("'s"):
        return word[:-2]
    return word.rstrip("'")


def singular(word: str, known: Mapping[str, int]) -> str:
    """Return the singular of a word if the corpus knows it, else the word itself.

    Parameters
    ----------
    word
        A lower-case word without hyphens.
    known
        How often each lower-case word of the corpus occurs.
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "is")) or word in _NOT_PLURAL:
        return word
    if word.endswith("us") and known.get(word[:-1], 0) < known.get(word, 0):
        return word  # "focus" is no plural, "GPUs" is one
    if word.endswith("ics") and word not in _PLURAL_ICS:
        return word
    stems = [word[:-1]]
    if word.endswith("ies"):
        stems = [word[:-3] + "y", word[:-1]]
    elif word.endswith("ices"):
        stems += [word[:-4] + "ix", word[:-4] + "ex"]
    elif word.endswith("es"):
        stems += [word[:-2], word[:-2] + "is"]
    found = [stem for stem in stems if known.get(stem, 0) > 0]
    return max(found, key=lambda stem: (known[stem], stem)) if found else word


def parts(word: str) -> list[str]:
    """Return the parts of a hyphenated word."""
    return [part for part in word.split("-") if part]
