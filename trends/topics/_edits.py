"""merge, split, rename, reassign: topics changed by hand, each change written down so that it can be repeated.

An edit keeps what the tables alone can give exact, reckons the rest where it must, and says which. Ids are
kept and never given twice; every edit is a line of the ledger, in plain JSON, and changes the fingerprint.

An edited Topics carries no BERTopic. BERTopic's own `merge_topics` needs the texts, changes the model in
place and numbers all topics anew by size, and its tables are read by position, so that an id that died
would shift the rest. The topics as they were clustered keep their model.
"""

import json
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import PAPERS, UNASSIGNED, check
from trends.core.threads import one_thread_per_sum
from trends.core.vectors import unit_rows
from trends.core.words import documents, stop_words, tokens
from trends.topics._assign import check_space, rows_of
from trends.topics._tables import N_EXEMPLARS, N_TERMS

LEDGER = ("event", "topic_id", "note", "edit")
BY_HAND = "user"
"""What `members["how"]` says of a paper that a user placed."""

RESHAPING = ("merge", "split", "reassign")
"""The edits that change which paper is where, and so leave a fitted BERTopic behind."""

Lines = list[tuple[str, int, str]]
Made = tuple[dict[str, Any], Lines, str]
"""What an edit gives: changed fields, lines of the ledger, and the hash of the papers and vectors it read."""


def merge(topics: Topics, topic_ids: Iterable[int]) -> Topics:
    """Make one topic of several; it keeps the id and the label of the largest, the other ids die.

    Parameters
    ----------
    topics
        The topics; not changed.
    topic_ids
        Two topics or more. Of equal sizes the lowest id stays.

    Returns
    -------
    Topics
        The centroid is the direction of the mean of all their papers, which the parts' centroids, sizes and
        cohesions give exactly; the cut-off lies as far below the mean cosine as it lay on average in the
        parts. Each paper's similarity is reckoned: that to its part's centroid x the cosine between the two
        centroids, right on average and not for each. Terms are the parts' weights averaged by size, until
        `label` counts them anew. Stability is unknown (NaN), as are first and last date where a part's are.

    Raises
    ------
    InputError
        A topic does not exist, or fewer than two are given.
    """
    return _perform(topics, {"edit": "merge", "topics": _whole_numbers(topic_ids)})


