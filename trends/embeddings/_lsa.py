"""Latent semantic analysis: vectors from the corpus' own words, with no model."""

import numpy as np
import pandas as pd

from trends.core import cache
from trends.core.hashing import fingerprint
from trends.core.words import latent_semantics, rules, word_counts

DIMENSIONS = 100


def lsa(texts: pd.Series, seed: int) -> tuple[np.ndarray, dict[str, str]]:
    """Return (texts x at most 100) vectors and what made them."""
    key = fingerprint("lsa", DIMENSIONS, seed, rules(), list(texts))

    def make() -> dict[str, np.ndarray]:
        return {"vectors": latent_semantics(word_counts(texts).words, DIMENSIONS, seed)}

    made = cache.arrays("embeddings", key, make)
    return made["vectors"], {"encoder": "lsa", "revision": key[:12]}
