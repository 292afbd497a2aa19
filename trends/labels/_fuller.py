"""Which phrase of a topic says most: the best one, or a fuller one around it."""

from trends.labels._candidates import Candidate, opened, within
from trends.labels._generic import GENERIC
from trends.labels._worth import MODEL, worth

FULLER, FULLER_USERS = 0.3, 0.04
"""A single or common word gives way to a phrase around it whose words this share of its papers use, and
this share side by side."""

WIDER, WIDER_USERS = 0.5, 0.3
"""A phrase gives way to one that holds another good term if this share of its papers use all the words, and
this share side by side."""

INSTEAD, INSTEAD_SPREAD = 0.6, 0.2
"""A common phrase, or a single word without a fuller phrase, gives way to one that is worth this much beside
it and whose words this share of its papers use."""

COMMON, COMMON_SPREAD = 0.4, 0.15
"""The same for a single word that is common: "language model inference" for "tokens"."""

RATHER, FAR_RATHER = 1.5, 4
"""A phrase without the single word must be worth so many times the best phrase with it, or so many where it
is worth less beside the word than that."""

COMPOUND = 0.25
"""A compound that can stand alone, such as "mixture-of-experts", does if no phrase with it is worth this."""

HOLDING = 0.9
"""A phrase is worth nearly as much as the best one with this share: "long-context language models" heads a
topic rather than "context window" where "long-context" is worth more than either."""

SOLE, SOLE_CLOSING = 0.65, 0.6
"""A single word heads a topic alone if this share of its papers use it and it ends what is said this often,
as nouns do: "clustering", not "search" or "multilingual"."""

CLOSE = 0.4
"""A second phrase comes close with this share of the first one's score."""


def completed(ranked: list[Candidate], pool: list[Candidate]) -> list[Candidate]:
    """Put a fuller phrase first: "agent skills" for "skills", "visual token pruning" for "visual tokens".

    A single or common word gives way to a phrase around it that enough of its papers support, and a phrase
    to one that holds another good term of the pool besides, be it an adjective that heads nothing itself.
    """
    if not ranked:
        return ranked
    best = _holding(ranked, pool)
    best = _instead(best, ranked) if best.single or best.vague else _wider(best, ranked, pool)
    return [best] + [c for c in ranked if c is not best]


def _holding(ranked: list[Candidate], pool: list[Candidate]) -> Candidate:
    """Return the best phrase, or one nearly as good that holds a better term which heads nothing itself."""
    lead = max(pool, key=lambda c: (worth(c), c.words))
    if lead in ranked:
        return ranked[0]
    near = (c for c in ranked if worth(c) >= HOLDING * worth(ranked[0]) and within(lead.words, c.words))
    return next(near, ranked[0])


def _instead(best: Candidate, ranked: list[Candidate]) -> Candidate:
    """Return what a single or common word gives way to, itself where there is nothing."""
    least, spread = (COMMON, COMMON_SPREAD) if best.single and best.vague else (INSTEAD, INSTEAD_SPREAD)
    others = [
        c for c in ranked if not (c is best or c.single or c.vague) and c.spread >= spread * best.spread
    ]
    other = others[0] if others else None
    good = other is not None and worth(other) >= least * worth(best)
    fuller = [
        c
        for c in around(best, ranked, ends=GENERIC)
        if c.spread >= FULLER * best.spread and c.users >= FULLER_USERS * best.users
    ]
    if not fuller or (good and not best.single):
        return other if other is not None and good else best
    full = max(fuller, key=lambda c: (worth(c), c.words))
    compound = len(opened(best.words)) > 1 and not best.vague and stands_alone(best)
    if compound and worth(full) < COMPOUND * worth(best):
        return best
    if other is not None and worth(other) >= (RATHER if good else FAR_RATHER) * worth(full):
        return other
    return full


def _wider(best: Candidate, ranked: list[Candidate], pool: list[Candidate]) -> Candidate:
    """Return the phrase around another that holds a further good term, itself where there is none."""
    good = [c for c in pool if c.score >= CLOSE * best.score and (not c.single or c.closing < SOLE_CLOSING)]
    wider = [
        c
        for c in around(best, ranked)
        if c.spread >= WIDER * best.spread
        and c.users >= WIDER_USERS * best.users
        and any(within(g.words, c.words) and not within(g.words, best.words) for g in good)
    ]
    return max(wider, key=lambda c: (c.users, c.score, c.words), default=best)


def around(best: Candidate, ranked: list[Candidate], ends: frozenset[str] = frozenset()) -> list[Candidate]:
    """Return the phrases that say more than the best one, and not only that it is about models.

    They do not end in a word of every field, except in those given.
    """
    common = [set(c.words) for c in ranked if c.vague and not c.single]
    found = []
    for c in ranked:
        if within(opened(best.words), opened(c.words)) and not c.vague:
            added = set(c.words) - set(best.words)
            empty = added <= GENERIC | MODEL or any(added <= words for words in common)
            verb = c.words[0].endswith("ing") and c.words[0] in added  # "pruning visual tokens"
            if not empty and not verb and c.words[-1] not in (GENERIC - ends) | (MODEL - set(best.words)):
                found.append(c)
    return found


def stands_alone(c: Candidate) -> bool:
    """Say whether a phrase needs no second one beside it."""
    if not c.single:
        return True
    return c.prose and c.spread >= SOLE and c.closing >= SOLE_CLOSING
