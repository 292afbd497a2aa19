"""What each topic is called: a heading and terms, as the corpus writes them."""

from dataclasses import dataclass

import numpy as np

from trends.labels._candidates import Candidate, candidates, fold_nested, siblings_of
from trends.labels._headings import chained, headings, joint, qualify
from trends.labels._phrases import Phrases
from trends.labels._terms import diverse


@dataclass(frozen=True)
class Name:
    """What a topic is called: its label ("" where it has no words), its terms and their weights."""

    label: str
    terms: tuple[str, ...]
    weights: tuple[float, ...]


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
    siblings = siblings_of(centroids)
    found = candidates(phrases, row_topic, sizes, centroids, siblings)
    pools = [fold_nested(pool) for pool in found]
    heads = headings(pools)
    qualify(heads, pools, [{c.phrase: c.share for c in pool} for pool in found], siblings)
    terms = [diverse(pool, top) for pool in pools]
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


def _heading(head: list[Candidate], shown: dict[int, str]) -> str:
    """Return one or two phrases as a slide heading."""
    texts = [shown[c.phrase] for c in head]
    if len(head) == 2 and chained(*head):
        text = f"{texts[0].rpartition(' ')[0]} {texts[1]}".strip()
    elif len(head) == 2 and joint(*head) and all(" " in text for text in texts):
        if head[0].words[0] == head[1].words[0]:
            text = f"{texts[0]} and {texts[1].partition(' ')[2]}"
        else:
            text = f"{texts[0].rpartition(' ')[0]} and {texts[1]}"
    else:
        text = ", ".join(texts)
    first = text.split(" ", 1)[0].split("-", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() else text
