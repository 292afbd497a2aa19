"""merge, split, rename, reassign: topics changed by hand, each change recorded so that it can be repeated.

An edit is exact: what it says of a topic is computed from the topic's papers and their vectors. It moves only
the papers it names, keeps the ids of all other topics, and gives no id twice. `parameters["edits"]` holds all
edits as plain JSON, the ledger tells them to a reader, and each changes the fingerprint.

Topics that were reshaped carry no BERTopic: its tables are read by position, so an id that died would shift
the rest, and its own `merge_topics` numbers all topics anew. The topics as clustered keep their model.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED, UNASSIGNED_LABEL
from trends.core.words import documents
from trends.topics._ledger import appended, told
from trends.topics._reshape import material, parts_of, pooled_terms, reshape, set_terms, words_of


def merge(papers: pd.DataFrame, embeddings: pd.DataFrame, topics: Topics, topic_ids: Iterable[int]) -> Topics:
    """Make one topic of several; it keeps the id and the label of the largest, the other ids die.

    Parameters
    ----------
    papers
        The papers that were clustered.
    embeddings
        Their vectors, made as those of the topics were.
    topics
        The topics; not changed.
    topic_ids
        Two topics or more. Of equal sizes the lowest id stays.

    Returns
    -------
    Topics
        The centroid is the direction of the mean of the merged papers, the cut-off the least cosine among
        them (papers that a user placed aside), so that the rule for later papers is no stricter than it was
        for these. Terms are the parts' weights averaged by size, until `label` counts them anew. Stability is
        not known (NaN).

    Raises
    ------
    InputError
        A topic does not exist, fewer than two are given, or papers or vectors are not those of the topics.
    """
    if isinstance(topic_ids, str) or not isinstance(topic_ids, Iterable):
        raise InputError(f"topic_ids must be several topic ids, such as [3, 7], not {topic_ids!r}.")
    ids = sorted({_known(topics, k) for k in topic_ids})
    if len(ids) < 2:
        raise InputError(f"topic_ids must name two topics or more to merge, not {ids}.")
    papers, vectors = material(papers, embeddings, topics)
    sizes = topics.table["n_papers"]
    kept = max(ids, key=lambda k: (sizes[k], -k))
    gone = [k for k in ids if k != kept]
    before = _placed(topics)
    after = reshape(
        papers,
        vectors,
        topics,
        np.where(np.isin(before, gone), kept, before),
        {k: k for k in map(int, topics.table.index) if k not in gone},
    )
    set_terms(after.table, kept, pooled_terms(topics.table.loc[ids]))
    n_papers = int(np.isin(before, ids).sum())
    line = _line("merge", ids, [kept], n_papers, f"{kept} took in {_listed(gone)}")
    return _recorded(topics, after, {"edit": "merge", "topics": ids}, line, _read(papers, vectors))


def split(
    papers: pd.DataFrame,
    embeddings: pd.DataFrame,
    topics: Topics,
    topic_id: int,
    *,
    into: int = 2,
    seed: int = 0,
) -> Topics:
    """Cut one topic into parts by k-means on its papers' vectors; the largest part keeps id and label.

    Parameters
    ----------
    papers
        The papers that were clustered: all of them, because terms tell a part from every other topic.
    embeddings
        Their vectors, made as those of the topics were.
    topics
        The topics; not changed.
    topic_id
        The topic to cut.
    into
        How many parts, at least 2.
    seed
        Seeds k-means. The order of rows does not matter.

    Returns
    -------
    Topics
        The other parts have new ids, larger part first, above every id that ever was, and provisional labels.
        Centroids and cut-offs are made as `merge` makes them, terms as `cluster` does. Stability is not
        known (NaN).

    Raises
    ------
    InputError
        The topic does not exist or holds too few different papers, `into` or `seed` is out of range, or
        papers or vectors are not those of the topics.
    """
    topic_id = _known(topics, topic_id)
    into, seed = _whole(into, "into", least=2), _whole(seed, "seed", least=0)
    if seed >= 2**32:
        raise InputError(f"seed must be below 2**32, not {seed}.")
    papers, vectors = material(papers, embeddings, topics)
    placed = _placed(topics)
    inside = placed == topic_id
    part = parts_of(vectors[inside], into, seed)
    if part is None:
        raise InputError(
            f"topic_id {topic_id} cannot be split into {into}: it has {int(inside.sum())} papers of "
            f"{len(np.unique(vectors[inside], axis=0))} different vectors; give a smaller into."
        )
    born = list(range(topics.next_id, topics.next_id + into - 1))
    placed[inside] = np.array([topic_id, *born])[part]
    origins = {k: k for k in map(int, topics.table.index)} | dict.fromkeys(born, topic_id)
    after = reshape(papers, vectors, topics, placed, origins)
    for k, terms in words_of(papers, vectors, placed, [topic_id, *born]).items():
        set_terms(after.table, k, terms)
    for k in born:
        label = ", ".join(after.table.at[k, "terms"][:3])
        taken = set(after.table["label"].drop(k))
        _set_label(after.table, k, f"topic {k}" if not label or label in taken else label, "phrases")
    sizes = np.bincount(part)
    note = f"into {into}, of {_listed(sizes)} papers"
    line = _line("split", [topic_id], [topic_id, *born], int(sizes.sum()), note)
    edit = {"edit": "split", "topic": topic_id, "into": into, "seed": seed}
    return _recorded(topics, after, edit, line, _read(papers, vectors))


def rename(topics: Topics, topic_id: int, label: str) -> Topics:
    """Give a topic a name of the user's own, which `label` then leaves alone.

    Parameters
    ----------
    topics
        The topics; not changed.
    topic_id
        The topic to name.
    label
        Its name: one line that no other topic has.

    Returns
    -------
    Topics
        The same topics with this label; nothing else differs, and the BERTopic stays.

    Raises
    ------
    InputError
        The topic does not exist, or the name is empty, not one line of text, or another topic's.
    """
    topic_id = _known(topics, topic_id)
    if not isinstance(label, str) or not label or clean_text(label) != label:
        raise InputError(
            f"label must be one line of text without control characters or spaces around it, not {label!r}."
        )
    others = topics.table["label"].drop(topic_id).str.casefold()
    same = others.index[others == label.casefold()]
    if len(same):
        raise InputError(
            f"label {label!r} is that of topic {same[0]} already; merge the two, or name it first."
        )
    if label.casefold() == UNASSIGNED_LABEL:
        raise InputError(f"label {label!r} is what papers in no topic are called; choose another.")
    table = topics.table.copy()
    _set_label(table, topic_id, label, "user")
    edit = {"edit": "rename", "topic": topic_id, "label": label}
    line = _line("rename", [topic_id], [topic_id], int(table.at[topic_id, "n_papers"]), label)
    return _recorded(topics, replace(topics, table=table), edit, line)


def reassign(
    papers: pd.DataFrame, embeddings: pd.DataFrame, topics: Topics, paper_ids: str | Iterable[str], *, to: int
) -> Topics:
    """Put papers into another topic, or into none, by hand.

    Parameters
    ----------
    papers
        The papers that were clustered.
    embeddings
        Their vectors, made as those of the topics were.
    topics
        The topics; not changed.
    paper_ids
        One paper or several.
    to
        A topic that exists, or -1 for none. A paper that is there already is confirmed.

    Returns
    -------
    Topics
        These papers' `how` is "user". Centroids and cut-offs stay frozen, so that later papers are placed as
        before, and terms stay until `label` counts them anew; what else a topic's row says of its papers is
        computed anew. A topic may be left empty.

    Raises
    ------
    InputError
        A paper or the topic does not exist, or papers or vectors are not those of the topics.
    """
    wanted = [paper_ids] if isinstance(paper_ids, str) else paper_ids
    if not isinstance(wanted, Iterable):
        raise InputError(f"paper_ids must be paper ids, not {wanted!r}.")
    wanted = list(wanted)
    absent = [p for p in wanted if not isinstance(p, str) or p not in topics.members.index]
    if absent or not wanted:
        odd = f"{absent[0]!r} is not in topics.members" if absent else "none is given"
        raise InputError(f"paper_ids must be ids of the topics' papers; {odd}.")
    if to != UNASSIGNED:
        to = _known(topics, to, "to")
    papers, vectors = material(papers, embeddings, topics)
    before = _placed(topics)
    by_hand = papers.index.isin(wanted)
    origins = {k: k for k in map(int, topics.table.index)}
    after = reshape(papers, vectors, topics, np.where(by_hand, to, before), origins, by_hand)
    sources = sorted(set(before[by_hand].tolist()))
    edit = {"edit": "reassign", "papers": sorted(set(wanted)), "to": int(to)}
    note = f"{int(by_hand.sum())} papers from {_listed(sources)} to {to}"
    line = _line("reassign", sources, [to], int(by_hand.sum()), note)
    return _recorded(topics, after, edit, line, _read(papers, vectors))


def edits(topics: Topics) -> list[dict[str, Any]]:
    """Return the edits that led to these topics, oldest first, as plain JSON values for `apply_edits`.

    Returns
    -------
    list of dict
        edit ("merge", "split", "rename" or "reassign"), its arguments, and the fingerprint of the topics that
        it gave. Empty where nothing was edited. After a refit, which does them again by itself, they are
        those that still hold, without fingerprints.
    """
    return json.loads(json.dumps(topics.parameters.get("edits", [])))


def apply_edits(
    papers: pd.DataFrame, embeddings: pd.DataFrame, topics: Topics, edits: Iterable[Mapping[str, Any]]
) -> Topics:
    """Repeat edits on topics that were clustered anew; the same topics and edits give the same bytes.

    Parameters
    ----------
    papers, embeddings
        As given to the edits the first time.
    topics
        The topics that the first edit was made on. Labels are no part of their fingerprint: where they
        matter, `label` at the same point as the first time, or last of all.
    edits
        What `edits` returned. Without its "fingerprint" an edit is taken on any topics that have its ids and
        papers.

    Raises
    ------
    InputError
        An edit is malformed, or does not give the topics that it gave the first time; the sentence names it
        by its number.
    """
    for number, edit in enumerate(edits, start=1):
        try:
            topics = _repeated(papers, embeddings, topics, edit)
        except InputError as error:
            raise InputError(f"Edit {number} of edits does not fit: {error}") from error
        if edit.get("fingerprint", topics.fingerprint) != topics.fingerprint:
            raise InputError(
                f"Edit {number} of edits gives other topics than the first time; cluster the same papers "
                "with the same settings and versions, and give all edits in their order."
            )
    return topics


def _repeated(
    papers: pd.DataFrame, embeddings: pd.DataFrame, topics: Topics, edit: Mapping[str, Any]
) -> Topics:
    match edit:
        case {"edit": "merge", "topics": topic_ids}:
            return merge(papers, embeddings, topics, topic_ids)
        case {"edit": "split", "topic": topic_id, "into": into, "seed": seed}:
            return split(papers, embeddings, topics, topic_id, into=into, seed=seed)
        case {"edit": "rename", "topic": topic_id, "label": label}:
            return rename(topics, topic_id, label)
        case {"edit": "reassign", "papers": paper_ids, "to": to}:
            return reassign(papers, embeddings, topics, paper_ids, to=to)
    raise InputError("it is not what trends.edits returns, such as {'edit': 'merge', 'topics': [3, 7]}.")


def _recorded(
    before: Topics, after: Topics, edit: dict[str, Any], line: dict[str, Any], read: str = ""
) -> Topics:
    """Write an edit down in parameters, ledger and fingerprint; `read` hashes the papers it looked at."""
    key = fingerprint("edit", before.fingerprint, edit, read)
    ledger = appended(before.ledger, told([line], before, after), before.table)
    done = [*edits(before), {**edit, "fingerprint": key}]
    return replace(after, ledger=ledger, parameters={**before.parameters, "edits": done}, fingerprint=key)


def _line(
    event: str, old_ids: Iterable[int], new_ids: Iterable[int], n_papers: int, note: str
) -> dict[str, Any]:
    """Return an edit's line of the ledger."""
    ids = {"old_ids": tuple(map(int, old_ids)), "new_ids": tuple(map(int, new_ids))}
    return {"event": event, **ids, "n_shared": n_papers, "note": note}


