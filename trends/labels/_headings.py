"""Which one or two phrases head each topic's slide."""

import heapq
import re
from collections.abc import Iterator, Sequence

import numpy as np

from trends.labels._candidates import Candidate, within
from trends.labels._fuller import around, completed, stands_alone
from trends.labels._generic import GENERIC, METHODS
from trends.labels._terms import shared
from trends.labels._worth import BESIDE, MODEL, worth

CLOSING = 0.25
"""A label's phrase must end what is said at least this often: "medical" and "group relative" do not."""

SECOND_CLOSING = 0.4
"""The same for a single word that joins a phrase, which keeps out verbs."""

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

CHAINED_SHARE, CHAINED_SCORE, CHAINED_SPREAD = 0.15, 0.2, 0.35
"""What makes "visual token pruning" of "visual tokens" and "token pruning": the share of papers that use the
weaker of the two, its score beside the stronger one's, and the share that use its words anywhere."""

RIVAL_WORTH = 0.6
"""Where another topic has the best phrase, one that is worth this much beside it stands alone rather than
the best one with a single word."""

RIVAL, RIVAL_SPREAD = 2, 0.3
"""And where the best phrase is common, one around it that is worth so many times such a word and whose words
this share of its papers use."""

NARROWER = 0.1
"""Where another topic has the best phrase, a fuller one with this share of the papers stands for it."""

ROOT = 4
"""Words that begin with the same letters, this many without their endings, do not stand together."""

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
        fit = sorted(fit, key=lambda c: (-worth(c), c.words))
        ranked.append(completed(fit, found))
    taken: set[frozenset[str]] = set()
    heads: list[list[Candidate]] = [[] for _ in pools]
    choices = [_choices(group) for group in ranked]
    waiting: list[tuple[float, int, list[Candidate]]] = []

    def offer(topic: int) -> None:
        head = next(choices[topic], None)
        if head is not None:
            heapq.heappush(waiting, (-worth(head[0]), topic, head))

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
        least = 0.0 if held else BEGUN_WORTH * worth(head[0])
        pairs = (
            pair
            for pair in _pairs(head[0], pools[topic])
            if not pair[1].vague and worth(pair[1], BESIDE) >= least
        )
        fresh = next((pair for pair in pairs if _said(pair) not in taken), None)
        if fresh is not None:
            heads[topic] = fresh
            taken.add(_said(fresh))


def _said(head: list[Candidate]) -> frozenset[str]:
    """Return the words by which two headings are the same."""
    words = frozenset(word for c in head for word in c.words)
    return words - MODEL or words


def _choices(ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield a topic's possible headings, best first: one phrase where it says enough, else two."""
    if not ranked:
        return
    best = ranked[0]
    yield from _chains(best, ranked)
    yield from _wholes(best, ranked)
    if not best.vague and stands_alone(best):
        yield from _partners(best, ranked)
        yield from _joined(best, ranked)
        yield [best]
    yield from ([c] for c in around(best, ranked) if c.share >= NARROWER)
    yield from _rivals(best, ranked)
    yield from _pairs(best, ranked)
    yield from ([c] for c in sorted(ranked[1:], key=lambda c: c.single))
    yield [best]


def _rivals(best: Candidate, ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield phrases that say more than the best one with a single word beside it would.

    Where the best one is common those around it ("language model evaluation" rather than "language models,
    judge"), else those that are worth nearly as much.
    """
    second = next((pair[1] for pair in _pairs(best, ranked)), None)
    if second is not None and not second.single:
        return
    beside = 0.0 if second is None else worth(second, BESIDE)
    for c in ranked:
        if c is best or c.single or c.vague:
            continue
        if best.vague:
            fuller = within(best.words, c.words) and c.spread >= RIVAL_SPREAD * best.spread
            if fuller and worth(c) >= RIVAL * beside:
                yield [c]
        elif worth(c) >= RIVAL_WORTH * worth(best):
            yield [c]


def _wholes(best: Candidate, ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield a phrase of the whole topic with one that names a part: "diffusion models, flow matching"."""
    if best.single or best.vague or best.spread >= PART:
        return
    for c in ranked[1:]:
        wide = c.spread >= WHOLE * best.spread and worth(c) >= WHOLE_WORTH * worth(best)
        fits = len(best.words) + len(c.words) <= MAX_LABEL_WORDS and not _alike(c, best)
        if wide and fits and not c.single and not c.vague:
            yield [c, best]


def _partners(best: Candidate, ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield a phrase of a part of the topic with one that says nearly as much of it."""
    if best.single or best.spread >= PART:
        return
    least = (FEW_WORTH if best.spread < FEW else PARTNER_WORTH) * worth(best)
    for pair in _pairs(best, ranked):
        said = not pair[1].vague and not GENERIC.issuperset(pair[1].words)
        if said and worth(pair[1], BESIDE) >= least:
            yield pair


def _joined(best: Candidate, ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield a phrase of a part of the topic with one of the same kind: "linear and sparse attention"."""
    if best.spread >= PART:
        return
    for c in ranked[1:]:
        rare = max(best.outside, c.outside) <= JOINED_OUTSIDE  # "deep and machine learning" says little
        if joint(best, c) and rare and worth(c) >= JOINED_WORTH * worth(best):
            yield [best, c]


def joint(a: Candidate, b: Candidate) -> bool:
    """Say whether two phrases name two kinds of one thing, or two things done with one.

    "Linear attention" and "sparse attention", "image restoration" and "image super-resolution".
    """
    two = len(a.words) == len(b.words) == 2 and not (a.single or b.single)
    if not two or {a.words[1], b.words[1]} & (GENERIC | MODEL) or {a.words, b.words} & METHODS:
        return False
    shared = sum(one == other for one, other in zip(a.words, b.words))
    return shared == 1 and not _stutters(list(dict.fromkeys(a.words + b.words)))


def _pairs(best: Candidate, ranked: list[Candidate]) -> Iterator[list[Candidate]]:
    """Yield a phrase with each that may stand beside it, those that say most first."""
    for c in sorted(ranked, key=lambda c: (c.vague, -worth(c, BESIDE), c.words)):
        fits = len(best.words) + len(c.words) <= MAX_LABEL_WORDS and not _alike(c, best)
        if fits and (not c.single or c.closing >= SECOND_CLOSING):
            yield [best, c]


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
