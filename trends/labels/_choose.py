"""Which phrases name a topic, and which of them head its slide.

A phrase scores by four things at once: how much of the topic's text it is (class-based TF-IDF with BM25
weighting, Grootendorst 2022, with the square root that keeps frequent words down), how many of the topic's
papers use it, how much fewer of the nearest other topics' papers do, and how many words it says. A phrase
that mostly occurs inside a longer one is folded into it (the idea of the C-value, Frantzi et al. 2000),
and of two phrases that share words only one is kept among the best (maximal marginal relevance).
"""

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trends.labels._generic import GENERIC
from trends.labels._phrases import Phrases

N_SIBLINGS = 3
"""How many of the nearest topics a phrase must tell this topic from."""

NESTED = 0.5
"""A phrase is folded into a longer one that at least this share of its papers in the topic use."""

POOL = 60
"""How many of a topic's best phrases are looked at."""

TORN = 0.1
"""A phrase that ends what is said less often than this is a piece of longer ones: "group relative"."""

REPEATS, NESTED_REPEATS = 0.5, 0.9
"""What a term loses that repeats words of a better one, and what it loses if it holds or is held by one."""

SHARED_TERM = 5
"""How much a paper outside the topic counts against a term that it uses too."""

GENERIC_TERM = 0.3
"""What a word of every field counts for as a term: "accuracy"."""

CLOSING = 0.25
"""A label's phrase must end what is said at least this often: "medical" and "group relative" do not."""

SECOND_CLOSING = 0.4
"""The same for a single word that joins a phrase, which keeps out verbs."""

ALONE = 0.4
"""What a single word counts for beside a phrase when a label is chosen."""

COMMON_WORD, COMMON_PHRASE = 0.05, 0.15
"""What a larger share of the papers outside the topic use says too little to be a label alone."""

VAGUE = 0.5
"""What such a common phrase counts for."""

ELSEWHERE = 2
"""How much a paper outside the topic counts against a label that fits it too."""

MOSTLY = 0.5
"""A phrase is a single word if this share of its uses is written as one, hyphens or not."""

FULLER, FULLER_USERS = 0.3, 0.04
"""A single or common word gives way to a phrase around it whose words this share of its papers use, and
this share side by side."""

WIDER, WIDER_USERS = 0.5, 0.3
"""A phrase gives way to one that holds another good term if this share of its papers use all the words, and
this share side by side."""

INSTEAD, INSTEAD_SPREAD = 0.6, 0.2
"""A common phrase, or a single word without a fuller phrase, gives way to one that is worth this much beside
it and whose words this share of its papers use."""

FOUND = 0.1
"""A label's words are used by at least this share of the topic's papers, if any phrase's are."""

ACTING, BEGINS_ACTING = 0.1, 0.2
"""A phrase that an object follows more often than this is a verb or ends in one; so for its first word,
which may be noun and verb ("pose estimation") and so gets more room."""

PARTICIPLE_CLOSING = 0.5
"""A word in -ed or -ing must end what is said at least this often to be a noun: "pruning", not "refined"."""

GENERIC_END, MEASURE_END = 0.4, 0.15
"""What a phrase counts for in a label that ends in a word of every field ("attention mechanism") or begins
with such a verb, and in one that says how work is measured ("attack success rate")."""

TELLING, GENERIC_BOTH = 10, 0.65
"""A phrase of such words only ("sample complexity") names a topic all the same, at this worth, if the share of
its papers that use it is so many times that of the others."""

SOLE, SOLE_CLOSING = 0.65, 0.6
"""A single word heads a topic alone if this share of its papers use it and it ends what is said this often,
as nouns do: "clustering", not "search" or "multilingual"."""

CHAINED_SHARE, CHAINED_SCORE, CHAINED_SPREAD = 0.15, 0.2, 0.35
"""What makes "visual token pruning" of "visual tokens" and "token pruning": the share of papers that use the
weaker of the two, its score beside the stronger one's, and the share that use its words anywhere."""

NARROWER = 0.1
"""Where another topic has the best phrase, a fuller one with this share of the papers stands for it."""

CLOSE = 0.4
"""A second phrase comes close with this share of the first one's score."""

BREADTH = 0.5
"""How much it matters that many of the topic's papers use the words of a label: a power of their share."""

