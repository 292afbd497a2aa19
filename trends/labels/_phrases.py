"""The phrases of a corpus and one sparse table of how often each paper uses each.

Phrases of one to four words are counted with a few sorts of whole arrays: no word is touched twice by the
interpreter.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from trends.labels._stream import BREAK, Stream

MAX_WORDS = 4
"""Longest phrase, hyphenated words counted by their parts."""

SMALL = 50
"""Up to so many papers a phrase may stand in one alone."""

RARE = 2500
"""One paper in so many must use a phrase, up to `MOST_RARE` papers."""

MOST_RARE = 10

_OBJECTS = frozenset("the a an its their this these our".split())
"""Words that begin what a verb acts on: "we prune the tokens"."""

HEARD = 300
"""How many uses of a phrase are looked at for its spelling."""

WITHIN = 0.05
"""What a use of a phrase inside a longer one counts for when its spelling is chosen."""

TIGHT = 0.15
"""In texts without sentences a pair of words is a phrase if its uses are this share of the geometric mean of
their uses; three words need twice, four thrice as much."""


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
            mine = np.flatnonzero(wanted[phrases])
            mine = mine[np.argsort(phrases[mine], kind="stable")]
            places, phrases = places[mine], phrases[mine]
            first = np.searchsorted(phrases, phrases)
            heard = np.arange(len(phrases)) - first < HEARD
            places, phrases = places[heard], phrases[heard]
            steps = places[:, None] + np.arange(length)
            forms = stream.form[steps]
            ties = stream.glued[steps[:, :-1]]
            expanded = np.any(stream.expanded[steps], axis=1)
            ends = np.append(stream.word, BREAK)[steps[:, -1] + 1] < 0
            for phrase, spelled, tied, second_hand, end in zip(
                phrases.tolist(), forms.tolist(), ties.tolist(), list(expanded), ends.tolist()
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
    tuples: list[tuple[int, ...]] = []
    kept_words: list[tuple[int, ...]] = []
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    for length in range(1, MAX_WORDS + 1):
        if length > 1:
            ends = places + length - 1
            inside = ends < n_places
            places, grams, ends = places[inside], grams[inside], ends[inside]
            goes_on = usable[ends] & same_paper[ends - 1]
            places, grams, ends = places[goes_on], grams[goes_on], ends[goes_on]
            grams = grams * len(stream.words) + stream.word[ends]
        # Only what enough papers use can be part of a longer phrase that enough papers use.
        keys, grams, often = _often(grams, stream.paper[places], n_papers, min_papers)
        places = places[often]
        if length > 1:
            tuples = [tuples[key // len(stream.words)] + (key % len(stream.words),) for key in keys.tolist()]
        else:
            tuples = [(key,) for key in keys.tolist()]
        whole = ~tied_before[places] & ~stream.glued[places + length - 1]
        fresh = np.array([len(set(words)) == len(words) for words in tuples], dtype=bool)
        if length > 1 and not stream.prose:
            fresh &= np.bincount(grams, minlength=len(tuples)) >= (length - 1) * _least(tuples, n_word)
        whole &= fresh[grams]
        at, ids = places[whole], grams[whole]
        unique, ids, used = _often(ids, stream.paper[at], n_papers, min_papers)
        kept.append((at[used], ids + len(kept_words)))
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


def _least(tuples: list[tuple[int, ...]], n_word: np.ndarray) -> np.ndarray:
    """Return how often words of these counts must stand side by side to belong together."""
    return TIGHT * np.exp([np.log(n_word[list(words)]).mean() for words in tuples])


def _often(
    grams: np.ndarray, paper: np.ndarray, n_papers: int, least: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the grams that enough papers use, sorted; the number of each place that has one; which have.

    Places come paper by paper, so a stable sort leaves each gram's papers in order.
    """
    order = np.argsort(grams, kind="stable")
    ordered, where = grams[order], paper[order]
    new_gram = np.ones(len(order), dtype=bool)
    new_gram[1:] = ordered[1:] != ordered[:-1]
    number = np.cumsum(new_gram) - 1
    new_paper = new_gram.copy()
    new_paper[1:] |= where[1:] != where[:-1]
    enough = np.bincount(number[new_paper], minlength=int(new_gram.sum())) >= least
    inverse = np.empty(len(order), dtype=np.int64)
    inverse[order] = number
    often = enough[inverse]
    return ordered[new_gram][enough], (np.cumsum(enough) - 1)[inverse[often]], often
