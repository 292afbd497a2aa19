"""The only room that knows BERTopic: our clustering runs inside a genuine, fitted BERTopic.

BERTopic is modular: it takes any object with `fit`, `labels_` and `predict` as its cluster model.
Ours proposes clusters with UMAP and HDBSCAN and assigns by frozen centroids, so that, unlike with
BERTopic's defaults, `model.transform` gives a paper the topic that it had when fitted.
"""

from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import unit_rows
from trends.core.words import TOKEN, latent_semantics, stop_words
from trends.topics._assign import assigned, freeze
from trends.topics._discover import discover, smallest_topic
from trends.topics._layout import layouts, place

DISCOVER_MOST = 20_000
"""Clusters are discovered in at most so many papers; the rest meet the centroid rule like new ones."""


WORDS_DIMENSIONS = 100
WORDS_WEIGHT = 0.5
"""Beside the encoder's vectors stand the words' own, at half their length: over four seeds that brought
the best topic for each of six known themes from F1 .68 to .71 on the sample and from .75 to .78 on the
five pages (DECISIONS.md). Centroids live in the encoder's space alone."""


class ThemeClusters:
    """BERTopic's cluster model: UMAP and HDBSCAN propose, frozen centroids assign.

    After `fit`: labels_ (-1 unassigned, 0 the largest), similarity_, centroids_, cutoffs_, map_ and tree_.
    """

    def __init__(self, detail: float = 0.5, seed: int = 0, texts: list[str] | None = None) -> None:
        self.detail = detail
        self.seed = seed
        self.texts = texts

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> "ThemeClusters":
        """Discover topics in the rows of X, or, where frozen centroids are given, only assign."""
        if not hasattr(self, "centroids_"):
            with one_thread_per_sum():
                self._discover(X)
        self.labels_, self.similarity_ = assigned(X, self.centroids_, self.cutoffs_)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the topic of each row by the frozen rule."""
        return assigned(np.asarray(X, dtype=np.float32), self.centroids_, self.cutoffs_)[0]

    def _discover(self, X: np.ndarray) -> None:
        # Evenly spaced rows of a table sorted by id: a fair sample, and the same every time.
        step = max(1, -(-len(X) // DISCOVER_MOST))
        sample = X[::step]
        layout, drawn = layouts(self._with_words(sample, step), self.seed)
        clusters, self.tree_ = discover(layout, smallest_topic(len(sample), self.detail))
        if (clusters == -1).all() and _one_theme(sample) and len(sample) >= smallest_topic(len(sample), 0.5):
            clusters = np.zeros(len(sample), dtype=int)
        centroids, cutoffs = freeze(sample, clusters)
        topic, _ = assigned(X, centroids, cutoffs)
        sizes = np.bincount(topic[topic >= 0], minlength=len(centroids))
        largest_first = np.argsort(-sizes, kind="stable")
        self.centroids_, self.cutoffs_ = centroids[largest_first], cutoffs[largest_first]
        self.map_ = drawn if step == 1 else place(X, sample, drawn)

    def _with_words(self, sample: np.ndarray, step: int) -> np.ndarray:
        """Return the vectors beside those of the papers' own words: what clusters are discovered in."""
        if self.texts is None:
            return sample
        words = latent_semantics(pd.Series(self.texts[::step]), WORDS_DIMENSIONS, self.seed)
        joined = np.hstack([sample, WORDS_WEIGHT * unit_rows(words)])
        return np.ascontiguousarray(unit_rows(joined), dtype=np.float32)


def _one_theme(vectors: np.ndarray) -> bool:
    """Tell whether papers without clusters are alike enough to be one topic, as copies of a text are."""
    centre = vectors.mean(axis=0)
    return bool(np.mean(vectors @ centre / max(float(np.linalg.norm(centre)), 1e-12)) >= 0.8)


def fit_bertopic(texts: list[str], vectors: np.ndarray, clusters: ThemeClusters) -> Any:
    """Fit a BERTopic on texts and their vectors with our clustering inside, and return it.

    The topic ids of `model.topics_` are those of `clusters.labels_`.
    """
    import warnings

    with warnings.catch_warnings():
        # Importing bertopic silences warnings of the user's whole process; this puts them back.
        warnings.simplefilter("ignore")
        from bertopic import BERTopic
        from bertopic.backend import BaseEmbedder
        from bertopic.dimensionality import BaseDimensionalityReduction
        from sklearn.feature_extraction.text import CountVectorizer

        class GivenVectors(BaseEmbedder):
            """Stands where BERTopic would load an encoder of its own (and download it)."""

            def embed(self, documents: list[str], verbose: bool = False) -> np.ndarray:
                raise InputError(
                    "This BERTopic was fitted on vectors made by trends.embed; pass them as embeddings=."
                )

        model = BERTopic(
            embedding_model=GivenVectors(),
            umap_model=BaseDimensionalityReduction(),
            hdbscan_model=clusters,
            vectorizer_model=CountVectorizer(token_pattern=TOKEN, stop_words=sorted(stop_words())),
            calculate_probabilities=False,
        )
        # Topics are numbered by size already; BERTopic would number them again and break ties its own way.
        model._sort_mappings_by_frequency = lambda documents: documents
        model.fit(texts, embeddings=vectors)
        del model._sort_mappings_by_frequency
    return model
