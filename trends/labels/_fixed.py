"""Fixed terms of a corpus that hold small words, "mixture of experts" and "text-to-image": one word each."""

import numpy as np

from trends.labels._variants import Folds, plain, singular

BRIDGES = frozenset("of to in on and for with by from at the a as".split())
"""The small words that a fixed term may hold: mixture-of-experts, text-to-image, human-in-the-loop."""

MAX_BRIDGED = 3
"""A term with a small word that is longer than this goes by its acronym: RLHF."""

_MIX = 0x9E3779B97F4A7C15
"""An odd number that spreads word numbers over 64 bits, so that a run of words is one number."""

COHESION = 0.25
"""The share of "mixture" and of "experts" that must stand in "mixture of experts" to make it one term."""


def fixed_terms(
    raw: np.ndarray,
    pieces: list[str],
    n_raw: list[int],
    short: dict[str, tuple[str, ...]],
    folds: Folds,
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
        if 2 < len(words) <= 5 and inner and BRIDGES.issuperset(inner) and not {words[0], words[-1]} & stops:
            terms[words] = "-".join(words)
    for form, words in sorted(short.items()):
        inner = [word for word in words[1:-1] if word in stops]
        if inner and words[0] not in stops and words[-1] not in stops and len(words) <= 7:
            bridged = len(words) <= MAX_BRIDGED and BRIDGES.issuperset(inner)
            terms[words] = "-".join(words) if bridged else form
    return terms


def _cohesive(raw: np.ndarray, pieces: list[str], n_raw: list[int], folds: Folds) -> set[tuple[str, ...]]:
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


def join(
    raw: np.ndarray, paper: np.ndarray, pieces: list[str], fixed: dict[tuple[str, ...], str], folds: Folds
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
