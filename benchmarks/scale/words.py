"""The words that large corpora are written with: those of the embedded sample, by its own topics.

    python -m benchmarks.scale.words

finds the topics anew and writes `words.json`, which the generator reads, so that no corpus hangs on a fit.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from trends.core.words import documents, stop_words, tokens

FILE = Path(__file__).with_name("words.json")

N_TOPICS = 48
"""As many topics are asked of the sample; 46 come."""

N_UNITS = 60
"""So many telling words and pairs of words stand for a topic."""


@dataclass(frozen=True)
class Words:
    """What texts are made of.

    Attributes
    ----------
    names
        Each topic's name: its two or three most telling words.
    units
        Each topic's words and pairs of words, the most telling first; as many for every topic.
    background
        All words of the sample, the most frequent first.
    frequencies
        How often the sample uses each of them.
    """

    names: tuple[str, ...]
    units: tuple[tuple[str, ...], ...]
    background: tuple[str, ...]
    frequencies: np.ndarray


@cache
def words() -> Words:
    """Read the words."""
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    return Words(
        names=tuple(topic["name"] for topic in kept["topics"]),
        units=tuple(tuple(topic["units"]) for topic in kept["topics"]),
        background=tuple(kept["background"]),
        frequencies=np.array(list(kept["background"].values()), dtype=float),
    )


def gather(papers: pd.DataFrame, topic: pd.Series) -> dict:
    """Say which words and pairs tell each topic from the others, and how often any word is used.

    A unit's weight is the number of its uses in the topic times the logarithm of how many times rarer it is
    in all topics, as in class-based TF-IDF.
    """
    read = {paper_id: tokens(text) for paper_id, text in documents(papers).items()}
    frequency = Counter(word for told in read.values() for word in told)
    within: dict[int, Counter] = {}
    for paper_id, topic_id in topic[topic >= 0].items():
        within.setdefault(int(topic_id), Counter()).update(_units(read[paper_id]))
    spread = Counter(unit for counted in within.values() for unit in counted)
    topics: list[dict] = []
    for _, counted in sorted(within.items()):
        weights = {unit: n * np.log(len(within) / spread[unit]) for unit, n in counted.items()}
        ranked = sorted(weights, key=lambda unit: (-weights[unit], unit))[:N_UNITS]
        single = [unit for unit in ranked if " " not in unit]
        taken = {topic["name"] for topic in topics}
        names = (" ".join(single[:length]) for length in range(2, len(single)))
        topics.append({"name": next(name for name in names if name not in taken), "units": ranked})
    background = sorted(frequency.items(), key=lambda item: (-item[1], item[0]))
    return {"topics": topics, "background": dict(background)}


def _units(told: list[str]) -> Iterator[str]:
    """Yield the telling words of a text, and its pairs of telling words side by side."""
    telling = [word not in stop_words() for word in told]
    yield from (word for word, tells in zip(told, telling) if tells)
    for place in range(len(told) - 1):
        if telling[place] and telling[place + 1]:
            yield f"{told[place]} {told[place + 1]}"


def main() -> None:
    """Find the sample's topics and write the words."""
    from trends.embeddings import embed
    from trends.papers import sample
    from trends.topics import cluster

    papers = sample()
    topics = cluster(papers, embed(papers), n_topics=N_TOPICS)
    made = gather(papers, topics.members["topic_id"])
    short = [topic["name"] for topic in made["topics"] if len(topic["units"]) < N_UNITS]
    if short:
        raise SystemExit(f"These topics have too few words: {short}")
    FILE.write_text(json.dumps(made, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"{len(made['topics'])} topics, {len(made['background'])} words")


if __name__ == "__main__":
    main()