def split(
    papers: pd.DataFrame, embeddings: pd.DataFrame, topics: Topics, topic_id: int, *, into: int = 2, seed: int = 0
) -> Topics:
    """Cut one topic into parts by k-means on its papers' vectors; the largest part keeps id and label.

    Parameters
    ----------
    papers
        The papers of the topics: all of them, because terms tell a part from every other topic.
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
        The other parts have new ids, larger part first, above every id that ever was. Centroids, similarity,
        cohesion, exemplars, dates and terms (c-TF-IDF) are those of the parts; a part's cut-off lies as far
        below its mean cosine as that of the whole did. Stability is unknown (NaN).

    Raises
    ------
    InputError
        The topic does not exist or holds too few different papers, or papers or vectors do not fit.

    References
    ----------
    c-TF-IDF: Grootendorst (2022), BERTopic, arXiv:2203.05794, section 3.3.
    """
    edit = {"edit": "split", "topic": _whole(topic_id), "into": _whole(into), "seed": _whole(seed)}
    return _perform(topics, edit, papers, embeddings)


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

    Raises
    ------
    InputError
        The topic does not exist, or the name is empty, not text or another topic's.
    """
    return _perform(topics, {"edit": "rename", "topic": _whole(topic_id), "label": label})


def reassign(
    topics: Topics, paper_ids: str | Iterable[str], *, to: int, papers: pd.DataFrame | None = None
) -> Topics:
    """Put papers into another topic, or into none, by hand.

    Parameters
    ----------
    topics
        The topics; not changed.
    paper_ids
        One paper or several.
    to
        A topic that exists, or -1 for none. A paper that is there already is confirmed.
    papers
        The papers of the topics concerned, for their dates. Without them the first and last date of a
        topic that gained or lost a paper are unknown (NaT).

    Returns
    -------
    Topics
        These papers' `how` is "user". Centroids and cut-offs stay frozen, so that later papers are placed
        as before; cohesion and exemplars are of the papers that the rule placed. A topic may be left
        empty. Terms stay until `label` counts them anew.

    Raises
    ------
    InputError
        A paper or the topic does not exist, or `papers` lacks one of those needed.
    """
    wanted = [paper_ids] if isinstance(paper_ids, str) else list(paper_ids)
    edit = {"edit": "reassign", "papers": wanted, "to": _whole(to), "dated": papers is not None}
    return _perform(topics, edit, papers)


def edits(topics: Topics) -> list[dict[str, Any]]:
    """Return the edits that led to these topics, oldest first, as plain JSON values for `apply`.

    Returns
    -------
    list of dict
        edit ("merge", "split", "rename" or "reassign") and its arguments; `fingerprint` names the topics it
        was made on and `read` hashes the papers and vectors it looked at. Empty where nothing was edited.
    """
    if "edit" not in topics.ledger:
        return []
    return [json.loads(line) for line in topics.ledger["edit"] if line]


def apply(
    topics: Topics,
    edits: Iterable[Mapping[str, Any]],
    *,
    papers: pd.DataFrame | None = None,
    embeddings: pd.DataFrame | None = None,
) -> Topics:
    """Repeat edits on topics that were clustered anew; the same topics and edits give the same bytes.

    Parameters
    ----------
    topics
        Topics of the fingerprint that the first edit was made on. Labels are no part of it: where they
        matter, `label` at the same point as the first time, or last of all.
    edits
        What `edits` returned. An edit without `fingerprint` and `read`, as written by hand, is taken on any
        topics that have its ids and papers.
    papers, embeddings
        As given to the edits the first time; needed for a split and for dates.

    Raises
    ------
    InputError
        The topics, papers or vectors are not those that an edit was made on, or an edit is malformed; the
        sentence names the edit by its number.
    """
    for number, edit in enumerate(edits, start=1):
        if not isinstance(edit, Mapping) or edit.get("edit") not in _WAYS:
            raise InputError(f"Edit {number} is none of {', '.join(_WAYS)}; give what trends.edits returned.")
        name = f"Edit {number} ({edit['edit']})"
        made_on = edit.get("fingerprint", topics.fingerprint)
        if made_on != topics.fingerprint:
            raise InputError(
                f"{name} was made on the topics {str(made_on)[:12]}…, not on {topics.fingerprint[:12]}…; cluster "
                "the same papers with the same settings and versions, and give all edits in their order."
            )
        try:
            topics = _perform(topics, edit, papers, embeddings)
        except KeyError as absent:
            raise InputError(f"{name} lacks {absent}; give what trends.edits returned.") from absent
        except InputError as error:
            raise InputError(f"{name} does not fit: {error}") from error
    return topics


def reshaped(topics_ledger: pd.DataFrame) -> bool:
    """Tell whether papers were moved by hand, so that no BERTopic fitted before or by the rule agrees."""
    return "edit" in topics_ledger and bool(topics_ledger["event"].isin(RESHAPING).any())


def _perform(
    topics: Topics,
    edit: Mapping[str, Any],
    papers: pd.DataFrame | None = None,
    embeddings: pd.DataFrame | None = None,
) -> Topics:
    """Make one edit and write it down."""
    changed, lines, read = _WAYS[edit["edit"]](topics, edit, papers, embeddings)
    if edit.get("read", read) != read:
        raise InputError("it read other papers or vectors than these; give those of the first time.")
    written = {**edit, "fingerprint": topics.fingerprint} | ({"read": read} if read else {})
    written |= {"papers": sorted(set(edit["papers"]))} if "papers" in edit else {}
    written |= {"topics": sorted(set(edit["topics"]))} if "topics" in edit else {}
    text = json.dumps(written, sort_keys=True)
    n_edits = len(edits(topics)) + 1
    return replace(
        topics,
        **changed,
        ledger=_appended(topics.ledger, lines, text),
        parameters={**topics.parameters, "n_edits": n_edits},
        fingerprint=fingerprint("edit", topics.fingerprint, text),
    )


def _appended(ledger: pd.DataFrame, lines: Lines, text: str) -> pd.DataFrame:
    """Return the ledger with an edit's lines; the first of them carries the edit itself."""
    before = {name: ledger[name].tolist() if name in ledger else [""] * len(ledger) for name in LEDGER}
    events, topic_ids, notes = zip(*lines)
    return pd.DataFrame(
        {
            "event": pd.Series([*before["event"], *events], dtype="str"),
            "topic_id": np.array([*before["topic_id"], *topic_ids], dtype="int32"),
            "note": pd.Series([*before["note"], *notes], dtype="str"),
            "edit": pd.Series([*before["edit"], text, *[""] * (len(lines) - 1)], dtype="str"),
        }
    )


