"""Which one or two phrases head each topic's slide."""

import heapq
import re
from collections.abc import Iterator, Sequence

import numpy as np

from trends.labels._candidates import Candidate, opened, within
from trends.labels._generic import GENERIC
from trends.labels._terms import shared

CLOSING = 0.25
"""A label's phrase must end what is said at least this often: "medical" and "group relative" do not."""

SECOND_CLOSING = 0.4
"""The same for a single word that joins a phrase, which keeps out verbs."""

ALONE, BESIDE = 0.4, 0.2
"""What a single word counts for against a phrase when a label is chosen, and when its second phrase is."""

VAGUE = 0.5
"""What such a common phrase counts for."""

KIND = 0.8
"""What a phrase that ends in "model" counts for: it says what is used where others say what is studied, so
of two that are as good the other heads the topic."""

ELSEWHERE = 2
"""How much a paper outside the topic counts against a label that fits it too."""

FULLER, FULLER_USERS = 0.3, 0.04
"""A single or common word gives way to a phrase around it whose words this share of its papers use, and
this share side by side."""

WIDER, WIDER_USERS = 0.5, 0.3
"""A phrase gives way to one that holds another good term if this share of its papers use all the words, and
this share side by side."""

INSTEAD, INSTEAD_SPREAD = 0.6, 0.2
"""A common phrase, or a single word without a fuller phrase, gives way to one that is worth this much beside
it and whose words this share of its papers use."""

RATHER = 1.5
"""A phrase without the single word must be worth so many times the best phrase with it."""

PART, WHOLE, WHOLE_WORTH = 0.7, 1.3, 0.45
"""A phrase whose words fewer of the papers use than this names a part of the topic, and goes behind one that
so many times as many use, if there is one worth this much beside it."""

PARTNER_WORTH = 0.45
"""Beside a phrase of a part of the topic stands another that is worth this much beside it, if none is of the
whole: "key-value cache, sparse attention"."""

JOINED_WORTH, JOINED_OUTSIDE = 0.5, 0.05
"""If no such phrase does, one of the same kind that is worth this much beside it, where no more of the papers
outside the topic use either: "linear and sparse attention"."""

FEW, FEW_WORTH = 0.25, 0.25
"""Where fewer of the papers than this use its words, so much is enough: of a topic in which one paper in five
is about sparse autoencoders, "sparse autoencoders" alone would be read as a count of these."""

BEGUN_WORTH = 0.1
"""So much a second phrase is worth beside one with which another topic's heading begins too."""

FOUND = 0.1
"""A label's words are used by at least this share of the topic's papers, if any phrase's are."""

GENERIC_END, MEASURE_END = 0.4, 0.15
"""What a phrase counts for in a label that ends in a word of every field ("attention mechanism") or begins
with such a verb, and in one that says how work is measured ("attack success rate")."""

GENERIC_BOTH = 0.65
"""What a phrase of such words only ("sample complexity") counts for where it is one of the topic."""

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


def headings(pools: list[list[Candidate]]) -> list[list[Candidate]]:
    """Return the one or two phrases that head each topic; no two topics have the same words.

    The topic that a phrase fits best gets it first; another topic must add a second phrase or take the
    next one.
    """
    ranked = []
    for pool in pools:
        telling = [c for c in pool if not GENERIC.issuperset(c.words) or c.telling] or pool
        telling = [c for c in telling if not _stutters(c.words)] or telling
        found = [c for c in telling if c.spread >= FOUND] or telling
        fit = [c for c in found if c.closing >= CLOSING] or found
        fit = sorted(fit, key=lambda c: (-_worth(c), c.words))
        ranked.append(_completed(fit, found))
    taken: set[frozenset[str]] = set()
    heads: list[list[Candidate]] = [[] for _ in pools]
    choices = [_choices(group) for group in ranked]
    waiting: list[tuple[float, int, list[Candidate]]] = []

    def offer(topic: int) -> None:
        head = next(choices[topic], None)
        if head is not None:
            heapq.heappush(waiting, (-_worth(head[0]), topic, head))

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


