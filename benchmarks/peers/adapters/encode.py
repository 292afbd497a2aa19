"""MiniLM's embeddings of a corpus, made once for all tools that take them: `SentenceTransformer.encode`."""

from pathlib import Path

import numpy as np

from benchmarks.peers.adapters._run import Run

run = Run()
with run.stage("import"):
    encoder = run.encoder()
made = run.vectors(encoder)
into = Path(run.task["embeddings out"])
part = into.with_suffix(".part.npy")
np.save(part, np.asarray(made, dtype=np.float32))
part.replace(into)
run.write("")