# --- the four ways --------------------------------------------------------------------------------------


def _merge(topics: Topics, edit: Mapping[str, Any], *_: pd.DataFrame | None) -> Made:
    ids = sorted({_known(topics, k) for k in _whole_numbers(edit["topics"])})
    if len(ids) < 2:
        raise InputError(f"merge needs two topics or more, not {ids}.")
    sizes = topics.table["n_papers"]
    kept = max(ids, key=lambda k: (sizes[k], -k))
    gone = [k for k in ids if k != kept]
    rows = topics.table.index.get_indexer(ids)
    centroids = topics.centroids[rows].astype(np.float64)
    n_placed, mean = _placed(topics.members, ids)
    # The mean vector of a topic's papers is its centroid times their mean cosine to it.
    mass = (n_placed * np.clip(mean, 0, None))[:, None] * centroids
    direction = mass.sum(axis=0) if n_placed.any() else centroids.sum(axis=0)
    if np.linalg.norm(direction) < 1e-9:
        direction = centroids[ids.index(kept)]
    centroid = unit_rows(direction[None])[0]
    closeness = np.clip((centroids * centroid).sum(axis=1), -1, 1)

    members = topics.members.copy()
    topic, by_rule = members["topic_id"].to_numpy(), (members["how"] != BY_HAND).to_numpy()
    similarity = members["similarity"].to_numpy(dtype=np.float64, copy=True)
    for k, cosine in zip(ids, closeness):
        similarity[(topic == k) & by_rule] *= cosine
    members["similarity"] = np.round(similarity, 6).astype(np.float32)
    members["topic_id"] = np.where(np.isin(topic, ids), kept, topic).astype(np.int32)

    table = topics.table.drop(index=gone)
    _, now = _placed(members, [kept])
    margins = mean - topics.cutoffs[rows]
    cutoff = now[0] - np.average(margins, weights=n_placed) if n_placed.any() else topics.cutoffs[rows].min()
    parts = topics.table.loc[ids]
    _set_dates(table, kept, parts[parts["n_papers"] > 0])
    table.at[kept, "terms"], table.at[kept, "term_weights"] = _pooled(parts, kept)
    table.at[kept, "stability"] = np.nan
    changed = _fields(topics, table, members, {kept: (centroid, cutoff)}, touched=[kept])
    lines = [("merge", kept, f"took in {_listed(gone)}; terms and similarities reckoned from the parts")]
    return changed, lines + [("death", k, f"merged into {kept}") for k in gone], ""


