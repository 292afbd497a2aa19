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
from trends.topics._discover import SMALLEST_SIZE, discover, smallest_topic
from trends.topics._layout import layout_again, layouts, neighbour_graph, place
from trends.topics._stability import stability

DISCOVER_MOST = 20_000
"""Clusters are discovered in at most so many papers; the rest meet the centroid rule like new ones."""


WORDS_DIMENSIONS = 100
WORDS_WEIGHT = 0.5
"""Beside the encoder's vectors stand the words' own, at half their length: over four seeds that brought
the best topic for each of six known themes from F1 .68 to .71 on the sample and from .75 to .78 on the
five pages (DECISIONS.md). Centroids live in the encoder's space alone."""

REFIT_EPOCHS = 200


class ThemeClusters:
    """BERTopic's cluster model: UMAP and HDBSCAN propose, frozen centroids assign.

    After `fit`: labels_ (-1 unassigned, 0 the largest), similarity_, centroids_, cutoffs_, map_, tree_,
    stability_ (per topic, over as many refits) and about_ (the agreement of the whole with its refits).
    """

    def __init__(
        self, detail: float = 0.5, seed: int = 0, texts: list[str] | None = None, refits: int = 0
    ) -> None:
        self.detail = detail
        self.seed = seed
        self.texts = texts
        self.refits = refits

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
        space = self._with_words(sample, step)
        graph = neighbour_graph(space)
        layout, drawn = layouts(space, graph, self.seed)
        smallest = smallest_topic(len(sample), self.detail)
        clusters, self.tree_ = discover(layout, smallest)
        clusters = _or_one_theme(clusters, sample)
        centroids, cutoffs = freeze(sample, clusters)
        topic, _ = assigned(X, centroids, cutoffs)
        sizes = np.bincount(topic[topic >= 0], minlength=len(centroids))
        largest_first = np.argsort(-sizes, kind="stable")
        self.centroids_, self.cutoffs_ = centroids[largest_first], cutoffs[largest_first]
        self.map_ = drawn if step == 1 else place(X, sample, drawn)

        def propose(rows: np.ndarray, seed: int) -> np.ndarray:
            # In nine tenths of the papers a topic has nine tenths of its papers: the bar is lowered alike.
            bar = max(SMALLEST_SIZE, round(smallest * len(rows) / len(sample)))
            again, _ = discover(layout_again(space, graph, rows, seed, REFIT_EPOCHS), bar)
            return _or_one_theme(again, sample[rows])

        known, _ = assigned(sample, self.centroids_, self.cutoffs_)
        self.stability_, self.about_ = stability(
            sample, known, len(self.centroids_), propose, seed=self.seed, refits=self.refits
        )

    def _with_words(self, sample: np.ndarray, step: int) -> np.ndarray:
        """Return the vectors beside those of the papers' own words: what clusters are discovered in."""
        if self.texts is None:
            return sample
        words = latent_semantics(pd.Series(self.texts[::step]), WORDS_DIMENSIONS, self.seed)
        joined = np.hstack([sample, WORDS_WEIGHT * unit_rows(words)])
        return np.ascontiguousarray(unit_rows(joined), dtype=np.float32)


def _or_one_theme(clusters: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the clusters, or where there are none one, if the papers are as alike as copies of a text."""
    if (clusters != -1).any() or len(vectors) < smallest_topic(len(vectors), 0.5):
        return clusters
    centre = vectors.mean(axis=0)
    alike = np.mean(vectors @ centre / max(float(np.linalg.norm(centre)), 1e-12)) >= 0.8
    return np.zeros(len(vectors), dtype=int) if alike else clusters


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
