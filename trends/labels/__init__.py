"""Readable names for topics, made from the papers' own words; a language model may better them.

`label` finds the phrases that tell a topic from its neighbours and heads each topic with the best of them.
Chosen so that a label can stand on a slide: unique, at most four words, no stop word, acronyms written out
where the corpus says what they mean. No language model is needed; where one is given (`LLM`), these names
are what it must improve on and what stays where it does not.
"""

from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from trends.core.cache import plain
from trends.core.errors import InputError
from trends.core.garbage import no_search_for_cycles
from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import PAPERS, check
from trends.core.words import rules
from trends.labels._choose import choose
from trends.labels._endpoint import LLM
from trends.labels._llm import rename, without_names
from trends.labels._phrases import count
from trends.labels._reading import chosen
from trends.labels._stream import read

__all__ = ["LLM", "label"]

FORMAT = 9
"""Raised whenever the same papers would be named otherwise, so that kept names are made anew."""


def label(papers: pd.DataFrame, topics: Topics, *, top_terms: int = 10, llm: LLM | None = None) -> Topics:
    """Name every topic in words that only it has.

    Parameters
    ----------
    papers
        The papers table; needs every paper of `topics.members`.
    topics
        The topics to name; ids, members and centroids stay as they are.
    top_terms
        How many terms to keep per topic, at least 1.
    llm
        A language model to ask for better labels; titles, terms and labels are sent to its endpoint. None
        asks nobody.

    Returns
    -------
    Topics
        The same topics with new `label` (unique, at most four words, no stop word), `terms` (best first,
        at most `top_terms`) and `term_weights` (parallel; the best term's is 1) in `topics.table`. A topic
        whose papers hold no usable word is called "Topic 3", after its id. A label that the user gave with
        `rename` stays.

        With `llm`, `label` is the model's where its answer is of use: unique, at most four words and 60
        characters, nothing but letters, digits and a little punctuation (stop words may be among them).
        `plain_label` is the label made without it, which stays where the endpoint fails or the answer is
        of no use; `label_source` is "llm", "phrases" or "user"; `topics.parameters["labels"]` counts
        them, with the reasons, and says it in its `note`.

    Raises
    ------
    InputError
        A table breaks its contract, a member is missing from the papers, or `top_terms` is below 1.

    Notes
    -----
    Unassigned papers take part as background: they tell common words from telling ones. Of a large corpus
    some thousands of papers are read, the most typical of each topic, and stand for the others; which they
    are hangs on similarity and paper_id only. Texts without sentences (stop words and punctuation taken out)
    are named by words and by pairs that mostly occur together.

    Names are kept by the content they came from, so that naming the same topics again costs no second
    reading; answers of a language model are kept by endpoint and question, and asked for again only where
    there was none.
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
    ordered = papers.loc[chosen(topics.members)]
    n_topics = len(topics.table)
    place = {topic_id: k for k, topic_id in enumerate(topics.table.index)}
    row_topic = topics.members["topic_id"].map(lambda t: place.get(t, n_topics)).astype(np.int64)
    sizes = np.bincount(row_topic, minlength=n_topics + 1)
    rows = row_topic.reindex(ordered.index).to_numpy()

    def make() -> list[tuple[str, tuple[str, ...], tuple[float, ...]]]:
        with no_search_for_cycles():
            names = choose(count(read(ordered), len(ordered)), rows, sizes, topics.centroids, top_terms)
        return [(name.label, name.terms, name.weights) for name in names]

    key = fingerprint(
        FORMAT,
        version("trends"),
        list(ordered.index),
        rows,
        sizes,
        topics.centroids,
        [ordered[column].tolist() for column in ("title", "abstract")],
        top_terms,
        rules(),
    )
    names = plain("labels", key, make)
    table = topics.table.copy()
    headings = [heading or f"Topic {topic_id}" for (heading, _, _), topic_id in zip(names, table.index)]
    headings = _beside_the_users(headings, names, topics)
    table["label"] = pd.Series(headings, index=table.index, dtype="str")
    table["terms"] = pd.Series([tuple(terms) for _, terms, _ in names], index=table.index, dtype=object)
    table["term_weights"] = pd.Series([tuple(w) for _, _, w in names], index=table.index, dtype=object)
    named = without_names(replace(topics, table=table))
    return named if llm is None else rename(papers, named, llm)


def _beside_the_users(headings: list[str], names: list[Any], topics: Topics) -> list[str]:
    """Return the headings with the user's own in place; a topic whose heading one of them is gets another."""
    own = topics.user_labels
    taken = {heading.casefold() for heading in [*headings, *own.values()]}
    claimed = {label.casefold() for label in own.values()}
    chosen = []
    for topic_id, heading, (_, terms, _) in zip(map(int, topics.table.index), headings, names):
        if topic_id in own:
            heading = own[topic_id]
        elif heading.casefold() in claimed:
            others = (term[:1].upper() + term[1:] for term in terms if term.casefold() not in taken)
            heading = next(others, f"Topic {topic_id}")
            taken.add(heading.casefold())
        chosen.append(heading)
    return chosen
