"""How well a phrase would do as a topic's label."""

from trends.labels._candidates import Candidate
from trends.labels._generic import GENERIC, METHODS

ALONE, BESIDE = 0.4, 0.2
"""What a single word counts for against a phrase when a label is chosen, and when its second phrase is."""

VAGUE = 0.5
"""What such a common phrase counts for."""

KIND = 0.8
"""What a phrase that ends in "model" counts for: it says what is used where others say what is studied, so
of two that are as good the other heads the topic."""

METHOD = 0.6
"""The same for a method of every field, such as "deep learning"."""

ELSEWHERE = 2
"""How much a paper outside the topic counts against a label that fits it too."""

GENERIC_END, MEASURE_END = 0.4, 0.15
"""What a phrase counts for in a label that ends in a word of every field ("attention mechanism") or begins
with such a verb, and in one that says how work is measured ("attack success rate")."""

GENERIC_BOTH = 0.65
"""What a phrase of such words only ("sample complexity") counts for where it is one of the topic."""

BREADTH = 0.5
"""How much it matters that many of the topic's papers use the words of a label: a power of their share."""

MODEL = frozenset(["model"])
"""What every paper of some fields has: it adds nothing to a name and yet ends good ones."""

_MEASURES = frozenset("accuracy error precision rate recall score".split())


def worth(c: Candidate, single: float = ALONE) -> float:
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
    kind = KIND if MODEL.issuperset(c.words[-1:]) else 1.0
    kind = METHOD if tuple(word for word in c.words if word not in MODEL) in METHODS else kind
    return c.score * alone * (1 + c.support) * c.spread**BREADTH * said * apart * common * kind
