"""BERTopic's `merge_models`, which its documentation prefers to `partial_fit`: batch models join the first.

UMAP is seeded as on its page on merging; all else is left as it is (`min_topic_size` 10, `min_similarity`
.7).
"""

import numpy as np

from benchmarks.peers.adapters._online import replay
from benchmarks.peers.adapters._run import Run

run = Run()
from bertopic import BERTopic  # noqa: E402
from bertopic import __version__ as version  # noqa: E402
from umap import UMAP  # noqa: E402

IN_ONE, LOST = "in a topic of the batch's own model", "of those unassigned by merging"


class Merged:
    """The first model, and what was merged into it."""

    least = 20  # UMAP looks at 15 neighbours

    def __init__(self) -> None:
        self.model: BERTopic | None = None
        self.told = {
            "born": [],
            IN_ONE: 0,
            LOST: 0,
        }

    def take(self, papers: range) -> None:
        umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=42)
        model = BERTopic(embedding_model=encoder, umap_model=umap)
        model.fit(run.texts[papers.start : papers.stop], run.embeddings[papers.start : papers.stop])
        if self.model is None:
            self.model = model
            return
        own = np.array(model.topics_)
        before = len(self.model.topic_embeddings_)
        self.model = BERTopic.merge_models([self.model, model], **run.options)
        now = np.array(self.model.topics_)[-len(own) :]
        self.told["born"].append(len(self.model.topic_embeddings_) - before)
        self.told[IN_ONE] += int(np.sum(own >= 0))
        self.told[LOST] += int(np.sum((own >= 0) & (now < 0)))

    def kept(self) -> list[int]:
        return self.model.topics_

    def ask(self, n_papers: int) -> list[int]:
        return self.model.transform(run.texts[:n_papers], run.embeddings[:n_papers])[0]


encoder = run.encoder()
replay(run, Merged(), version)