def _split(
    topics: Topics, edit: Mapping[str, Any], papers: pd.DataFrame | None, embeddings: pd.DataFrame | None
) -> Made:
    topic_id, into, seed = (_whole(edit[name]) for name in ("topic", "into", "seed"))
    _known(topics, topic_id)
    if into < 2:
        raise InputError(f"into must be at least 2, not {into}.")
    if papers is None or embeddings is None:
        raise InputError("a split needs the papers and their embeddings; pass both.")
    papers = _papers_of(papers, topics.members.index)
    check_space(embeddings, topics)
    inside = topics.members[topics.members["topic_id"] == topic_id].sort_index().index
    vectors = rows_of(papers.loc[inside], embeddings)
    part = _parts(vectors, into, seed)
    if part is None:
        raise InputError(
            f"topic {topic_id} cannot be split into {into}: it has {len(inside)} papers "
            f"of {len(np.unique(vectors, axis=0))} different vectors; split it into fewer."
        )
    ids = [topic_id, *range(topics.next_id, topics.next_id + into - 1)]
    means = unit_rows(np.array([vectors[part == j].mean(axis=0, dtype=np.float64) for j in range(into)]))
    _, whole = _placed(topics.members, [topic_id])
    cutoff = float(topics.cutoffs[topics.table.index.get_loc(topic_id)])

    members = topics.members.copy()
    members.loc[inside, "topic_id"] = np.array(ids, dtype=np.int32)[part]
    cosine = np.round((vectors * means[part]).sum(axis=1), 6).astype(np.float32)
    members.loc[inside, "similarity"] = cosine
    n_placed, mean = _placed(members, ids)
    cutoffs = np.where((n_placed > 0) & np.isfinite(whole[0]), mean - (whole[0] - cutoff), cutoff)

    row = topics.table.loc[[topic_id]]
    born = [row.set_axis(pd.Index([k], name="topic_id"), axis=0) for k in ids[1:]]
    table = pd.concat([topics.table, *born])
    table.index = table.index.astype("int32").rename("topic_id")
    words = class_terms(papers, members, ids)
    normal = _best_is_one(topics.table.at[topic_id, "term_weights"])
    for k in ids:
        found = _scaled(words[k], normal)
        table.at[k, "terms"], table.at[k, "term_weights"] = found
        table.at[k, "stability"] = np.nan
        if k != topic_id:
            _set_label(table, k, ", ".join(found[0][:3]) or f"topic {k}", "phrases")
        _set_dates_of(table, k, papers, members)
    new = {k: (means[j], cutoffs[j]) for j, k in enumerate(ids)}
    sizes = np.bincount(part, minlength=into)
    lines = [("split", topic_id, f"into {into}, of {_listed(sizes)} papers")]
    return (
        _fields(topics, table, members, new, touched=ids),
        lines + [("birth", k, f"split from {topic_id}") for k in ids[1:]],
        fingerprint(documents(papers), papers["date"], vectors),
    )


def _rename(topics: Topics, edit: Mapping[str, Any], *_: pd.DataFrame | None) -> Made:
    topic_id, label = _known(topics, edit["topic"]), edit["label"]
    if not isinstance(label, str) or not label.strip():
        raise InputError(f"a topic's name must be text, not {label!r}.")
    if label != label.strip() or any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in label):
        raise InputError(f"a topic's name must be one line without spaces around it, not {label!r}.")
    others = topics.table["label"].drop(topic_id)
    if label in set(others):
        raise InputError(f"topic {others.index[others == label][0]} is called {label!r} already; merge them instead.")
    table = topics.table.copy()
    _set_label(table, topic_id, label, BY_HAND)
    return {"table": table}, [("rename", topic_id, label)], ""


def _reassign(
    topics: Topics, edit: Mapping[str, Any], papers: pd.DataFrame | None, _: pd.DataFrame | None
) -> Made:
    wanted, to, dated = edit["papers"], _whole(edit["to"]), edit.get("dated", False)
    if not isinstance(wanted, list) or not wanted or not all(isinstance(p, str) for p in wanted):
        raise InputError("reassign needs the ids of one paper or more.")
    if to != UNASSIGNED:
        _known(topics, to)
    absent = sorted(set(wanted) - set(topics.members.index))
    if absent:
        raise InputError(f"{len(absent)} of the papers are not in topics.members, {absent[0]!r} for one.")
    moved = topics.members.index.isin(wanted)
    members = topics.members.copy()
    before = members["topic_id"].to_numpy()
    members.loc[moved, "topic_id"] = np.int32(to)
    members.loc[moved, "how"] = BY_HAND
    sources = sorted(set(before[moved].tolist()))
    touched = sorted({*sources, to} - {UNASSIGNED})
    resized = sorted({*(k for k in sources if k != to), *([to] if sources != [to] else [])} - {UNASSIGNED})

    table, read = topics.table.copy(), ""
    if dated:
        if papers is None:
            raise InputError("its dates came from the papers; pass papers.")
        concerned = _papers_of(papers, members.index[members["topic_id"].isin(resized)])
        read = fingerprint(concerned["date"])
        for k in resized:
            _set_dates_of(table, k, concerned, members)
    else:
        for k in resized:
            _set_dates(table, k, table.iloc[:0])
    note = f"{int(moved.sum())} papers from {_listed(sources)}; terms{'' if dated else ' stay, dates unknown'}"
    note += " stay" if dated else ""
    return _fields(topics, table, members, {}, touched=touched), [("reassign", to, note)], read


