"""All words of a corpus as one long stream of numbers.

Every text is read once. Variants of a word share a number, acronyms are written out and fixed phrases
("mixture of experts") are one word.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trends.core.words import FUNCTION_WORDS, TOKEN, documents
from trends.labels._acronyms import base, expansions, is_short
from trends.labels._fixed import BRIDGES, fixed_terms, join
from trends.labels._variants import SILENT, Folds, parts, plain

_PIECES = re.compile(rf"{TOKEN}|\S")

_FORMULA = re.compile(r"\$(?=[^$]*[\\^_{}=<>]|[^$]{1,3}\$)[^$]{1,200}\$|\\[A-Za-z]+")

PROSE = 0.2
"""Texts of which less than this share is function words and punctuation have been stripped of them."""

BREAK = -1

_SENTENCE_ENDS = frozenset(".:!?")


@dataclass(frozen=True)
class Stream:
    """All words of all papers in a row.

    Attributes
    ----------
    word
        Number of the folded word at each place; -1 at stop words, punctuation and ends of texts.
    form
        Number of the spelling found there, in lower case.
    glued
        A hyphen ties this word to the next.
    expanded
        The word stands for an acronym's.
    paper
        Row of the paper.
    words, forms
        What the numbers mean; `forms` carries the commonest upper and lower case.
    prose
        The texts have sentences. Where function words and punctuation were taken out beforehand, what
        stands side by side need not belong together.
    """

    word: np.ndarray
    form: np.ndarray
    glued: np.ndarray
    expanded: np.ndarray
    paper: np.ndarray
    words: list[str]
    forms: list[str]
    prose: bool


def read(papers: pd.DataFrame) -> Stream:
    """Return the stream of words of papers, in the order of their rows."""
    papers = papers.assign(**{name: papers[name].map(_without_formulas) for name in ("title", "abstract")})
    texts = documents(papers).tolist()
    vocabulary: defaultdict[str, int] = defaultdict()
    vocabulary.default_factory = vocabulary.__len__
    number = vocabulary.__getitem__
    rows = [np.fromiter(map(number, _PIECES.findall(text) + ["."]), dtype=np.int32) for text in texts]
    raw = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int32)
    title = [len(_PIECES.findall(text)) for text in papers["title"].str.rstrip(" .")]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])[:-1].astype(np.int64)
    paper = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
    pieces = list(vocabulary)
    n_raw = np.bincount(raw, minlength=len(pieces)).tolist()

    known: defaultdict[str, int] = defaultdict(int)
    for piece, n in zip(pieces, n_raw):
        for part in parts(plain(piece)):
            known[part] += n
    spelling = _cases(pieces, n_raw, _n_inside(raw, pieces, starts, title))
    folds = Folds(dict(known))
    short = expansions(texts, _users(raw, paper, pieces), folds.term)
    fixed = fixed_terms(raw, pieces, n_raw, short, folds)
    raw, paper, pieces = join(raw, paper, pieces, fixed, folds)
    holds = [plain(piece) in FUNCTION_WORDS or not piece[0].isalnum() for piece in pieces]
    n_holding = np.array(holds, dtype=bool)[raw].sum() - len(rows)
    prose = bool(n_holding >= PROSE * len(raw))
    return replace(_unfold(raw, paper, pieces, short, fixed, folds, spelling), prose=prose)


def _without_formulas(text: str) -> str:
    r"""Return a text with a full stop for each formula and command of TeX: no "log" of "$\log n$"."""
    return _FORMULA.sub(" . ", text) if "$" in text or "\\" in text else text


def _n_inside(raw: np.ndarray, pieces: list[str], starts: np.ndarray, title: list[int]) -> list[int]:
    """Return how often each piece stands inside a sentence, where only names have capitals."""
    ends = np.array([piece in _SENTENCE_ENDS for piece in pieces], dtype=bool)
    inside = np.ones(len(raw), dtype=bool)
    inside[1:] = ~ends[raw[:-1]]
    depth = np.zeros(len(raw) + 1, dtype=np.int64)
    np.add.at(depth, starts, 1)
    np.add.at(depth, np.minimum(starts + np.array(title, dtype=np.int64), len(raw)), -1)
    inside &= np.cumsum(depth)[:-1] == 0
    return np.bincount(raw[inside], minlength=len(pieces)).tolist()


def _users(raw: np.ndarray, paper: np.ndarray, pieces: list[str]) -> dict[str, list[int]]:
    """Return the rows of the papers that use each short form."""
    shorts = np.array([is_short(piece) for piece in pieces], dtype=bool)
    users: defaultdict[str, set[int]] = defaultdict(set)
    places = np.flatnonzero(shorts[raw]) if len(pieces) else np.zeros(0, dtype=np.int64)
    for piece, row in zip(raw[places].tolist(), paper[places].tolist()):
        users[base(pieces[piece])].add(row)
    return {short: sorted(rows) for short, rows in users.items()}


def _unfold(
    raw: np.ndarray,
    paper: np.ndarray,
    pieces: list[str],
    short: dict[str, tuple[str, ...]],
    fixed: dict[tuple[str, ...], str],
    folds: Folds,
    spelling: dict[str, str],
) -> Stream:
    """Replace each piece of text by its folded words, acronyms by their long forms."""
    numbers: dict[str, int] = {}
    forms: dict[str, int] = {}
    lengths = np.ones(len(pieces), dtype=np.int64)
    word_of: list[int] = []
    form_of: list[int] = []
    glued_of: list[bool] = []
    expanded_of: list[bool] = []
    for k, piece in enumerate(pieces):
        found = _spelled_out(piece, short, fixed, folds)
        lengths[k] = len(found)
        for word, form, glued, expanded in found:
            if word in SILENT:
                lengths[k] -= 1
                continue
            usable = len(word) > 1 and word[0].isalnum() and not {word, form} & folds.stops
            word_of.append(numbers.setdefault(word, len(numbers)) if usable else BREAK)
            form_of.append(forms.setdefault(spelling.get(form, form), len(forms)))
            glued_of.append(glued)
            expanded_of.append(expanded)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    n_each = lengths[raw]
    first = np.cumsum(n_each) - n_each
    step = np.arange(int(n_each.sum())) - np.repeat(first, n_each)
    at = np.repeat(starts[raw], n_each) + step
    # Word numbers follow the alphabet, so that nothing hangs on which word came first.
    words = sorted(numbers)
    rank = np.empty(len(words) + 1, dtype=np.int64)
    rank[[numbers[word] for word in words]] = np.arange(len(words))
    rank[BREAK] = BREAK
    return Stream(
        word=rank[np.array(word_of, dtype=np.int64)][at] if len(at) else np.zeros(0, dtype=np.int64),
        form=np.array(form_of, dtype=np.int64)[at] if len(at) else np.zeros(0, dtype=np.int64),
        glued=np.array(glued_of, dtype=bool)[at] if len(at) else np.zeros(0, dtype=bool),
        expanded=np.array(expanded_of, dtype=bool)[at] if len(at) else np.zeros(0, dtype=bool),
        paper=np.repeat(paper, n_each),
        words=words,
        forms=list(forms),
        prose=True,
    )


def _spelled_out(
    piece: str, short: dict[str, tuple[str, ...]], fixed: dict[tuple[str, ...], str], folds: Folds
) -> list[tuple[str, str, bool, bool]]:
    """Return (folded word, spelling, tied to the next, from an acronym) for each word in a piece of text."""
    if piece.islower() and piece.isalpha():
        return [(folds.words(piece)[0], piece, False, False)]
    long = short.get(base(piece)) if is_short(piece) else None
    if long is not None:
        if long in fixed:
            return [(fixed[long].lower(), fixed[long], False, True)]
        return [(word, word, False, True) for word in long]
    word = plain(piece)
    apart = tuple(folds.apart(word))
    if apart in fixed:
        return [(fixed[apart].lower(), word, False, False)]
    first, *rest = parts(piece) or [""]
    if is_short(first) and base(first) in short and rest and folds.stops.issuperset(map(plain, rest)):
        # "SAE-based" speaks of sparse autoencoders as "SAE" does.
        return [found for part in [first, *rest] for found in _spelled_out(part, short, fixed, folds)]
    found = folds.words(word)
    if len(found) < 2:
        return [(found[0] if found else "", word, False, False)]
    tied = [True] * (len(found) - 1) + [False]
    return [(folded, form, tie, False) for folded, form, tie in zip(found, parts(word), tied)]


def _cases(pieces: list[str], n_raw: list[int], n_inside: list[int]) -> dict[str, str]:
    """Return how each lower-case word is mostly written: gaussian -> Gaussian, 3d -> 3D, token -> token.

    Titles and beginnings of sentences put capitals on common words and on the parts of compounds, so these
    count only inside a sentence. A word that is written without any in one case of ten has none; inner ones
    ("AutoEncoders") it has where they are not rarer than those that say nothing.
    """
    plainly: defaultdict[str, int] = defaultdict(int)
    otherwise: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    untold: defaultdict[str, int] = defaultdict(int)
    for piece, n, inside in zip(pieces, n_raw, n_inside):
        if piece.islower() and piece.isalpha():
            plainly[piece] += n
            continue
        split = piece.split("-") if "-" in piece else []
        bridged = not BRIDGES.isdisjoint(map(str.lower, split))
        # A term with a small word goes by its parts: definitions give it capitals, Mixture-of-Experts.
        for part in split if bridged else [piece, *split]:
            word = plain(part)
            if part == word:
                plainly[word] += n
            elif part.lower() == word:
                n_told = inside if _begins_large(part) else n
                otherwise[word][part] += n_told
                untold[word] += n - n_told
    found = {}
    for word, counts in otherwise.items():
        form = max(counts, key=lambda form: (counts[form], form))
        told = _begins_large(form) or counts[form] >= untold[word]
        if plainly[word] * 9 < sum(counts.values()) and told:
            found[word] = form
    return found


def _begins_large(word: str) -> bool:
    """Say whether the parts of a word have capitals at their beginnings only, as a title puts them."""
    return word[:1].isupper() and all(part[1:].islower() for part in word.split("-"))
