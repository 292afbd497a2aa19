"""BERTopic's online topics, as its documentation shows them, in the environment of the peers.

    python -m benchmarks.scale.online TASK.json

`partial_fit` on 1,000 documents at a time with IncrementalPCA to 5 dimensions, MiniBatchKMeans and
OnlineCountVectorizer; a document's topic is the one it gets when its thousand is fitted. The documents are
read from a file of JSON lines as they are needed, their vectors from a file or made by MiniLM. Needs nothing
of this project, nor Parquet.
"""

import json
import sys
import time
from itertools import islice
from pathlib import Path

import numpy as np

CHUNK = 1_000


def main() -> None:
    """Fit and write the topics and the seconds of the steps."""
    began = time.perf_counter()
    task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    from bertopic import BERTopic, __version__
    from bertopic.vectorizers import OnlineCountVectorizer
    from sentence_transformers import SentenceTransformer
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import IncrementalPCA

    encoder = SentenceTransformer(task["model"], local_files_only=True)
    seconds = {"import": time.perf_counter() - began, "encode": 0.0, "fit": 0.0}
    busy = {"import": time.process_time(), "encode": 0.0, "fit": 0.0}
    vectors = np.load(task["vectors"], mmap_mode="r") if task["vectors"] else None
    model = BERTopic(
        embedding_model=encoder,
        umap_model=IncrementalPCA(n_components=5),
        hdbscan_model=MiniBatchKMeans(n_clusters=task["topics"], random_state=0),
        vectorizer_model=OnlineCountVectorizer(stop_words="english", decay=0.01),
    )
    found: list[int] = []
    with Path(task["texts"]).open(encoding="utf-8") as lines:
        while chunk := [json.loads(line) for line in islice(lines, CHUNK)]:
            start, begun = time.perf_counter(), time.process_time()
            if vectors is None:
                rows = encoder.encode(chunk, show_progress_bar=False)
            else:
                rows = vectors[len(found) : len(found) + len(chunk)]
            encoded, done = time.perf_counter(), time.process_time()
            if not task["encode only"]:
                # Single precision makes MiniBatchKMeans of scikit-learn 1.9 fail at the second batch.
                model.partial_fit(chunk, np.asarray(rows, dtype=np.float64))
                found += model.topics_
            seconds["encode"] += encoded - start
            busy["encode"] += done - begun
            seconds["fit"] += time.perf_counter() - encoded
            busy["fit"] += time.process_time() - done
    told = {
        "version": __version__,
        "seconds": seconds,
        "processor seconds": busy,
        "topics": [int(topic) for topic in found],
    }
    Path(task["out"]).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
