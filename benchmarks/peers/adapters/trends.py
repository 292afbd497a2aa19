"""This project: `tr.embed`, `tr.cluster`, `tr.label` of a papers table, each stage as its users call it.

Words are the ten best single words of a topic, as `cluster` gives them, which is what the other tools
give; the terms that `label` then shows, some of them of several words, are kept beside them. So is the topic
whose centroid each paper is nearest to, which is its topic where no paper may be left out.
"""

import inspect
from importlib.metadata import version

from benchmarks.corpora import table
from benchmarks.peers.adapters._run import Run

run = Run()
with run.stage("import"):
    import trends as tr

    embed, cluster, label = tr.embed, tr.cluster, tr.label
papers = table(run.rows)
with run.stage("encode"):
    embeddings = embed(papers, **run.options)
takes_number = "n_topics" in inspect.signature(cluster).parameters
for asked in run.asked:
    if isinstance(asked, int) and not takes_number:
        continue
    settings = {"n_topics": asked} if isinstance(asked, int) else asked or {}
    with run.stage("reduce and cluster"):
        topics = cluster(papers, embeddings, seed=run.seed, **settings)
    with run.stage("labels"):
        named = label(papers, topics)
    order = list(topics.table.index)
    run.keep(
        asked,
        topics.members["topic_id"].reindex(papers.index),
        topics.table["terms"].reindex(order).tolist(),
        named.table["label"].reindex(order).tolist(),
        terms=[list(terms) for terms in named.table["terms"].reindex(order)],
        nearest=(embeddings.to_numpy() @ topics.centroids.T).argmax(axis=1).tolist(),
        student={name: embeddings.attrs[name] for name in ("n_taught", "cosine") if name in embeddings.attrs},
    )
run.write(version("trends"))
