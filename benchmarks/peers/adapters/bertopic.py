"""BERTopic as its README uses it: `BERTopic().fit_transform(docs)`, encoder all-MiniLM-L6-v2, no seed.

A number of topics is `nr_topics` (one more, since BERTopic counts the unassigned as a topic), from ever
smaller `min_topic_size` where the default finds fewer. For a sweep the layout is made once, by the UMAP
of BERTopic's defaults.
"""

import numpy as np

from benchmarks.peers.adapters._run import Run, without_number

run = Run()
with run.stage("import"):
    from bertopic import BERTopic
    from bertopic import __version__ as version

    encoder = run.encoder()
vectors = run.vectors(encoder)


class Kept:
    """A layout that was made before, where BERTopic looks for a UMAP."""

    def __init__(self, layout: np.ndarray) -> None:
        self.layout = layout

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> "Kept":
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        return self.layout


def fit(umap: Kept | None, **settings: int) -> tuple[BERTopic, list[int]]:
    model = BERTopic(embedding_model=encoder, umap_model=umap, **settings)
    run.timed(model, "_reduce_dimensionality", "reduce")
    run.timed(model, "_cluster_embeddings", "cluster")
    run.timed(model, "_extract_topics", "words")
    labels, _ = model.fit_transform(run.texts, embeddings=vectors)
    return model, labels


layout = None
if len(run.asked) > 1:
    with run.stage("reduce"):
        layout = Kept(BERTopic().umap_model.fit(vectors).embedding_)
for asked in run.asked:
    settings = dict(run.options)
    if isinstance(asked, dict):
        settings |= asked
    model, labels = fit(layout, **settings, **({"nr_topics": asked + 1} if isinstance(asked, int) else {}))
    if isinstance(asked, int):
        size = settings.get("min_topic_size", 10)
        while len(set(labels) - {-1}) < asked and size > 2:
            size = max(2, size * 2 // 3)
            model, labels = fit(layout, nr_topics=asked + 1, min_topic_size=size)
    topics = sorted(set(labels) - {-1})
    words = [[word for word, _ in model.get_topic(topic) if word] for topic in topics]
    info = model.get_topic_info().set_index("Topic")["Name"]
    run.keep(asked, labels, words, [without_number(info[topic]) for topic in topics])
run.write(version)
