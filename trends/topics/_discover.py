"""HDBSCAN proposes clusters in the five-dimensional layout; nothing else is asked of it.

The leaves of its tree are taken, not its default selection: that one fell from 42 topics to 2 between
two seeds of one corpus (13,640 arXiv abstracts, size 33) where the leaves gave 58 both times.
"""

import math
import warnings

import numpy as np
import pandas as pd

from trends.core.errors import InputError

SMALLEST_SIZE = 3
SIZE_PER_ROOT = 0.34
"""Smallest topic = this x the square root of the number of papers: 6 of 311, 34 of 10,000, 48 of 20,000."""

TREE_COLUMNS = ("parent", "child", "distance", "n_papers")


def smallest_topic(n_papers: int, detail: float) -> int:
    """Return how many papers make a topic: four times more at detail 0, four times fewer at detail 1."""
    if not 0 <= detail <= 1:
        raise InputError(f"detail must lie between 0 (coarse) and 1 (fine), not {detail}.")
    size = max(5.0, SIZE_PER_ROOT * math.sqrt(n_papers)) * 4 ** (1 - 2 * detail)
    return max(SMALLEST_SIZE, round(size))


def discover(layout: np.ndarray, smallest: int) -> tuple[np.ndarray, pd.DataFrame]:
    """Return a cluster number per paper (-1 in none) and the tree of clusters from coarse to fine."""
    from hdbscan import HDBSCAN

    none = np.full(len(layout), -1), pd.DataFrame(columns=TREE_COLUMNS)
    if len(layout) < 2 * smallest:
        return none
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = HDBSCAN(
            min_cluster_size=smallest,
            min_samples=(smallest + 1) // 2,
            cluster_selection_method="leaf",
            core_dist_n_jobs=1,
        ).fit(layout.astype(np.float64))
        tree = found.condensed_tree_.to_pandas()
    tree = tree[tree["child_size"] > 1]
    named = pd.DataFrame(
        {
            "parent": tree["parent"].astype(int),
            "child": tree["child"].astype(int),
            "distance": (1 / tree["lambda_val"].clip(lower=1e-9)).round(6),
            "n_papers": tree["child_size"].astype(int),
        }
    ).reset_index(drop=True)
    return np.asarray(found.labels_), named