def qualify(
    heads: list[list[Candidate]],
    pools: list[list[Candidate]],
    shares: list[dict[int, float]],
    siblings: list[np.ndarray],
) -> None:
    """Put a second phrase beside one that a sibling's heading holds and its papers use as much.

    So too beside one with which another heading begins, if there is a phrase that says something.
    """
    taken = {_said(head) for head in heads}
    begun = {head[0].words for head in heads if len(head) == 2}
    for topic, head in enumerate(heads):
        rivals = (
            other
            for other in siblings[topic].tolist()
            if any(c.words == head[0].words or within(head[0].words, c.words) for c in heads[other])
            and shares[other].get(head[0].phrase, 0.0) >= head[0].share
        )
        if len(head) != 1:
            continue
        held = next(rivals, None) is not None
        if not held and head[0].words not in begun:
            continue
        least = 0.0 if held else BEGUN_WORTH * _worth(head[0])
        pairs = (
            pair
            for pair in _pairs(head[0], pools[topic])
            if not pair[1].vague and _worth(pair[1], BESIDE) >= least
        )
        fresh = next((pair for pair in pairs if _said(pair) not in taken), None)
        if fresh is not None:
            heads[topic] = fresh
            taken.add(_said(fresh))


def _said(head: list[Candidate]) -> frozenset[str]:
    """Return the words by which two headings are the same."""
    words = frozenset(word for c in head for word in c.words)
    return words - _MODEL or words


def _worth(c: Candidate, single: float = ALONE) -> float:
    """Return how well a phrase would do as a topic's label, a single word counting for so much."""
    alone = single if c.single and c.prose else 1.0
    said = 1.0
    if c.words[-1] in _MEASURES:
        said = MEASURE_END
    elif c.words[-1] in GENERIC or (c.words[0] in GENERIC and c.words[0].endswith("ing")):
        said = GENERIC_END
    if GENERIC.issuperset(c.words) and c.telling:
        said = max(said, GENERIC_BOTH)
    apart = c.spread / (c.spread + ELSEWHERE * c.outside)
    common = VAGUE if c.vague else 1.0
    kind = KIND if _MODEL.issuperset(c.words[-1:]) else 1.0
    return c.score * alone * (1 + c.support) * c.spread**BREADTH * said * apart * common * kind


def _completed(ranked: list[Candidate], pool: list[Candidate]) -> list[Candidate]:
    """Put a fuller phrase first: "agent skills" for "skills", "visual token pruning" for "visual tokens".

    A single or common word gives way to a phrase around it that enough of its papers support, and a phrase
    to one that holds another good term of the pool besides, be it an adjective that heads nothing itself.
    """
    if not ranked:
        return ranked
    best = ranked[0]
    if best.single or best.vague:
        least = INSTEAD * _worth(best)
        instead = [
            c
            for c in ranked[1:]
            if not c.single
            and c.spread >= INSTEAD_SPREAD * best.spread
            and not c.vague
            and _worth(c) >= least
        ]
        fuller = [
            c
            for c in _around(best, ranked, ends=GENERIC)
            if c.spread >= FULLER * best.spread and c.users >= FULLER_USERS * best.users
        ]
        if fuller and (best.single or not instead):
            best = max(fuller, key=lambda c: (_worth(c), c.words))
            best = instead[0] if instead and _worth(instead[0]) >= RATHER * _worth(best) else best
        else:
            best = instead[0] if instead else best
    else:
        good = [
            c for c in pool if c.score >= CLOSE * best.score and (not c.single or c.closing < SOLE_CLOSING)
        ]
        wider = [
            c
            for c in _around(best, ranked)
            if c.spread >= WIDER * best.spread
            and c.users >= WIDER_USERS * best.users
            and any(within(g.words, c.words) and not within(g.words, best.words) for g in good)
        ]
        best = max(wider, key=lambda c: (c.users, c.score, c.words), default=best)
    return [best] + [c for c in ranked if c is not best]


def _around(best: Candidate, ranked: list[Candidate], ends: frozenset[str] = frozenset()) -> list[Candidate]:
    """Return the phrases that say more than the best one, and not only that it is about models.

    They do not end in a word of every field, except in those given.
    """
    common = [set(c.words) for c in ranked if c.vague and not c.single]
    found = []
    for c in ranked:
        if within(opened(best.words), opened(c.words)) and not c.vague:
            added = set(c.words) - set(best.words)
            empty = added <= GENERIC | _MODEL or any(added <= words for words in common)
            verb = c.words[0].endswith("ing") and c.words[0] in added  # "pruning visual tokens"
            if not empty and not verb and c.words[-1] not in (GENERIC - ends) | (_MODEL - set(best.words)):
                found.append(c)
    return found


