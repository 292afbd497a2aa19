"""Which spellings are one word: plurals, possessives, and hyphens that some writers leave out.

The corpus decides: "dynamics" would lose its s only to a word that is its singular, "pre-training" is
"pretraining" only where somebody writes it so. A rule that needs no dictionary keeps any language whole.
"""

from collections.abc import Iterable, Mapping

from trends.core.words import stop_words

_NOT_PLURAL = frozenset(
    "news lens series species means always bias gas plus thus less towards alias canvas atlas "
    "mathematics mechanics ethics".split()
)
_PLURAL_ICS = frozenset(
    "metrics topics heuristics characteristics statistics clinics critics epidemics mosaics".split()
)

SILENT = frozenset(["large"])
"""Read over, so that a "multimodal large language model" is a multimodal language model."""


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


class Folds:
    """One spelling for the variants of each word of a corpus."""

    def __init__(self, known: dict[str, int]) -> None:
        self.known = known
        self.stops = stop_words()
        self._kept: dict[str, list[str]] = {}

    def apart(self, word: str) -> list[str]:
        """Return the folded parts of a lower-case word, hyphens opened."""
        return [singular(part, self.known) for part in parts(word)]

    def term(self, pieces: Iterable[str]) -> tuple[str, ...]:
        """Return the folded words of a term; hyphens that tie in a stop word are opened."""
        found: list[str] = []
        for piece in pieces:
            word = plain(piece)
            bridges = any(part in self.stops for part in parts(word)[1:-1])
            found += self.apart(word) if bridges else self.words(word)
        return tuple(word for word in found if word not in SILENT)

    def words(self, word: str) -> list[str]:
        """Return the folded word or, where its hyphens only tie a phrase, words."""
        found = self._kept.get(word)
        if found is None:
            found = self._kept[word] = self._words(word)
        return found

    def _words(self, word: str) -> list[str]:
        if word in self.stops:
            return [word]
        pieces = parts(word)
        if len(pieces) < 2:
            return [singular(word, self.known)]
        together = singular("".join(pieces), self.known)
        if together in self.known:
            return [together]
        last = singular(pieces[-1], self.known)
        if any(piece in self.stops or len(piece) < 2 or piece.isdigit() for piece in pieces):
            return ["-".join(pieces[:-1] + [last])]
        return [singular(piece, self.known) for piece in pieces]
