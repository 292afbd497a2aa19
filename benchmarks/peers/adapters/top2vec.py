"""Top2Vec with MiniLM as its embedding function; it takes no embeddings, so it asks for them text by text.

A number of topics is its `hierarchical_topic_reduction`. It has no seed and leaves no paper unassigned.
"""

from importlib.metadata import version

import numpy as np

from benchmarks.peers.adapters._run import TOP, Run

run = Run()
with run.stage("import"):
    from top2vec import Top2Vec

    encoder = run.encoder()
made = {} if run.embeddings is None else dict(zip(run.texts, run.embeddings, strict=True))


def embed(texts: list[str]) -> np.ndarray:
    """Give the embeddings made before; what has none, Top2Vec's vocabulary, is encoded now."""
    unknown = [text for text in texts if text not in made]
    if unknown:
        with run.stage("encode"):
            made.update(zip(unknown, encoder.encode(unknown, show_progress_bar=False), strict=True))
    return np.stack([made[text] for text in texts])


run.timed(Top2Vec, "compute_topics", "reduce and cluster")
run.timed(Top2Vec, "_find_topic_words_and_scores", "words")
# A corpus of a thousand papers has few words that stand there fifty times.
settings = {"min_count": 50 if len(run.texts) >= 2_000 else 10} | run.options
model = Top2Vec(run.texts, embedding_model=embed, verbose=False, **settings)
for asked in run.asked:
    found, labels, words = model.get_num_topics(), model.doc_top, model.topic_words
    if asked is not None and asked < found:
        model.hierarchical_topic_reduction(asked)
        labels, words = model.doc_top_reduced, model.topic_words_reduced
    elif asked is not None and asked > found:
        continue  # it merges topics, and cannot find more than it has
    run.keep(asked, labels, [list(topic[:TOP]) for topic in words])
run.seconds["reduce and cluster"] -= run.seconds.get("words", 0.0)  # the words are found inside it
run.write(version("top2vec"))