ROOT = 4
"""Words that begin with the same letters, this many without their endings, do not stand together."""

_MODEL = frozenset(["model"])
"""What every paper of some fields has: it adds nothing to a name and yet ends good ones."""

_MEASURES = frozenset("accuracy error precision rate recall score".split())

_ENDING = re.compile(r"(?<=..)(?:ings?|ed|er|es|s|e)$")

MAX_LABEL_WORDS = 4


@dataclass(frozen=True)
class Name:
    """What a topic is called: its label ("" where it has no words), its terms and their weights."""

    label: str
    terms: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Candidate:
    """A phrase as one topic uses it.

    Attributes
    ----------
    share, users
        Papers of the topic that use the phrase.
    outside
        Share of all other papers that use it.
    support
        The score of its words, 1 for the best word of the topic; of two words, their mean.
    spread
        Papers of the topic that use all its words, side by side or not.
    """

    phrase: int
    words: tuple[str, ...]
    score: float
    share: float
    users: float
    outside: float
    support: float
    spread: float = 0.0


def choose(
    phrases: Phrases, row_topic: np.ndarray, sizes: np.ndarray, centroids: np.ndarray, top: int
) -> list[Name]:
    """Return the name of each topic.

    Parameters
    ----------
    phrases
        Candidates and their counts by paper.
    row_topic
        For each paper that was read the place of its topic, the number of topics for none.
    sizes
        How many papers each topic has, and last how many have none, read or not.
    centroids
        One unit row per topic; their number is the number of topics.
    top
        How many terms to keep per topic.
    """
    siblings = _siblings(centroids)
    found = _pools(phrases, row_topic, sizes, siblings)
    pools = [_fold_nested(pool) for pool in found]
    heads = _headings(pools, phrases)
    _qualify(heads, pools, [{c.phrase: c.share for c in pool} for pool in found], siblings, phrases)
    terms = [_diverse(pool, top) for pool in pools]
    wanted = {c.phrase for group in terms + heads for c in group}
    shown = phrases.shown(sorted(wanted))
    names = []
    for head, group in zip(heads, terms):
        best = group[0].score if group else 1.0
        names.append(
            Name(
                _heading(head, shown),
                tuple(shown[c.phrase] for c in group),
                tuple(round(c.score / best, 6) if best > 0 else 1.0 for c in group),
            )
        )
    return names


def _siblings(centroids: np.ndarray) -> list[np.ndarray]:
    """Return the places of the topics nearest to each, nearest first."""
    near = centroids.astype(np.float64) @ centroids.astype(np.float64).T
    np.fill_diagonal(near, -np.inf)
    n_near = min(N_SIBLINGS, len(centroids) - 1)
    return [np.argsort(-_rounded(row), kind="stable")[:n_near] for row in near]


