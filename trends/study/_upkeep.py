"""How a study goes on: later papers under frozen topics, and topics found anew under the ids that they had.

Adding papers fits nothing: a student that is frozen reads them, the frozen centroids assign them, and what is
counted is counted by one rule. Finding the topics anew gives new centroids, under which the whole history is
counted again: a series never has a part by the old rule and a part by the new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.records import Topics
from trends.core.watch import Watch
from trends.core.words import documents
from trends.embeddings import Encoder, embed
from trends.labels import LLM, label
from trends.papers import Joined, join
from trends.study._reading import versions_of
from trends.study._teaching import read_anew
from trends.topics import cluster, continued, extend, fitted, refit, with_labels
from trends.topics import watch as follow

REFIT = ("propose", "auto", "never")

CHECKED = [f"{name}{end}" for name in ("precision", "recall") for end in ("", "_low", "_high")]


@dataclass(frozen=True, eq=False)
class Kept:
    """What a study is made of before anything is counted."""

    papers: pd.DataFrame
    embeddings: pd.DataFrame
    topics: Topics
    watch: Watch | None
    parameters: Mapping[str, Any]


def with_papers(
    kept: Kept,
    sources: tuple[Any, ...],
    *,
    encoder: "str | Encoder | np.ndarray | pd.DataFrame",
    observed_until: str | None,
    tags: "Mapping[str, Any] | str | Path | None",
) -> Kept:
    """Add later papers; the very same record comes back where they say nothing new."""
    joined = join(kept.papers, *sources, tags=tags)
    until = until_of(kept.parameters, joined.papers, observed_until)
    parameters = {**kept.parameters, "observed_until": until}
    if not len(joined.new) and not len(joined.changed):
        return kept if parameters == dict(kept.parameters) else replace(kept, parameters=parameters)
    ids = pd.Index(list(dict.fromkeys(joined.now.values())), dtype="str")
    fresh = to_read(kept.papers.loc[list(joined.now)], joined.papers.loc[ids], joined.now, joined.new)
    embeddings = _vectors(kept.embeddings, joined, fresh, encoder)
    topics = extend(
        joined.papers, embeddings, kept.topics, fresh=fresh, changed=joined.changed, now=joined.now
    )
    return Kept(
        joined.papers,
        embeddings,
        topics,
        watched(joined.papers, embeddings, kept.watch),
        parameters,
    )


def found_anew(
    kept: Kept,
    *,
    encoder: "str | Encoder | np.ndarray | pd.DataFrame | None",
    new_labels: bool,
    from_nothing: bool,
    llm: LLM | None,
) -> Kept:
    """Find the topics anew among all papers; those that go on keep their ids, and labels unless told."""
    papers, earlier, options = kept.papers, kept.topics, kept.parameters
    late = ~fitted(earlier).reindex(papers.index).to_numpy()
    embeddings, told = read_anew(papers, kept.embeddings, late, options, encoder)
    choice = {name: options.get(name) for name in ("detail", "n_topics")}
    later = cluster(papers, embeddings, **choice, seed=options.get("seed", 0))
    # Students of one teacher imitate the same vectors; the directions of "lsa" are each corpus' own.
    same = embeddings is kept.embeddings or embeddings.attrs.get("encoder") != "lsa"
    if same and not from_nothing and len(earlier.table):
        later = continued(papers, embeddings, earlier, later)
    topics = label(papers, refit(papers, embeddings, earlier, later, same_encoder=same), llm=llm)
    if not new_labels:
        topics = with_labels(topics, earlier)
    watch = kept.watch if embeddings is kept.embeddings else watched(papers, embeddings, kept.watch)
    before = options.get("versions", {}) if embeddings is kept.embeddings else None
    made = told | {"versions": versions_of(embeddings, before)}
    return Kept(papers, embeddings, topics, watch, {**options, **made})


def watched(papers: pd.DataFrame, embeddings: pd.DataFrame, before: Watch | None) -> Watch | None:
    """Follow the same themes among all papers; what a person counted by marks stays, and says of what."""
    if before is None:
        return None
    after = follow(papers, embeddings, list(before.themes))
    counted = before.table.index[before.table["estimate"] == "checked"]
    table = after.table.copy()
    for k in counted:
        told = str(before.table.at[k, "note"])
        when = " Marked before later papers came."
        table.loc[k, [*CHECKED, "estimate"]] = before.table.loc[k, [*CHECKED, "estimate"]]
        table.loc[k, "note"] = told if told.endswith(when) else told + when
    return Watch(table, after.members, after.near, after.themes, after.fingerprint)


def check_refit(value: str) -> str:
    """Return a way to treat a proposed refit, or refuse what is none."""
    if value not in REFIT:
        raise InputError(f"refit must be one of {', '.join(REFIT)}, not {value!r}.")
    return value


def to_read(before: pd.DataFrame, after: pd.DataFrame, now: Mapping[str, str], new: pd.Index) -> pd.Index:
    """Return the papers that are new or whose text is another now, of those looked at again."""
    told: dict[str, set[str]] = {}
    for old, text in zip(before.index, documents(before)):
        told.setdefault(now[old], set()).add(text)
    other = [k for k, text in zip(after.index, documents(after)) if text not in told[k]]
    return pd.Index([*new, *other], name="paper_id", dtype="str")


def _vectors(
    before: pd.DataFrame,
    joined: Joined,
    fresh: pd.Index,
    encoder: "str | Encoder | np.ndarray | pd.DataFrame",
) -> pd.DataFrame:
    """Return the vectors of all papers: those known, and those that the frozen rule gives papers to read."""
    names = [joined.now.get(k, k) for k in before.index]
    known = before.set_axis(pd.Index(names, name="paper_id", dtype="str"), axis=0)
    known = known[~known.index.duplicated() & ~known.index.isin(fresh)]
    parts = [known, read(joined.papers.loc[fresh], encoder, like=before)] if len(fresh) else [known]
    found = pd.concat(parts).loc[joined.papers.index]
    found.attrs = dict(before.attrs)
    return found


def read(
    papers: pd.DataFrame, encoder: "str | Encoder | np.ndarray | pd.DataFrame", *, like: pd.DataFrame
) -> pd.DataFrame:
    """Return the vectors of later papers: given ones, or those of the frozen rule that made others."""
    given = isinstance(encoder, np.ndarray | pd.DataFrame)
    return embed(papers, encoder) if given else embed(papers, encoder, like=like)


def until_of(parameters: Mapping[str, Any], papers: pd.DataFrame, given: str | None) -> str | None:
    """Return the last day of observation: as given, else as before unless papers are dated later."""
    before = parameters.get("observed_until")
    if given is not None or before is None:
        return given
    newest = papers["date"].max()
    return before if pd.isna(newest) or newest <= pd.Timestamp(before) else None