def _choices(ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield a topic's possible headings, best first: one phrase where it says enough, else two."""
    if not ranked:
        return
    best = ranked[0]
    yield from _chains(best, ranked)
    yield from _wholes(best, ranked)
    if not best.vague and _stands_alone(best):
        yield from _partners(best, ranked)
        yield from _joined(best, ranked)
        yield [best]
    yield from ([c] for c in _around(best, ranked) if c.share >= NARROWER)
    yield from _pairs(best, ranked)
    yield from ([c] for c in sorted(ranked[1:], key=lambda c: c.single))
    yield [best]


def _wholes(best: Candidate, ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield a phrase of the whole topic with one that names a part: "diffusion models, flow matching"."""
    if best.single or best.vague or best.spread >= PART:
        return
    for c in ranked[1:]:
        wide = c.spread >= WHOLE * best.spread and _worth(c) >= WHOLE_WORTH * _worth(best)
        fits = len(best.words) + len(c.words) <= MAX_LABEL_WORDS and not _alike(c, best)
        if wide and fits and not c.single and not c.vague:
            yield [c, best]


def _partners(best: Candidate, ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield a phrase of a part of the topic with one that says nearly as much of it."""
    if best.single or best.spread >= PART:
        return
    least = (FEW_WORTH if best.spread < FEW else PARTNER_WORTH) * _worth(best)
    for pair in _pairs(best, ranked):
        said = not pair[1].vague and not GENERIC.issuperset(pair[1].words)
        if said and _worth(pair[1], BESIDE) >= least:
            yield pair


def _joined(best: Candidate, ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield a phrase of a part of the topic with one of the same kind: "linear and sparse attention"."""
    if best.spread >= PART:
        return
    for c in ranked[1:]:
        rare = max(best.outside, c.outside) <= JOINED_OUTSIDE  # "deep and machine learning" says little
        if joint(best, c) and rare and _worth(c) >= JOINED_WORTH * _worth(best):
            yield [best, c]


def joint(a: Candidate, b: Candidate) -> bool:
    """Say whether two phrases name two kinds of one thing: "linear attention" and "sparse attention"."""
    two = len(a.words) == len(b.words) == 2 and not (a.single or b.single)
    if not two or a.words[1] != b.words[1] or a.words[1] in GENERIC | _MODEL:
        return False
    return not _stutters((a.words[0], b.words[0], a.words[1]))


def _pairs(best: Candidate, ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield a phrase with each that may stand beside it, those that say most first."""
    for c in sorted(ranked, key=lambda c: (c.vague, -_worth(c, BESIDE), c.words)):
        fits = len(best.words) + len(c.words) <= MAX_LABEL_WORDS and not _alike(c, best)
        if fits and (not c.single or c.closing >= SECOND_CLOSING):
            yield [best, c]


def _stands_alone(c: Candidate) -> bool:
    """Say whether a phrase needs no second one beside it."""
    if not c.single:
        return True
    return c.prose and c.spread >= SOLE and c.closing >= SOLE_CLOSING


def _chains(best: Candidate, ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield the best phrase joined with one that goes on where it ends, or the other way round."""
    if best.single or len(best.words) > 2:
        return
    for c in ranked[1:]:
        enough = (
            c.score >= CHAINED_SCORE * best.score
            and c.share >= CHAINED_SHARE
            and min(c.spread, best.spread) >= CHAINED_SPREAD
        )
        empty = GENERIC.issuperset(set(c.words) - set(best.words))  # "high-quality images"
        if enough and not empty and len(c.words) == 2 and not c.single and not c.vague:
            pairs = ((best, c), (c, best))
            yield from ([a, b] for a, b in pairs if chained(a, b) and b.words[-1] not in GENERIC)


def chained(a: Candidate, b: Candidate) -> bool:
    """Say whether one phrase goes on where the other ends: "visual tokens", "token pruning"."""
    words = a.words + b.words[1:]
    fits = a.words[-1] == b.words[0] and len(b.words) > 1 and len(words) <= MAX_LABEL_WORDS
    return fits and not _stutters(words)


def _alike(a: Candidate, b: Candidate) -> bool:
    """Say whether two phrases share a word or its root, as "image editing" and "edits"."""
    # "Multi-agent" and "agent".
    if any(one.endswith(other) or other.endswith(one) for one in a.words for other in b.words):
        return True
    roots = [{_ENDING.sub("", part)[:ROOT] for word in c.words for part in word.split("-")} for c in (a, b)]
    return bool(roots[0] & roots[1]) or shared(a, b) > 0


def _stutters(words: Sequence[str]) -> bool:
    """Say whether a phrase has two words of one root: "generated image generation"."""
    roots = [_ENDING.sub("", word)[:ROOT] for word in words]
    return len(set(roots)) < len(roots)
