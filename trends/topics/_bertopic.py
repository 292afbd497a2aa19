"""The only room that knows BERTopic: frozen topics inside a genuine, fitted BERTopic.

BERTopic is modular: it takes any object with `fit`, `labels_` and `predict` as its cluster model. Ours is the
frozen rule, so that, unlike with BERTopic's defaults, `model.transform` gives a paper the topic that it had
when fitted. The model is fitted when it is first asked for: no table, chart or statistic needs it, and it
costs the import of torch and a second reading of all texts.
"""

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.words import TOKEN, documents, stop_words
from trends.topics._assign import assigned, rows_of


class FrozenTopics:
    """BERTopic's cluster model: every paper goes to the nearest centroid, if it is near enough."""

    def __init__(self, centroids: np.ndarray, cutoffs: np.ndarray) -> None:
        self.centroids = centroids
        self.cutoffs = cutoffs

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> "FrozenTopics":
        """Set labels_, the topic of each row of X; -1 in none."""
        self.labels_ = self.predict(X)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the topic of each row by the frozen rule."""
        return assigned(np.asarray(X, dtype=np.float32), self.centroids, self.cutoffs)[0]


def model_maker(
    papers: pd.DataFrame, embeddings: pd.DataFrame, centroids: np.ndarray, cutoffs: np.ndarray
) -> Callable[[], Any]:
    """Return a function that fits the BERTopic of frozen topics on these papers, once."""

    @cache
    def make() -> Any:
        ordered = papers.sort_index()
        texts = documents(ordered).tolist()
        return _fitted(texts, rows_of(ordered, embeddings), FrozenTopics(centroids, cutoffs))

    return make


def _fitted(texts: list[str], vectors: np.ndarray, clusters: FrozenTopics) -> Any:
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
