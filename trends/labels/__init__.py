"""Readable names for topics, made from the papers' own words without a language model.

`label` finds the phrases that tell a topic from its neighbours and heads each topic with the best of them.
Chosen so that a label can stand on a slide: unique, at most four words, no stop word, acronyms written out
where the corpus says what they mean.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.records import Topics
from trends.core.tables import PAPERS, check
from trends.labels._choose import choose
from trends.labels._phrases import count, read

__all__ = ["label"]


def label(papers: pd.DataFrame, topics: Topics, *, top_terms: int = 10) -> Topics:
    """Name every topic in words that only it has.

    Parameters
    ----------
    papers
        The papers table; needs every paper of `topics.members`.
    topics
        The topics to name; ids, members and centroids stay as they are.
    top_terms
        How many terms to keep per topic, at least 1.

    Returns
    -------
    Topics
        The same topics with new `label` (unique, at most four words, no stop word), `terms` (best first,
        at most `top_terms`) and `term_weights` (parallel; the best term's is 1) in `topics.table`. A topic
        whose papers hold no usable word is called "Topic 3", after its id.

    Raises
    ------
    InputError
        A table breaks its contract, a member is missing from the papers, or `top_terms` is below 1.

    Notes
    -----
    Unassigned papers take part as background: they tell common words from telling ones.
    """
    check(papers, PAPERS)
    if top_terms < 1:
        raise InputError(f"top_terms must be at least 1, not {top_terms}.")
    absent = topics.members.index.difference(papers.index)
    if len(absent):
        raise InputError(
            f"papers lacks {len(absent)} of the topics' papers, such as {absent[0]!r}; "
            "give the papers that were clustered."
        )
    # By paper_id, so that the order of rows cannot matter.
    ordered = papers.loc[sorted(topics.members.index)]
    place = {topic_id: k for k, topic_id in enumerate(topics.table.index)}
    row_topic = topics.members["topic_id"].reindex(ordered.index).map(lambda t: place.get(t, -1)).to_numpy()
    phrases = count(read(ordered), len(ordered))
    names = choose(phrases, row_topic.astype(np.int64), topics.centroids, top_terms)
    table = topics.table.copy()
    headings = [name.label or f"Topic {topic_id}" for name, topic_id in zip(names, table.index)]
    table["label"] = pd.Series(headings, index=table.index, dtype="str")
    table["terms"] = pd.Series([name.terms for name in names], index=table.index, dtype=object)
    table["term_weights"] = pd.Series([name.weights for name in names], index=table.index, dtype=object)
    return replace(topics, table=table)
