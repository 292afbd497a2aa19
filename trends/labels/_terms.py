"""The terms of a topic: its best phrases that repeat neither each other nor what every topic says.

Of two phrases that share words only one is kept among the best (maximal marginal relevance, Carbonell and
Goldstein 1998).
"""

from trends.labels._candidates import Candidate
from trends.labels._generic import GENERIC

REPEATS, NESTED_REPEATS = 0.5, 0.9
"""What a term loses that repeats words of a better one, and what it loses if it holds or is held by one."""

SHARED_TERM = 5
"""How much a paper outside the topic counts against a term that it uses too."""

GENERIC_TERM = 0.3
"""What a word of every field counts for as a term: "accuracy"."""


def diverse(pool: list[Candidate], top: int) -> list[Candidate]:
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
    return c.score * own * (GENERIC_TERM if GENERIC.issuperset(c.words) and not c.telling else 1.0)


def _repeats(a: Candidate, b: Candidate) -> float:
    """Return what a phrase loses as a term beside a better one."""
    part = shared(a, b)
    return NESTED_REPEATS if part == 1 else REPEATS * part


def shared(a: Candidate, b: Candidate) -> float:
    """Return the share of the shorter phrase's words that the other has; 1 for an acronym and its words."""
    for one, other in ((a, b), (b, a)):
        if len(one.words) == 1 and "".join(word[0] for word in other.words).endswith(one.words[0]):
            return 1.0
    return len(set(a.words) & set(b.words)) / min(len(a.words), len(b.words))