_WAYS: dict[str, Callable[..., Made]] = {
    "merge": _merge,
    "split": _split,
    "rename": _rename,
    "reassign": _reassign,
}


# --- parts of the tables --------------------------------------------------------------------------------


def _fields(
    topics: Topics,
    table: pd.DataFrame,
    members: pd.DataFrame,
    new: Mapping[int, tuple[np.ndarray, float]],
    touched: list[int],
) -> dict[str, Any]:
    """Return the changed fields of the record, rows by id: `new` holds centroids and cut-offs by topic."""
    table = table.sort_index()
    table.index = table.index.astype("int32").rename("topic_id")
    for k in touched:
        mine = members[members["topic_id"] == k]
        placed = mine[mine["how"] != BY_HAND].rename_axis("paper_id").reset_index()
        best = placed.sort_values(["similarity", "paper_id"], ascending=[False, True])
        table.at[k, "n_papers"] = len(mine)
        table.at[k, "cohesion"] = round(float(placed["similarity"].mean()), 4) if len(placed) else np.nan
        table.at[k, "exemplars"] = tuple(best["paper_id"].head(N_EXEMPLARS))
    old = {k: (topics.centroids[row], topics.cutoffs[row]) for row, k in enumerate(topics.table.index)}
    both = [{**old, **new}[k] for k in table.index]
    return {
        "table": table,
        "members": members,
        "centroids": np.array([c for c, _ in both], np.float32).reshape(len(both), topics.centroids.shape[1]),
        "cutoffs": np.array([c for _, c in both], np.float64).round(6).clip(-1, 1).astype(np.float32),
        "make_model": None,
    }


