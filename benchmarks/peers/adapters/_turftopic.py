"""What turftopic's models share: documents, embeddings and an encoder in, a paper-topic table out."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmarks.peers.adapters._run import TOP, Run, without_number


def fits(run: Run, make: Callable[[Any, Any], Any], fit_stage: str) -> None:
    """Fit the model that `make(asked, encoder)` gives for everything that is asked, and write the outcome."""
    with run.stage("import"):
        encoder = run.encoder()
    vectors = run.vectors(encoder)
    for asked in run.asked:
        with run.stage("import"):
            model = make(asked, encoder)
        if hasattr(model, "estimate_components"):
            run.timed(model, "estimate_components", "words")
        before = run.seconds.get("words", 0.0)
        with run.stage(fit_stage):
            weights = np.asarray(model.fit_transform(run.texts, embeddings=vectors))
        run.seconds[fit_stage] -= run.seconds.get("words", 0.0) - before
        # A paper that no topic has a part in is in none.
        found = np.where(weights.max(axis=1) > 0, weights.argmax(axis=1), -1)
        with run.stage("words"):
            words = [[word for word, _ in topic] for _, topic in model.get_topics(top_k=TOP)]
            shown = [without_number(name) for name in model.topic_names]
        run.keep(asked, found, words, shown)
    run.write(version("turftopic"))
