"""turftopic's online route, KeyNMF's `partial_fit`: 50 topics, first papers in batches of 200 as on its page.

It asks for a vectoriser with `min_df=1`. A paper's keywords are those of its own words, whatever came since,
so they are extracted once. What is kept is each batch's topics when it came, as of BERTopic's `partial_fit`.
"""

import time
from importlib.metadata import version

import numpy as np

from benchmarks.peers.adapters._online import replay
from benchmarks.peers.adapters._run import Run

run = Run()
from sklearn.feature_extraction.text import CountVectorizer  # noqa: E402
from turftopic import KeyNMF  # noqa: E402


class Online:
    """One model, taught batch by batch."""

    least = 1

    def __init__(self) -> None:
        vectorizer = CountVectorizer(stop_words="english")
        self.model = KeyNMF(50, encoder=encoder, vectorizer=vectorizer, random_state=run.seed)
        self.keywords: list[dict[str, float]] = []
        self.topics: list[int] = []
        self.told: dict[str, int] = {}

    def take(self, papers: range) -> None:
        size = 200 if not self.topics else len(papers)
        for start in range(papers.start, papers.stop, size):
            end = min(start + size, papers.stop)
            found = self.model.extract_keywords(run.texts[start:end], embeddings=run.embeddings[start:end])
            self.model.partial_fit(keywords=found)
            self.keywords.extend(found)
            self.topics.extend(topics_of(self.model.transform(None, keywords=found)))
        self.told["words"] = len(self.model.get_vocab())

    def kept(self) -> list[int]:
        return self.topics

    def ask(self, n_papers: int) -> np.ndarray:
        return topics_of(self.model.transform(None, keywords=self.keywords[:n_papers]))


def topics_of(weights: np.ndarray) -> np.ndarray:
    """Give each paper's largest topic; one that no topic has a part in is in none."""
    return np.where(weights.max(axis=1) > 0, weights.argmax(axis=1), -1)


encoder = run.encoder()
reading: list[float] = []
encode = encoder.encode


def timed(*given, **named):
    began = time.process_time()
    try:
        return encode(*given, **named)
    finally:
        reading.append(time.process_time() - began)


encoder.encode = timed
replay(run, Online(), version("turftopic"), reading)