def _placed(members: pd.DataFrame, topic_ids: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return how many papers of each topic the rule placed, and their mean similarity (0 where none)."""
    placed = members[members["how"] != BY_HAND].sort_index()
    grouped = placed["similarity"].astype(np.float64).groupby(placed["topic_id"])
    n_papers = grouped.size().reindex(topic_ids, fill_value=0).to_numpy()
    return n_papers, grouped.mean().reindex(topic_ids, fill_value=0.0).to_numpy()


def _parts(vectors: np.ndarray, into: int, seed: int) -> np.ndarray | None:
    """Return each row's part, 0 the largest (of equals, that of the first row); None where there are fewer."""
    if len(np.unique(vectors, axis=0)) < into:
        return None
    from sklearn.cluster import KMeans

    with one_thread_per_sum(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fewer parts than asked for, which is seen below
        found = KMeans(into, n_init=10, random_state=seed).fit(vectors.astype(np.float64)).labels_
    names, first, sizes = np.unique(found, return_index=True, return_counts=True)
    if len(names) < into:
        return None
    place = np.empty(into, dtype=int)
    place[names[np.lexsort((first, -sizes))]] = np.arange(into)
    return place[found]


def class_terms(
    papers: pd.DataFrame, members: pd.DataFrame, topic_ids: list[int]
) -> dict[int, list[tuple[str, float]]]:
    """Return some topics' best words by c-TF-IDF over all topics, the unassigned papers among them."""
    counts: dict[int, Counter[str]] = {}
    stop = stop_words()
    for text, k in zip(documents(papers), members["topic_id"].reindex(papers.index)):
        counts.setdefault(int(k), Counter()).update(word for word in tokens(text) if word not in stop)
    total = sum(counts.values(), Counter())
    average = int(total.total() / max(1, len(counts)))
    found = {}
    for k in topic_ids:
        mine = counts.get(k, Counter())
        n_words = max(1, mine.total())
        weights = {word: n / n_words * np.log1p(average / total[word]) for word, n in mine.items()}
        found[k] = sorted(weights.items(), key=lambda pair: (-round(pair[1], 9), pair[0]))[:N_TERMS]
    return found


def _pooled(parts: pd.DataFrame, kept: int) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return the parts' terms, each with its weight averaged over all papers of the parts."""
    sizes = parts["n_papers"].to_numpy(dtype=float)
    sizes = sizes if sizes.any() else np.ones(len(parts))
    pool: dict[str, float] = {}
    for share, terms, weights in zip(sizes / sizes.sum(), parts["terms"], parts["term_weights"]):
        for term, weight in zip(terms, weights):
            pool[term] = pool.get(term, 0.0) + share * weight
    best = sorted(pool.items(), key=lambda pair: (-round(pair[1], 9), pair[0]))
    most = int(parts["terms"].map(len).max())
    return _scaled(best[:most], _best_is_one(parts.at[kept, "term_weights"]))


def _best_is_one(weights: tuple[float, ...]) -> bool:
    """Tell whether weights are on the scale of `label`, where the best term's is 1."""
    return bool(weights) and weights[0] == 1


def _scaled(found: list[tuple[str, float]], normal: bool) -> tuple[tuple[str, ...], tuple[float, ...]]:
    top = found[0][1] if normal and found else 1.0
    return tuple(term for term, _ in found), tuple(round(float(weight / top), 4) for _, weight in found)


def _set_label(table: pd.DataFrame, topic_id: int, label: str, source: str) -> None:
    given = {"label": label} | ({"plain_label": label} if source != BY_HAND else {}) | {"label_source": source}
    for column, value in given.items():
        if column in table:
            table.at[topic_id, column] = value


def _set_dates(table: pd.DataFrame, topic_id: int, parts: pd.DataFrame) -> None:
    """Span the parts' dates; unknown where there is no part or one's are unknown."""
    table.at[topic_id, "first_date"] = parts["first_date"].min(skipna=False) if len(parts) else pd.NaT
    table.at[topic_id, "last_date"] = parts["last_date"].max(skipna=False) if len(parts) else pd.NaT


def _set_dates_of(table: pd.DataFrame, topic_id: int, papers: pd.DataFrame, members: pd.DataFrame) -> None:
    dates = papers["date"].reindex(members.index[members["topic_id"] == topic_id])
    table.at[topic_id, "first_date"], table.at[topic_id, "last_date"] = dates.min(), dates.max()


# --- what is asked for ----------------------------------------------------------------------------------


def _papers_of(papers: pd.DataFrame, paper_ids: pd.Index) -> pd.DataFrame:
    """Return these papers sorted by id, or say which is missing."""
    check(papers, PAPERS)
    absent = paper_ids.difference(papers.index)
    if len(absent):
        raise InputError(
            f"papers lacks {len(absent)} of the topics' papers, such as {absent[0]!r}; "
            "give the papers that were clustered."
        )
    return papers.loc[sorted(paper_ids)]


def _known(topics: Topics, topic_id: Any) -> int:
    if _whole(topic_id) not in topics.table.index:
        raise InputError(f"there is no topic {topic_id}; the topics are {_listed(topics.table.index)}.")
    return int(topic_id)


def _whole(number: Any) -> int:
    if isinstance(number, bool) or not isinstance(number, int | np.integer):
        raise InputError(f"a whole number is needed, not {number!r}.")
    return int(number)


def _whole_numbers(numbers: Any) -> list[int]:
    if isinstance(numbers, str) or not isinstance(numbers, Iterable):
        raise InputError(f"several topic ids are needed, such as [3, 7], not {numbers!r}.")
    return [_whole(number) for number in numbers]


def _listed(numbers: Iterable[Any], most: int = 12) -> str:
    given = [str(number) for number in numbers]
    return ", ".join(given[:most]) + (f" and {len(given) - most} more" if len(given) > most else "")