def _read(papers: pd.DataFrame, vectors: np.ndarray) -> str:
    return fingerprint(papers.index, papers["date"], documents(papers), vectors)


def _placed(topics: Topics) -> np.ndarray:
    """Return the topic id of each paper, papers sorted by id; the caller's own array."""
    return topics.members["topic_id"].sort_index().to_numpy(dtype=np.int64, copy=True)


def _set_label(table: pd.DataFrame, topic_id: int, label: str, source: str) -> None:
    """Set a label, and what `label` has noted beside it."""
    for column, value in {"label": label, "plain_label": label, "label_source": source}.items():
        if column in table:
            table.at[topic_id, column] = value


def _known(topics: Topics, topic_id: Any, name: str = "topic_id") -> int:
    if _whole(topic_id, name) not in topics.table.index:
        raise InputError(f"{name} {topic_id} is no topic; the topics are {_listed(topics.table.index)}.")
    return int(topic_id)


def _whole(number: Any, name: str, least: int | None = None) -> int:
    wanted = "a whole number" + (f" of at least {least}" if least is not None else "")
    if isinstance(number, bool) or not isinstance(number, int | np.integer):
        raise InputError(f"{name} must be {wanted}, not {number!r}.")
    if least is not None and number < least:
        raise InputError(f"{name} must be {wanted}, not {number}.")
    return int(number)


def _listed(numbers: Iterable[Any], most: int = 12) -> str:
    given = [str(number) for number in numbers]
    return ", ".join(given[:most]) + (f" and {len(given) - most} more" if len(given) > most else "") or "none"