def _pools(
    phrases: Phrases, row_topic: np.ndarray, sizes: np.ndarray, siblings: list[np.ndarray]
) -> list[list[Candidate]]:
    """Return the phrases of each topic that score best."""
    from scipy.sparse import csr_array

    counts, n_topics = phrases.counts, len(siblings)
    n_rows = len(row_topic)
    member = csr_array((np.ones(n_rows), (row_topic, np.arange(n_rows))), shape=(n_topics + 1, n_rows))
    used = counts.copy()
    used.data = np.ones_like(used.data)
    n_uses, n_users = csr_array(member @ counts), csr_array(member @ used)
    n_uses.sort_indices()
    n_users.sort_indices()
    n_read = np.bincount(row_topic, minlength=n_topics + 1)
    # Each paper that was read stands for as many of its topic.
    stands_for = sizes / np.maximum(n_read, 1)
    n_papers = int(sizes.sum())
    total = stands_for @ n_uses
    n_using = stands_for @ n_users
    words_per_topic = total.sum() / max(n_topics, 1)
    # Where one topic is all there is nothing is rare, and the most used phrases must do.
    idf = np.sqrt(np.maximum(np.log1p(np.maximum(words_per_topic - total + 0.5, 0) / (total + 0.5)), 1e-3))
    length = np.array([len(words) for words in phrases.words], dtype=float)

    verbs = _verbs(phrases)
    columns_of = {words[0]: k for k, words in enumerate(phrases.words) if len(words) == 1}

    pools = []
    for topic in range(n_topics):
        row = n_uses[[topic]]
        columns, uses = row.indices, row.data
        users = n_users[[topic]].data
        share = users / max(n_read[topic], 1)
        # One paper proves nothing, which matters in a topic of few.
        weight = np.maximum(users - 1, 0.5) / max(n_read[topic], 1)
        outside = (n_using[columns] - users * stands_for[topic]) / max(n_papers - sizes[topic], 1)
        elsewhere = n_using[columns] / n_papers
        near = siblings[topic]
        if len(near):
            beside = stands_for[near] @ n_users[near] / max(sizes[near].sum(), 1)
            elsewhere = np.maximum(elsewhere, beside[columns])
        score = (
            np.log2(1 + length[columns])
            * np.sqrt(uses / max(uses.sum(), 1))
            * idf[columns]
            * weight
            * (share / (share + elsewhere)) ** 2
        )
        torn = (length[columns] > 1) & (phrases.closing[columns] < TORN)
        enough = (users >= min(2, n_read[topic])) & ~torn & ~verbs[columns]
        # Columns follow the alphabet, which decides between equals.
        score = _rounded(score)
        order = [k for k in np.lexsort((columns, -score)).tolist() if enough[k]][:POOL]
        alone = {phrases.words[k][0]: x for k, x in zip(columns.tolist(), score.tolist()) if length[k] == 1}
        most = max(alone.values(), default=0.0) or 1.0
        spread = _spread(phrases, used, np.flatnonzero(row_topic == topic), columns[order], columns_of)
        pools.append(
            [
                Candidate(
                    phrase=int(columns[k]),
                    words=(words := phrases.words[columns[k]]),
                    score=float(score[k]),
                    share=float(share[k]),
                    users=float(users[k]),
                    outside=float(outside[k]),
                    support=sum(sorted(alone.get(word, 0.0) for word in words)[-2:]) / 2 / most,
                    spread=max(float(share[k]), together),
                )
                for k, together in zip(order, spread)
            ]
        )
    return pools


def _verbs(phrases: Phrases) -> np.ndarray:
    """Say of each phrase whether it holds a verb: "learns", "refined", "accelerating language models"."""
    acting = {words[0]: phrases.acting[k] for k, words in enumerate(phrases.words) if len(words) == 1}
    first = np.array([acting.get(words[0], 0.0) for words in phrases.words], dtype=float)
    single = np.array([len(words) == 1 for words in phrases.words], dtype=bool)
    participle = np.array([words[-1].endswith(("ed", "ing")) for words in phrases.words], dtype=bool)
    hangs = single & participle & (phrases.closing < PARTICIPLE_CLOSING)
    return (phrases.acting > ACTING) | (~single & (first > BEGINS_ACTING)) | hangs


def _spread(
    phrases: Phrases, used: Any, rows: np.ndarray, chosen: np.ndarray, columns_of: dict[str, int]
) -> list[float]:
    """Return the share of these papers that use all words of each chosen phrase."""
    places: dict[str, int] = {}
    for phrase in chosen.tolist():
        for word in phrases.words[phrase]:
            if word in columns_of:
                places.setdefault(word, len(places))
    if not places:
        return [0.0] * len(chosen)
    uses = used[rows][:, [columns_of[word] for word in places]].toarray() > 0
    spread = []
    for phrase in chosen.tolist():
        words = phrases.words[phrase]
        known = all(word in places for word in words)
        spread.append(float(uses[:, [places[w] for w in words]].all(axis=1).mean()) if known else 0.0)
    return spread


def _rounded(values: np.ndarray) -> np.ndarray:
    """Return values to nine significant digits."""
    with np.errstate(divide="ignore"):
        scale = np.where(values > 0, 10.0 ** (8 - np.floor(np.log10(np.where(values > 0, values, 1)))), 1)
    return np.round(values * scale) / scale


def _within(short: Sequence[str], long: Sequence[str]) -> bool:
    """Say whether a phrase stands inside a longer one."""
    n = len(short)
    return n < len(long) and any(tuple(long[k : k + n]) == tuple(short) for k in range(len(long) - n + 1))


def _opened(words: Sequence[str]) -> list[str]:
    """Return words with the hyphens of fixed terms opened: "text-to-image generation" is image generation."""
    return [part for word in words for part in word.split("-")]


