"""The phrases of a corpus and one sparse table of how often each paper uses each.

Every text is read once into one long stream of word numbers, in which variants of a word share a number,
acronyms are written out and fixed phrases ("mixture of experts") are one word. Phrases of one to four
words are then counted with a few sorts of whole arrays: no word is touched twice by the interpreter.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from trends.core.words import FUNCTION_WORDS, TOKEN, documents, stop_words
from trends.labels._acronyms import base, expansions, is_short
from trends.labels._variants import parts, plain, singular

MAX_WORDS = 4
"""Longest phrase, hyphenated words counted by their parts."""

_PIECES = re.compile(rf"{TOKEN}|\S")

_FORMULA = re.compile(r"\$(?=[^$]*[\\^_{}=<>]|[^$]{1,3}\$)[^$]{1,200}\$|\\[A-Za-z]+")

SMALL = 50
"""Up to so many papers a phrase may stand in one alone."""

RARE = 2500
"""One paper in so many must use a phrase, up to `MOST_RARE` papers."""

MOST_RARE = 10

_BREAK = -1

_SENTENCE_ENDS = frozenset(".:!?")

_OBJECTS = frozenset("the a an its their this these our".split())
"""Words that begin what a verb acts on: "we prune the tokens"."""

_BRIDGES = frozenset("of to in on and for with by from at the a as".split())
"""The small words that a fixed term may hold: mixture-of-experts, text-to-image, human-in-the-loop."""

_SILENT = frozenset(["large"])
"""Read over, so that a "multimodal large language model" is a multimodal language model."""

MAX_BRIDGED = 3
"""A term with a small word that is longer than this goes by its acronym: RLHF."""

_MIX = 0x9E3779B97F4A7C15
"""An odd number that spreads word numbers over 64 bits, so that a run of words is one number."""

COHESION = 0.25
"""The share of "mixture" and of "experts" that must stand in "mixture of experts" to make it one term."""

WITHIN = 0.05
"""What a use of a phrase inside a longer one counts for when its spelling is chosen."""

PROSE = 0.2
"""Texts of which less than this share is function words and punctuation have been stripped of them."""

TIGHT = 0.15
"""In such texts a phrase is one whose uses are this share of the geometric mean of its words' uses."""


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


@dataclass(frozen=True)
class Phrases:
    """Candidate phrases and how often each paper uses each.

    Attributes
    ----------
    words
        The folded words of each phrase, sorted.
    counts
        scipy CSR, papers x phrases.
    closing
        Share of its uses after which no other word follows at once. Adjectives ("medical") and torn
        phrases ("group relative") have low shares.
    lone
        Share of its uses that are one written word: all of "token", most of "long-context".
    acting
        Share of its uses that an article or "its" follows at once, which is how verbs are used.
    """

    words: list[tuple[str, ...]]
    counts: Any
    closing: np.ndarray
    lone: np.ndarray
    acting: np.ndarray
    stream: Stream
    places: list[tuple[np.ndarray, np.ndarray]]

    def shown(self, chosen: list[int]) -> dict[int, str]:
        """Return how the corpus mostly writes each of the chosen phrases, in readable case."""
        stream = self.stream
        wanted = np.zeros(len(self.words), dtype=bool)
        wanted[chosen] = True
        votes: dict[int, dict[tuple[bool, str], float]] = defaultdict(lambda: defaultdict(float))
        for length, (places, phrases) in enumerate(self.places, start=1):
            mine = wanted[phrases]
            places, phrases = places[mine], phrases[mine]
            steps = places[:, None] + np.arange(length)
            forms = stream.form[steps]
            ties = stream.glued[steps[:, :-1]]
            expanded = stream.expanded[steps].any(axis=1)
            last = steps[:, -1]
            ends = (stream.word[np.minimum(last + 1, len(stream.word) - 1)] < 0) | (
                last + 1 == len(stream.word)
            )
            for phrase, spelled, tied, second_hand, end in zip(
                phrases.tolist(), forms.tolist(), ties.tolist(), expanded.tolist(), ends.tolist()
            ):
                text = "".join(
                    stream.forms[form] + ("-" if tie else " ") for form, tie in zip(spelled, tied + [False])
                )
                # "Medical image segmentation" does not say that "medical images" is written without s.
                votes[phrase][(second_hand, text.strip())] += 1 if end else WITHIN
        # What was written out from an acronym speaks only where nothing else does.
        return {
            phrase: min(found.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))[0][1]
            for phrase, found in votes.items()
        }


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
    folds = _Folds(dict(known))
    short = expansions(texts, _users(raw, paper, pieces), folds.term)
    fixed = _fixed_terms(raw, pieces, n_raw, short, folds)
    raw, paper, pieces = _join(raw, paper, pieces, fixed, folds)
    holding = np.array(
        [plain(piece) in FUNCTION_WORDS or not piece[0].isalnum() for piece in pieces], dtype=bool
    )
    prose = bool(holding[raw].sum() - len(rows) >= PROSE * len(raw))
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


