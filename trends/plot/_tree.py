"""The tree of the topics that a chart shows, and the order of its leaves."""

import numpy as np
import pandas as pd

from trends.core.records import Topics


def tree_of(topics: Topics, chosen: list[int]) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Return table, merges and centroids of the chosen topics; with all of them `topics.hierarchy()`.

    A part of the topics is joined anew: the tree of the others is not in it.
    """
    from trends.core.views import hierarchy

    table = topics.table.loc[chosen]
    centroids = np.asarray(topics.centroids)[topics.table.index.get_indexer(chosen)]
    return table, hierarchy(table, centroids, topics.next_id), centroids


def leaves(table: pd.DataFrame, merges: pd.DataFrame) -> list[int]:
    """Return the topic ids in the order in which no branches cross, the left of each node first."""
    if merges.empty:
        return [int(topic_id) for topic_id in table.index]
    below = {int(row.node): (int(row.left), int(row.right)) for row in merges.itertuples()}
    order: list[int] = []
    waiting = [int(merges["node"].iloc[-1])]
    while waiting:
        node = waiting.pop()
        if node in below:
            left, right = below[node]
            waiting += [right, left]
        else:
            order.append(node)
    return order
