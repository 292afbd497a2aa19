"""Topics found anew under the ids that they had; what the user did is done again where it makes sense."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED
from trends.core.vectors import mean_directions
from trends.topics._assign import nearest
from trends.topics._bertopic import model_maker
from trends.topics._edits import edits, merge, reassign, rename
from trends.topics._ledger import BY_FIT, BY_USER, appended, told
from trends.topics._match import MERGED_FROM, match, renumber
from trends.topics._reshape import BY_HAND, material, reshape, set_terms, words_of


def refit(
    papers: pd.DataFrame,
    embeddings: pd.DataFrame,
    earlier: Topics,
    later: Topics,
    *,
    same_encoder: bool = True,
) -> Topics:
    """Give topics that were found anew the ids of the earlier ones, and do the user's edits again.

    A merge is done again where the new fit has two topics or more with half of their papers in the merged
    one, a split where it has one with half of the papers of two parts, a rename and a reassignment where the
    topic lives. What no longer makes sense stands in `parameters["not_reapplied"]`, with the reason.

    Parameters
    ----------
    papers, embeddings
        All papers and their vectors, as `later` was found from.
    earlier
        The topics so far, whose ids, ledger and edits go on.
    later
        The topics found anew, by `cluster`.
    same_encoder
        As for `match`.

    Returns
    -------
    Topics
        Those of `later` under permanent ids, the ledger continued. A topic that goes on keeps its label,
        `label` of the others is that of `later`.
    """
    done, reasons = edits(earlier), {}
    found = later
    for number, edit in enumerate(done):
        if edit["edit"] == "merge":
            found, reasons[number] = _merged(papers, embeddings, earlier, found, edit["topics"])
    for parts in _splits(earlier):
        found = _divided(papers, embeddings, earlier, found, parts)
    matching = match(earlier, found, same_encoder=same_encoder)
    found = with_labels(renumber(found, matching.ids, earlier.next_id), earlier)
    found, ended = _placed_again(papers, embeddings, earlier, found)
    for number, edit in enumerate(done):
        if edit["edit"] == "rename":
            found, reasons[number] = _renamed(earlier, found, edit)
        if edit["edit"] == "split" and not earlier.heirs(edit["topic"]):
            reasons[number] = f"topic {edit['topic']} ended"
        if edit["edit"] == "reassign" and edit["to"] in ended:
            reasons[number] = f"topic {edit['to']} ended"
    in_force = [_plain(edit) for number, edit in enumerate(done) if not reasons.get(number)]
    left = [_plain(edit) | {"reason": reasons[n]} for n, edit in enumerate(done) if reasons.get(n)]
    before = list(earlier.parameters.get("not_reapplied", ()))
    parameters = {
        **later.parameters,
        "edits": in_force,
        "not_reapplied": before + left,
        "next_id": found.next_id,
    }
    key = fingerprint("refit", earlier.fingerprint, later.fingerprint)
    lines = told(matching.events.to_dict("records"), earlier, found)
    rule = {"centroids": found.centroids, "cutoffs": found.cutoffs}
    refitted = replace(
        found,
        ledger=appended(earlier.ledger, lines, found.table, fit_id=later.fingerprint, by=BY_FIT),
        parameters=parameters,
        fingerprint=key,
    )
    if len(found.table) and not refitted.reshaped:
        return replace(refitted, make_model=model_maker(papers, embeddings, **rule))
    return replace(refitted, make_model=None)


def _merged(
    papers: pd.DataFrame, embeddings: pd.DataFrame, earlier: Topics, found: Topics, ids: list[int]
) -> tuple[Topics, str]:
    """Merge the topics of the new fit that are parts of one that the user merged; say why not, or ""."""
    living = sorted({heir for k in ids for heir in earlier.heirs(k)})
    if len(living) != 1:
        return found, f"what was merged lives on in {living or 'no topic'}"
    inside = _share(found, earlier)
    parts = [k for k in inside.index if inside.at[k, living[0]] >= MERGED_FROM] if len(inside) else []
    return (merge(papers, embeddings, found, parts) if len(parts) > 1 else found), ""


def _splits(topics: Topics) -> list[list[int]]:
    """Return the living parts of each split that the user made."""
    ledger = topics.ledger
    if "by" not in ledger:
        return []
    made = ledger[(ledger["by"] == BY_USER) & (ledger["event"] == "split")]
    parts = [sorted({heir for k in ids for heir in topics.heirs(k)}) for ids in made["new_ids"]]
    return [ids for ids in parts if len(ids) > 1]


def _divided(
    papers: pd.DataFrame, embeddings: pd.DataFrame, earlier: Topics, found: Topics, parts: list[int]
) -> Topics:
    """Split the topics of the new fit that hold what the user keeps apart, along the user's parts."""
    held = _share(earlier, found)
    for k in list(map(int, found.table.index)):
        together = [part for part in parts if k in held.columns and held.at[part, k] >= MERGED_FROM]
        if len(together) > 1:
            found = _cut(papers, embeddings, earlier, found, k, together)
    return found