class _Folds:
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
        return tuple(word for word in found if word not in _SILENT)

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


def _fixed_terms(
    raw: np.ndarray,
    pieces: list[str],
    n_raw: list[int],
    short: dict[str, tuple[str, ...]],
    folds: _Folds,
) -> dict[tuple[str, ...], str]:
    """Return the terms that hold a stop word, and the one word each becomes.

    The corpus names them itself: it writes them with hyphens (text-to-image), gives them an acronym, or
    uses their words in hardly any other way (mixture of experts).
    """
    stops = folds.stops
    written = {
        tuple(folds.apart(plain(piece))) for piece, n in zip(pieces, n_raw) if piece.count("-") > 1 and n > 1
    }
    terms = {}
    for words in sorted(written | _cohesive(raw, pieces, n_raw, folds)):
        inner = [word for word in words[1:-1] if word in stops]
        if 2 < len(words) <= 5 and inner and _BRIDGES.issuperset(inner) and not {words[0], words[-1]} & stops:
            terms[words] = "-".join(words)
    for form, words in sorted(short.items()):
        inner = [word for word in words[1:-1] if word in stops]
        if inner and words[0] not in stops and words[-1] not in stops and len(words) <= 7:
            bridged = len(words) <= MAX_BRIDGED and _BRIDGES.issuperset(inner)
            terms[words] = "-".join(words) if bridged else form
    return terms


def _cohesive(raw: np.ndarray, pieces: list[str], n_raw: list[int], folds: _Folds) -> set[tuple[str, ...]]:
    """Return the "mixture of experts" of a corpus: two words that mostly occur around one "of"."""
    lower = {piece: singular(plain(piece), folds.known) for piece in pieces}
    numbers = {word: k for k, word in enumerate(sorted(set(lower.values())))}
    words = sorted(numbers)
    if "of" not in numbers:
        return set()
    stream = np.array([numbers[lower[piece]] for piece in pieces], dtype=np.int64)[raw]
    content = np.array([word[:1].isalpha() and word not in folds.stops for word in words], dtype=bool)
    middle = np.flatnonzero(stream[1:-1] == numbers["of"]) + 1
    middle = middle[content[stream[middle - 1]] & content[stream[middle + 1]]]
    pairs, n_pairs = np.unique(stream[middle - 1] * len(words) + stream[middle + 1], return_counts=True)
    n_words = np.bincount(stream, minlength=len(words))
    first, last = pairs // len(words), pairs % len(words)
    tight = (n_pairs > 2) & (n_pairs >= COHESION * np.maximum(n_words[first], n_words[last]))
    return {(words[a], "of", words[b]) for a, b in zip(first[tight].tolist(), last[tight].tolist())}


