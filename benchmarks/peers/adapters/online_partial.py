"""BERTopic's `partial_fit` as its page on online topics has it: IncrementalPCA, MiniBatchKMeans, decay .01.

That page adds the `topics_` of each batch to those of the batches before: they are what is kept. The first
papers come in batches of 1,000, as there. Vectors are doubles: with single precision the second batch fails,
since IncrementalPCA gives doubles from then on and MiniBatchKMeans does not take both.
"""

import numpy as np

from benchmarks.peers.adapters._online import replay
from benchmarks.peers.adapters._run import Run

run = Run()
from bertopic import BERTopic  # noqa: E402
from bertopic import __version__ as version  # noqa: E402
from bertopic.vectorizers import OnlineCountVectorizer  # noqa: E402
from sklearn.cluster import MiniBatchKMeans  # noqa: E402
from sklearn.decomposition import IncrementalPCA  # noqa: E402


class Online:
    """One model, taught batch by batch."""

    least = 5  # as many as IncrementalPCA has components

    def __init__(self) -> None:
        self.model = BERTopic(
            embedding_model=encoder,
            umap_model=IncrementalPCA(n_components=5),
            hdbscan_model=MiniBatchKMeans(n_clusters=50, random_state=0),
            vectorizer_model=OnlineCountVectorizer(stop_words="english", decay=0.01),
        )
        self.topics: list[int] = []
        self.told: dict[str, int] = {}

    def take(self, papers: range) -> None:
        size = 1_000 if not self.topics else len(papers)
        for start in range(papers.start, papers.stop, size):
            end = min(start + size, papers.stop)
            self.model.partial_fit(run.texts[start:end], run.embeddings[start:end])
            self.topics.extend(self.model.topics_)

    def kept(self) -> list[int]:
        return self.topics

    def ask(self, n_papers: int) -> list[int]:
        return self.model.transform(run.texts[:n_papers], run.embeddings[:n_papers])[0]


encoder = run.encoder()
run.embeddings = run.embeddings.astype(np.float64)
replay(run, Online(), version)