def _cut(
    papers: pd.DataFrame, embeddings: pd.DataFrame, earlier: Topics, found: Topics, k: int, parts: list[int]
) -> Topics:
    """Give each paper of a topic to the nearest of the user's parts; the first keeps the topic's number."""
    papers, vectors = material(papers, embeddings, found)
    placed = found.members["topic_id"].sort_index().to_numpy(dtype=np.int64, copy=True)
    inside = np.flatnonzero(placed == k)
    theirs = earlier.members["topic_id"].reindex(papers.index[inside]).to_numpy()
    group = np.array([parts.index(own) if own in parts else UNASSIGNED for own in theirs])
    nearest_part, _ = nearest(vectors[inside], mean_directions(vectors[inside], group))
    # A paper that the user's topics hold stays in its part; the rule decides of the others alone.
    part = np.where(group >= 0, group, nearest_part)
    ids = [k, *range(found.next_id, found.next_id + len(parts) - 1)]
    placed[inside] = np.array(ids)[part]
    origins = {j: j for j in map(int, found.table.index)} | dict.fromkeys(ids[1:], k)
    after = reshape(papers, vectors, found, placed, origins)
    for j, terms in words_of(papers, vectors, placed, ids).items():
        set_terms(after.table, j, terms)
        after.table.at[j, "label"] = ", ".join(after.table.at[j, "terms"][:3]) or f"topic {j}"
    return replace(after, parameters={**found.parameters, "next_id": ids[-1] + 1})


def _share(of: Topics, among: Topics) -> pd.DataFrame:
    """Return the part of each topic's papers (rows) that each of other topics (columns) holds."""
    both = of.members.index.intersection(among.members.index)
    table = pd.crosstab(of.members.loc[both, "topic_id"], among.members.loc[both, "topic_id"])
    return table.div(table.sum(axis=1), axis=0).reindex(
        index=of.table.index, columns=among.table.index, fill_value=0.0
    )


def with_labels(found: Topics, earlier: Topics) -> Topics:
    """Return topics with the labels that their ids had earlier; a new topic gives way where its is taken."""
    table = found.table.copy()
    known = [k for k in table.index if k in earlier.table.index]
    kept = earlier.table["label"].reindex(known)
    taken = {label.casefold() for label in kept}
    for k in table.index.difference(known):
        terms = [table.at[k, "label"], *(term.capitalize() for term in table.at[k, "terms"]), f"Topic {k}"]
        table.at[k, "label"] = next(label for label in terms if label.casefold() not in taken)
        taken.add(table.at[k, "label"].casefold())
    table.loc[known, "label"] = kept
    for column in ("plain_label", "label_source"):
        if column in table and column in earlier.table:
            table.loc[known, column] = earlier.table[column].reindex(known)
    return replace(found, table=table)


def _renamed(earlier: Topics, found: Topics, edit: Mapping[str, Any]) -> tuple[Topics, str]:
    """Give a topic the user's name again; say why not, or ""."""
    if edit["topic"] not in found.table.index:
        return found, f"topic {edit['topic']} ended"
    return rename(found, edit["topic"], earlier.user_labels[edit["topic"]]), ""


def _placed_again(
    papers: pd.DataFrame, embeddings: pd.DataFrame, earlier: Topics, found: Topics
) -> tuple[Topics, set[int]]:
    """Put the papers that the user placed where they were; return also which of their topics ended."""
    by_hand = earlier.members[earlier.members["how"] == BY_HAND]
    ended = set()
    for k, mine in by_hand.groupby("topic_id"):
        if k == UNASSIGNED or k in found.table.index:
            found = reassign(papers, embeddings, found, list(mine.index), to=int(k))
        else:
            ended.add(int(k))
    return found, ended


def _plain(edit: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edit without the hash of the topics that it first gave: it stands on others now."""
    return {name: value for name, value in edit.items() if name != "fingerprint"}
