"""What `Topics` can be asked: its tree, its themes, a topic's papers, the topics nearest to a text."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.tables import PAPERS, UNASSIGNED, check
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import unit_rows
from trends.core.words import stop_words, tokens

SHOWN = ("title", "date", "url")


def hierarchy(table: pd.DataFrame, centroids: np.ndarray, first_node: int) -> pd.DataFrame:
    """Return one row per merge of topics; nodes are numbered from `first_node`."""
    ids = [int(topic_id) for topic_id in table.index]
    below: list[tuple[int, tuple[int, ...], int]] = [
        (k, (k,), int(n)) for k, n in zip(ids, table["n_papers"])
    ]  # id, topics and papers of everything that can be joined, as scipy numbers it
    rows = []
    for number, (a, b, distance, _) in enumerate(_linkage(centroids) if len(ids) > 1 else []):
        left, right = sorted((below[int(a)], below[int(b)]), key=lambda side: side[1])
        node = first_node + number, tuple(sorted(left[1] + right[1])), left[2] + right[2]
        below.append(node)
        rows.append((node[0], left[0], right[0], round(float(distance), 6), node[2], node[1]))
    merges = pd.DataFrame(rows, columns=["node", "left", "right", "distance", "n_papers", "topics"])
    whole = dict.fromkeys(("node", "left", "right"), "int32") | {"n_papers": "int64", "distance": "float64"}
    return merges.astype(whole)


def _linkage(centroids: np.ndarray) -> np.ndarray:
    from scipy.cluster.hierarchy import ward

    return ward(np.round(unit_rows(centroids.astype(np.float64)), 6))


def themes(table: pd.DataFrame, merges: pd.DataFrame, n: int) -> pd.Series:
    """Return a theme per topic: what the merges gather until `n` nodes are left, numbered by size."""
    _at_least_one(n, "n")
    group = pd.Series(table.index, index=table.index)
    for gathered in merges["topics"].iloc[: max(0, len(table) - n)]:
        group[list(gathered)] = gathered[0]
    sizes = table["n_papers"].groupby(group).sum()
    largest_first = sizes.sort_index().sort_values(ascending=False, kind="stable").index
    number = {theme: k for k, theme in enumerate(largest_first)}
    return group.map(number).astype("int32").rename("theme_id")


def papers_of(
    members: pd.DataFrame, topic_ids: pd.Index, topic_id: int, papers: pd.DataFrame | None
) -> pd.DataFrame:
    """Return the members of a topic, best first, with what `papers` says of them."""
    if topic_id != UNASSIGNED and topic_id not in topic_ids:
        raise InputError(f"topic_id {topic_id!r} is no topic; give one of topics.table, or -1 for none.")
    mine = members.loc[members["topic_id"] == topic_id, ["similarity", "how"]].sort_index()
    mine = mine.sort_values("similarity", ascending=False, kind="stable")
    if papers is None:
        return mine
    check(papers, PAPERS)
    absent = mine.index.difference(papers.index)
    if len(absent):
        raise InputError(
            f"papers lacks {len(absent)} of the topic's papers, such as {absent[0]!r}; "
            "give the papers that were clustered."
        )
    return mine.join(papers[[column for column in SHOWN if column in papers]])


def similar(
    table: pd.DataFrame, centroids: np.ndarray, query: str | Sequence[float] | np.ndarray, top: int
) -> pd.DataFrame:
    """Return the topics nearest to a text, by words, or to a vector."""
    _at_least_one(top, "top")
    if isinstance(query, str):
        likeness, how = _by_words(table, query), "words"
    else:
        likeness, how = _by_vector(centroids, query), "vectors"
    found = pd.DataFrame(
        {
            "label": table["label"],
            "similarity": np.round(likeness, 6),
            "n_papers": table["n_papers"],
            "how": pd.Series(how, index=table.index, dtype="str"),
        },
        index=table.index,
    ).sort_index()
    if how == "words":
        found = found[found["similarity"] > 0]
    return found.sort_values("similarity", ascending=False, kind="stable").head(top)


def _by_vector(centroids: np.ndarray, query: Any) -> np.ndarray:
    try:
        vector = np.asarray(query, dtype=np.float64)
    except (TypeError, ValueError):
        vector = np.full(1, np.nan)
    n_dimensions = centroids.shape[1]
    if vector.shape != (n_dimensions,) or not np.isfinite(vector).all() or not vector.any():
        raise InputError(
            f"query must be a text or one vector of {n_dimensions} finite numbers that are not all 0, "
            f"not {type(query).__name__} of shape {vector.shape}."
        )
    with one_thread_per_sum():
        return unit_rows(centroids.astype(np.float64)) @ unit_rows(vector[None])[0]


def _by_words(table: pd.DataFrame, query: str) -> np.ndarray:
    """Return the cosine between the words of a text and those of each topic, rare words weighing more."""
    asked = set(_words(query))
    if not asked:
        raise InputError(f"query must hold a telling word, not {query[:60]!r}.")
    topics = [_weights(*row) for row in zip(table["label"], table["terms"], table["term_weights"])]
    n_with = Counter(word for topic in topics for word in topic)
    rarity = {word: math.log1p(len(topics) / n) for word, n in n_with.items()}
    unknown = math.log1p(len(topics))  # a word of no topic makes the text less like any
    length = math.sqrt(sum(rarity.get(word, unknown) ** 2 for word in sorted(asked)))
    found = []
    for topic in topics:
        shared = sum(weight * rarity[word] ** 2 for word, weight in topic.items() if word in asked)
        own = math.sqrt(sum((weight * rarity[word]) ** 2 for word, weight in topic.items()))
        found.append(shared / (length * own) if own else 0.0)
    return np.array(found)


def _weights(label: str, terms: tuple[str, ...], weights: tuple[float, ...]) -> dict[str, float]:
    """Return a topic's words: those of the label weigh 1, those of the terms as these beside the best."""
    found: dict[str, float] = {}
    best = max(weights, default=0.0) or 1.0
    for text, weight in [*zip(terms, (w / best for w in weights)), (label, 1.0)]:
        for word in _words(text):
            found[word] = max(found.get(word, 0.0), weight)
    return found


def _words(text: str) -> list[str]:
    """Return the words of a text without stop words, hyphens and the s of a plural."""
    stop = stop_words()
    parts = [part for token in tokens(text) if token not in stop for part in token.split("-")]
    return [part.removesuffix("s") if len(part) > 3 else part for part in parts if part not in stop]


def _at_least_one(number: Any, name: str) -> None:
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
        raise InputError(f"{name} must be a whole number of at least 1, not {number!r}.")