def _fold_nested(pool: list[Candidate]) -> list[Candidate]:
    """Drop phrases that live mostly inside a longer one, which inherits the better score of the two."""
    best = {c.phrase: c.score for c in pool}
    folded: set[int] = set()
    for short in sorted(pool, key=lambda c: (len(c.words), c.words)):
        longer = [c for c in pool if _within(short.words, c.words) and c.users >= NESTED * short.users]
        if longer:
            heir = max(longer, key=lambda c: (c.users, len(c.words), best[c.phrase], c.words))
            best[heir.phrase] = max(best[heir.phrase], best[short.phrase])
            folded.add(short.phrase)
    kept = [replace(c, score=best[c.phrase]) for c in pool if c.phrase not in folded]
    return sorted(kept, key=lambda c: (-c.score, c.words))


def _diverse(pool: list[Candidate], top: int) -> list[Candidate]:
    """Return the best phrases that say something new, best first."""
    chosen: list[Candidate] = []
    left = dict.fromkeys(pool, 0.0)
    while left and len(chosen) < top:
        best = min(left, key=lambda c: (-_as_term(c) * (1 - left[c]), c.words))
        chosen.append(best)
        del left[best]
        for c in left:
            left[c] = max(left[c], _repeats(c, best))
    return sorted(chosen, key=lambda c: (-c.score, c.words))


def _as_term(c: Candidate) -> float:
    """Return how well a phrase would do as a term: words of every field say little, however often used."""
    own = c.share / (c.share + SHARED_TERM * c.outside)
    return c.score * own * (GENERIC_TERM if GENERIC.issuperset(c.words) and not _telling(c) else 1.0)


def _repeats(a: Candidate, b: Candidate) -> float:
    """Return what a phrase loses as a term beside a better one."""
    shared = _shared(a, b)
    return NESTED_REPEATS if shared == 1 else REPEATS * shared


def _shared(a: Candidate, b: Candidate) -> float:
    """Return the share of the shorter phrase's words that the other has; 1 for an acronym and its words."""
    for one, other in ((a, b), (b, a)):
        if len(one.words) == 1 and "".join(word[0] for word in other.words).endswith(one.words[0]):
            return 1.0
    return len(set(a.words) & set(b.words)) / min(len(a.words), len(b.words))


def _headings(pools: list[list[Candidate]], phrases: Phrases) -> list[list[Candidate]]:
    """Return the one or two phrases that head each topic; no two topics have the same words.

    The topic that a phrase fits best gets it first; another topic must add a second phrase or take the
    next one.
    """
    ranked = []
    for pool in pools:
        telling = [c for c in pool if not GENERIC.issuperset(c.words) or _telling(c)] or pool
        telling = [c for c in telling if not _stutters(c.words)] or telling
        found = [c for c in telling if c.spread >= FOUND] or telling
        fit = [c for c in found if phrases.closing[c.phrase] >= CLOSING] or found
        fit = sorted(fit, key=lambda c: (-_worth(c, phrases), c.words))
        ranked.append(_completed(fit, found, phrases))
    taken: set[frozenset[str]] = set()
    heads: list[list[Candidate]] = [[] for _ in pools]
    choices = [_choices(group, phrases) for group in ranked]
    waiting: list[tuple[float, int, list[Candidate]]] = []

    def offer(topic: int) -> None:
        head = next(choices[topic], None)
        if head is not None:
            heapq.heappush(waiting, (-_worth(head[0], phrases), topic, head))

    for topic in range(len(pools)):
        offer(topic)
    while waiting:
        _, topic, head = heapq.heappop(waiting)
        if _said(head) in taken:
            offer(topic)
        else:
            taken.add(_said(head))
            heads[topic] = head
    return heads


def _qualify(
    heads: list[list[Candidate]],
    pools: list[list[Candidate]],
    shares: list[dict[int, float]],
    siblings: list[np.ndarray],
    phrases: Phrases,
) -> None:
    """Put a second phrase beside one that a sibling's heading holds and its papers use as much."""
    taken = {_said(head) for head in heads}
    for topic, head in enumerate(heads):
        rivals = (
            other
            for other in siblings[topic].tolist()
            if any(c.words == head[0].words or _within(head[0].words, c.words) for c in heads[other])
            and shares[other].get(head[0].phrase, 0.0) >= head[0].share
        )
        if len(head) != 1 or next(rivals, None) is None:
            continue
        pairs = (pair for pair in _pairs(head[0], pools[topic], phrases) if not _vague(pair[1], phrases))
        fresh = next((pair for pair in pairs if _said(pair) not in taken), None)
        if fresh is not None:
            heads[topic] = fresh
            taken.add(_said(fresh))


