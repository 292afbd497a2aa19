"""Latent semantic analysis: vectors from the corpus' own words, with no model."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from trends.core import cache
from trends.core.hashing import fingerprint
from trends.core.words import stop_words, tokens

DIMENSIONS = 100


def tfidf(texts: pd.Series, ngrams: tuple[int, int] = (1, 1)) -> Any:
    """Return the sparse TF-IDF matrix (texts x terms, unit rows) of words that at least two texts use."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    def words(text: str) -> list[str]:
        return [word for word in tokens(text) if word not in stop]

    stop = stop_words()
    unigrams = [words(text) for text in texts]
    grams = [
        found + [" ".join(pair) for pair in pairwise(found)] if ngrams[1] > 1 else found for found in unigrams
    ]
    least = 2 if len(texts) > 20 else 1
    try:
        return TfidfVectorizer(
            analyzer=lambda gram: gram, min_df=least, sublinear_tf=True, dtype=np.float32
        ).fit_transform(grams)
    except ValueError:  # no word is left
        from scipy.sparse import csr_matrix

        return csr_matrix((len(texts), 1), dtype=np.float32)


def lsa(texts: pd.Series, seed: int) -> tuple[np.ndarray, dict[str, str]]:
    """Return (texts x at most 100) vectors and what made them."""

    def make() -> dict[str, np.ndarray]:
        from sklearn.decomposition import TruncatedSVD

        matrix = tfidf(texts)
        rank = min(DIMENSIONS, matrix.shape[1] - 1, matrix.shape[0] - 1)
        if rank < 2:
            dense = matrix.toarray()[:, :2]
            return {"vectors": np.pad(dense, ((0, 0), (0, 2 - dense.shape[1])))}
        svd = TruncatedSVD(rank, random_state=seed)
        return {"vectors": svd.fit_transform(matrix).astype(np.float32)}

    key = fingerprint("lsa", DIMENSIONS, seed, list(texts))
    return cache.arrays("embeddings", key, make)["vectors"], {"encoder": "lsa", "revision": key[:12]}