def _join(
    raw: np.ndarray, paper: np.ndarray, pieces: list[str], fixed: dict[tuple[str, ...], str], folds: _Folds
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Make one hyphenated word of each fixed phrase that is written as several."""
    if not fixed:
        return raw, paper, pieces
    inside = sorted({word for words in fixed for word in words})
    place = {word: k for k, word in enumerate(inside, start=1)}
    small = np.array([place.get(singular(plain(p), folds.known), 0) for p in pieces], dtype=np.uint64)[raw]
    raw, keep, pieces = raw.copy(), np.ones(len(raw), dtype=bool), list(pieces)
    number = {piece: k for k, piece in enumerate(pieces)}
    for length in range(max(map(len, fixed)), 2, -1):
        codes: dict[int, str] = {}
        for words in sorted(words for words in fixed if len(words) == length):
            code = 0
            for word in words:
                code = (code * _MIX + place[word]) % 2**64
            codes[code] = fixed[words]
        if not codes or len(raw) < length:
            continue
        n = len(raw) - length + 1
        spelled = np.zeros(n, dtype=np.uint64)
        whole = np.ones(n, dtype=bool)
        for k in range(length):
            spelled = spelled * np.uint64(_MIX) + small[k : k + n]
            whole &= small[k : k + n] > 0
        starts = np.flatnonzero(whole)
        for start in starts[np.isin(spelled[starts], np.array(list(codes), dtype=np.uint64))].tolist():
            if keep[start : start + length].all():
                word = codes[int(spelled[start])]
                if word.islower():
                    word = word.rpartition("-")[0] + "-" + plain(pieces[raw[start + length - 1]])
                if word not in number:
                    number[word] = len(pieces)
                    pieces.append(word)
                raw[start] = number[word]
                keep[start + 1 : start + length] = False
                small[start : start + length] = 0
    return raw[keep], paper[keep], pieces


def _unfold(
    raw: np.ndarray,
    paper: np.ndarray,
    pieces: list[str],
    short: dict[str, tuple[str, ...]],
    fixed: dict[tuple[str, ...], str],
    folds: _Folds,
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
        found = [word for word in _spelled_out(piece, short, fixed, folds) if word[0] not in _SILENT]
        lengths[k] = len(found)
        for word, form, glued, expanded in found:
            usable = len(word) > 1 and word[0].isalnum() and not {word, form} & folds.stops
            word_of.append(numbers.setdefault(word, len(numbers)) if usable else _BREAK)
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
    rank[_BREAK] = _BREAK
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
    piece: str, short: dict[str, tuple[str, ...]], fixed: dict[tuple[str, ...], str], folds: _Folds
) -> list[tuple[str, str, bool, bool]]:
    """Return (folded word, spelling, tied to the next, from an acronym) for each word in a piece of text."""
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

    Titles and beginnings of sentences put capitals on common words, so they count only for words that
    stand nowhere else and for inner capitals, and a word that is written without any in one case of ten
    has none.
    """
    counts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for piece, n, inside in zip(pieces, n_raw, n_inside):
        split = piece.split("-") if "-" in piece else []
        bridged = not _BRIDGES.isdisjoint(map(str.lower, split))
        # A term with a small word goes by its parts: definitions give it capitals, Mixture-of-Experts.
        for part in split if bridged else [piece, *split]:
            word = plain(part)
            if part.lower() == word:
                initial = part[:1].isupper() and part[1:].islower()
                counts[word][part] += inside if initial else n
    chosen = {}
    for word, found in counts.items():
        total = sum(found.values())
        if total and found.get(word, 0) * 10 < total:
            chosen[word] = max(found.items(), key=lambda item: (item[1], item[0]))[0]
    return chosen


def count(stream: Stream, n_papers: int) -> Phrases:
    """Return the phrases of a corpus that enough of its papers use: two, and more where it is large.

    A phrase crosses no stop word and no punctuation, never begins or ends inside a hyphenated word, and
    repeats no word.
    """
    from scipy.sparse import coo_array, csr_array

    min_papers = min(n_papers, 2, 1 + n_papers // SMALL) if n_papers < RARE * 2 else n_papers // RARE
    min_papers = min(min_papers, MOST_RARE)
    n_places = len(stream.word)
    usable = stream.word >= 0
    tied_before = np.concatenate([[False], stream.glued[:-1]]) if n_places else np.zeros(0, dtype=bool)
    same_paper = np.concatenate([stream.paper[1:] == stream.paper[:-1], [False]]) if n_places else tied_before
    n_word = np.bincount(stream.word[usable], minlength=len(stream.words))

    places = np.flatnonzero(usable)
    grams = stream.word[places]
    tuples: list[tuple[int, ...]] = [(k,) for k in range(len(stream.words))]
    kept_words: list[tuple[int, ...]] = []
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    for length in range(1, MAX_WORDS + 1):
        if length > 1:
            ends = places + length - 1
            inside = ends < n_places
            places, grams, ends = places[inside], grams[inside], ends[inside]
            goes_on = usable[ends] & same_paper[ends - 1]
            places, grams, ends = places[goes_on], grams[goes_on], ends[goes_on]
            keys = grams * len(stream.words) + stream.word[ends]
            found, grams = np.unique(keys, return_inverse=True)
            tuples = [
                tuples[key // len(stream.words)] + (int(key % len(stream.words)),) for key in found.tolist()
            ]
        # Only what enough papers use can be part of a longer phrase that enough papers use.
        often = _n_papers(grams, stream.paper[places], len(tuples), n_papers) >= min_papers
        places, grams = places[often[grams]], grams[often[grams]]
        whole = ~tied_before[places] & ~stream.glued[places + length - 1]
        fresh = np.array([len(set(words)) == len(words) for words in tuples], dtype=bool)
        if length > 1 and not stream.prose:
            fresh &= _tight(tuples, np.bincount(grams, minlength=len(tuples)), n_word)
        whole &= fresh[grams]
        at, ids = places[whole], grams[whole]
        used = _n_papers(ids, stream.paper[at], len(tuples), n_papers) >= min_papers
        at, ids = at[used[ids]], ids[used[ids]]
        unique, ids = np.unique(ids, return_inverse=True)
        kept.append((at, ids + len(kept_words)))
        kept_words += [tuples[k] for k in unique.tolist()]

    words = [tuple(stream.words[k] for k in phrase) for phrase in kept_words]
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), dtype=np.int64)
    rank[order] = np.arange(len(words))
    kept = [(at, rank[ids]) for at, ids in kept]
    rows = np.concatenate([stream.paper[at] for at, _ in kept]) if kept else np.zeros(0, dtype=np.int64)
    columns = np.concatenate([ids for _, ids in kept])
    counts = coo_array((np.ones(len(rows), dtype=np.float64), (rows, columns)), shape=(n_papers, len(words)))
    last = np.concatenate([at + length for length, (at, _) in enumerate(kept)])
    goes_on = np.concatenate([usable[1:], [False]])[last] & same_paper[last] if len(last) else last == 0
    n_uses = np.bincount(columns, minlength=len(words))
    closing = 1 - np.bincount(columns, weights=goes_on, minlength=len(words)) / np.maximum(n_uses, 1)
    objects = np.array([form.lower() in _OBJECTS for form in stream.forms], dtype=bool)
    object_next = (
        np.concatenate([objects[stream.form[1:]], [False]])[last] & same_paper[last]
        if len(last)
        else last == 0
    )
    acting = np.bincount(columns, weights=object_next, minlength=len(words)) / np.maximum(n_uses, 1)
    tied = [stream.glued[at[:, None] + np.arange(length)].all(axis=1) for length, (at, _) in enumerate(kept)]
    lone = np.bincount(columns, weights=np.concatenate(tied), minlength=len(words)) / np.maximum(n_uses, 1)
    if not stream.prose:  # nothing is known of ends and objects
        closing, acting = np.ones_like(closing), np.zeros_like(acting)
    return Phrases([words[k] for k in order], csr_array(counts.tocsr()), closing, lone, acting, stream, kept)


def _tight(tuples: list[tuple[int, ...]], n_uses: np.ndarray, n_word: np.ndarray) -> np.ndarray:
    """Say of each phrase whether its words mostly occur in it."""
    means = np.exp([np.log(n_word[list(words)]).mean() for words in tuples])
    return n_uses >= TIGHT * means


def _n_papers(grams: np.ndarray, paper: np.ndarray, n_grams: int, n_papers: int) -> np.ndarray:
    """Return in how many papers each gram occurs."""
    pairs = np.unique(grams * max(n_papers, 1) + paper)
    return np.bincount(pairs // max(n_papers, 1), minlength=n_grams)