def _said(head: list[Candidate]) -> frozenset[str]:
    """Return the words by which two headings are the same."""
    words = frozenset(word for c in head for word in c.words)
    return words - _MODEL or words


def _worth(c: Candidate, phrases: Phrases) -> float:
    """Return how well a phrase would do as a topic's only label."""
    alone = ALONE if _single(c, phrases) and phrases.stream.prose else 1.0
    said = 1.0
    if c.words[-1] in _MEASURES:
        said = MEASURE_END
    elif c.words[-1] in GENERIC or (c.words[0] in GENERIC and c.words[0].endswith("ing")):
        said = GENERIC_END
    if GENERIC.issuperset(c.words) and _telling(c):
        said = max(said, GENERIC_BOTH)
    apart = c.spread / (c.spread + ELSEWHERE * c.outside)
    common = VAGUE if _vague(c, phrases) else 1.0
    return c.score * alone * (1 + c.support) * c.spread**BREADTH * said * apart * common


def _completed(ranked: list[Candidate], pool: list[Candidate], phrases: Phrases) -> list[Candidate]:
    """Put a fuller phrase first: "agent skills" for "skills", "visual token pruning" for "visual tokens".

    A single or common word gives way to a phrase around it that enough of its papers support, and a phrase
    to one that holds another good term of the pool besides, be it an adjective that heads nothing itself.
    """
    if not ranked:
        return ranked
    best = ranked[0]
    if _single(best, phrases) or _vague(best, phrases):
        least = INSTEAD * _worth(best, phrases)
        instead = [
            c
            for c in ranked[1:]
            if not _single(c, phrases)
            and c.spread >= INSTEAD_SPREAD * best.spread
            and not _vague(c, phrases)
            and _worth(c, phrases) >= least
        ]
        fuller = [
            c
            for c in _around(best, ranked, phrases, ends=GENERIC)
            if c.spread >= FULLER * best.spread and c.users >= FULLER_USERS * best.users
        ]
        if fuller and (_single(best, phrases) or not instead):
            best = max(fuller + instead, key=lambda c: (_worth(c, phrases), c.words))
        else:
            best = instead[0] if instead else best
    else:
        good = [
            c
            for c in pool
            if c.score >= CLOSE * best.score
            and (not _single(c, phrases) or phrases.closing[c.phrase] < SOLE_CLOSING)
        ]
        wider = [
            c
            for c in _around(best, ranked, phrases)
            if c.spread >= WIDER * best.spread
            and c.users >= WIDER_USERS * best.users
            and any(_within(g.words, c.words) and not _within(g.words, best.words) for g in good)
        ]
        best = max(wider, key=lambda c: (c.users, c.score, c.words), default=best)
    return [best] + [c for c in ranked if c is not best]


def _around(
    best: Candidate, ranked: list[Candidate], phrases: Phrases, ends: frozenset[str] = frozenset()
) -> list[Candidate]:
    """Return the phrases that say more than the best one, and not only that it is about models.

    They do not end in a word of every field, except in those given.
    """
    common = [set(c.words) for c in ranked if _vague(c, phrases) and not _single(c, phrases)]
    found = []
    for c in ranked:
        if _within(_opened(best.words), _opened(c.words)) and not _vague(c, phrases):
            added = set(c.words) - set(best.words)
            empty = added <= GENERIC | _MODEL or any(added <= words for words in common)
            verb = c.words[0].endswith("ing") and c.words[0] in added  # "pruning visual tokens"
            if not empty and not verb and c.words[-1] not in (GENERIC - ends) | (_MODEL - set(best.words)):
                found.append(c)
    return found


def _telling(c: Candidate) -> bool:
    """Say whether a phrase of several words, common as they are, is one of this topic."""
    return len(c.words) > 1 and c.share >= TELLING * c.outside


def _single(c: Candidate, phrases: Phrases) -> bool:
    """Say whether a phrase is one written word where others are several."""
    return bool(phrases.lone[c.phrase] >= MOSTLY)


def _vague(c: Candidate, phrases: Phrases) -> bool:
    """Say whether too many papers outside the topic use a phrase for it to name the topic alone."""
    alone = _single(c, phrases)
    return c.outside > (COMMON_WORD if alone else COMMON_PHRASE)


def _choices(ranked: list[Candidate], phrases: Phrases) -> Iterator[list[Candidate]]:
    """Yield a topic's possible headings, best first: one phrase where it says enough, else two."""
    if not ranked:
        return
    best = ranked[0]
    yield from _chains(best, ranked, phrases)
    if not _vague(best, phrases) and _stands_alone(best, phrases):
        yield [best]
    yield from ([c] for c in _around(best, ranked, phrases) if c.share >= NARROWER)
    yield from _pairs(best, ranked, phrases)
    yield from ([c] for c in sorted(ranked[1:], key=lambda c: _single(c, phrases)))
    yield [best]


def _pairs(best: Candidate, ranked: list[Candidate], phrases: Phrases) -> Iterator[list[Candidate]]:
    """Yield a phrase with each that may stand beside it, those that say most first."""
    for c in sorted(ranked, key=lambda c: (_vague(c, phrases), -_second(c, phrases), c.words)):
        fits = len(best.words) + len(c.words) <= MAX_LABEL_WORDS and not _alike(c, best)
        if fits and (not _single(c, phrases) or phrases.closing[c.phrase] >= SECOND_CLOSING):
            yield [best, c]


def _stands_alone(c: Candidate, phrases: Phrases) -> bool:
    """Say whether a phrase needs no second one beside it."""
    if not _single(c, phrases):
        return True
    return phrases.stream.prose and c.spread >= SOLE and phrases.closing[c.phrase] >= SOLE_CLOSING


def _second(c: Candidate, phrases: Phrases) -> float:
    """Return how well a phrase would do beside another."""
    return c.score * (ALONE if _single(c, phrases) and phrases.stream.prose else 1.0)


def _chains(best: Candidate, ranked: list[Candidate], phrases: Phrases) -> Iterator[list[Candidate]]:
    """Yield the best phrase joined with one that goes on where it ends, or the other way round."""
    if _single(best, phrases) or len(best.words) > 2:
        return
    for c in ranked[1:]:
        enough = (
            c.score >= CHAINED_SCORE * best.score
            and c.share >= CHAINED_SHARE
            and min(c.spread, best.spread) >= CHAINED_SPREAD
        )
        empty = GENERIC.issuperset(set(c.words) - set(best.words))  # "high-quality images"
        if enough and not empty and len(c.words) == 2 and not _single(c, phrases) and not _vague(c, phrases):
            pairs = ((best, c), (c, best))
            yield from ([a, b] for a, b in pairs if _chained(a, b) and b.words[-1] not in GENERIC)


def _chained(a: Candidate, b: Candidate) -> bool:
    """Say whether one phrase goes on where the other ends: "visual tokens", "token pruning"."""
    words = a.words + b.words[1:]
    fits = a.words[-1] == b.words[0] and len(b.words) > 1 and len(words) <= MAX_LABEL_WORDS
    return fits and not _stutters(words)


def _alike(a: Candidate, b: Candidate) -> bool:
    """Say whether two phrases share a word or its root: "image editing" and "edits"."""
    roots = [{_ENDING.sub("", part)[:ROOT] for word in c.words for part in word.split("-")} for c in (a, b)]
    return bool(roots[0] & roots[1]) or _shared(a, b) > 0


def _stutters(words: Sequence[str]) -> bool:
    """Say whether a phrase has two words of one root: "generated image generation"."""
    roots = [_ENDING.sub("", word)[:ROOT] for word in words]
    return len(set(roots)) < len(roots)


def _heading(head: list[Candidate], shown: dict[int, str]) -> str:
    """Return one or two phrases as a slide heading."""
    texts = [shown[c.phrase] for c in head]
    if len(head) == 2 and _chained(*head):
        text = f"{texts[0].rpartition(' ')[0]} {texts[1]}".strip()
    else:
        text = ", ".join(texts)
    first = text.split(" ", 1)[0].split("-", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() else text
