"""A week taken into a study on disk without reading the study, so that it costs what the week costs.

Joining needs the keys of the papers so far, counting their dates, topics their members; texts and vectors are
read of those few papers that the week names again, and of some thousand fitted ones for the map. What comes
of it is, to the last bit, what `Study.update` gives. Where more is needed (followed themes are looked for
among all papers) or a file is not as it was written, there is no short way, and the caller goes the long one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.cache import tidy, whole_folder, write_json
from trends.core.hashing import MODULUS, hash_of_rows, rows_sum
from trends.core.records import Topics, Trends
from trends.embeddings import Encoder, keep_student
from trends.papers import Arrived, Known, arrived, in_order, read_in_all, read_saved
from trends.study import _parts, _store
from trends.study._parts import Part, Shelf
from trends.study._reading import WHERE, reader_of, said_by, title_of
from trends.study._upkeep import read, to_read, until_of
from trends.topics import by_hand, extended, read_topics


@dataclass(frozen=True, eq=False)
class Kept:
    """A study on disk as far as a week needs it.

    Attributes
    ----------
    shelf
        Its papers and vectors, to be read where asked for.
    manifest
        What study.json says.
    topics
        Its topics, without a BERTopic.
    """

    shelf: Shelf
    manifest: dict[str, Any]
    topics: Topics

    @property
    def dated(self) -> pd.DataFrame:
        """The keys and dates of the papers, with their reading log: for what looks at no more of them."""
        keys = self.shelf.keys.copy(deep=False)
        keys.attrs = {"reading": list(self.manifest["reading"])}
        return keys

    @property
    def papers_hash(self) -> str:
        """The hash of the papers, as `core.hashing.papers_hash` gives it of them."""
        return hash_of_rows([k for k in self.shelf.columns if k != WHERE], int(self.manifest["papers"], 16))


@dataclass(frozen=True, eq=False)
class Week:
    """What a week changes in a study on disk.

    Attributes
    ----------
    after
        The study with it; the shelf has the keys of all papers, and the files are those of before.
    rows, vectors
        The papers that are new or were looked at again, and theirs.
    gone
        The papers that were looked at again, as they were.
    before
        The shelf as it is on disk.
    """

    after: Kept
    rows: pd.DataFrame
    vectors: pd.DataFrame
    gone: pd.DataFrame
    before: Shelf

    def vectors_of(self, ids: pd.Index) -> pd.DataFrame:
        """Return the vectors of papers, of the week or of before, by their ids."""
        inside = ids.isin(self.vectors.index)
        if inside.all():
            return self.vectors.loc[ids]
        if not inside.any():
            return self.before.vectors(ids)
        return pd.concat([self.vectors.loc[ids[inside]], self.before.vectors(ids[~inside])]).loc[ids]


def opened(folder: Path) -> Kept | None:
    """Read what a week needs of a study; None where the study has to be read as a whole.

    That is one of an earlier format, with followed themes, with papers in an order of their own, or with a
    file that is not as it was written, which reading the whole mends or tells.
    """
    try:
        manifest = json.loads((folder / _store.MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != _store.FORMAT or manifest["watch"] or not manifest["sorted"]:
            return None
        parts = tuple(Part(**values) for values in manifest["parts"])
        if not _parts.untouched(folder, folder / _store.MANIFEST, parts):
            return None
        shelf = Shelf(folder, parts, _parts.read_keys(folder), manifest["encoder"])
        n_papers = sum(part.n_papers for part in parts)
        topics = read_topics(folder / "topics")
        known = topics is not None and len(shelf.keys) == len(topics.members) == n_papers
        if not known or len(shelf.vectors(shelf.keys.index[:1])) != 1:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if topics is None else Kept(shelf, manifest, topics)


def with_week(
    kept: Kept,
    sources: tuple[Any, ...],
    *,
    observed_until: str | None,
    tags: "Mapping[str, Any] | str | Path | None",
    encoder: "str | Encoder | np.ndarray | pd.DataFrame | None",
) -> Week | None:
    """Go the way of `_upkeep.with_papers`; None where the papers say nothing new.

    Raises
    ------
    InputError
        As `Study.update` does.
    """
    shelf, manifest = kept.shelf, kept.manifest
    none = shelf.framed(np.empty((0, 0), dtype=np.float32), shelf.keys.index[:0])
    reader = reader_of(none, encoder)
    known = Known(shelf.keys, shelf.columns, shelf.papers, lambda: _parts.read_tags(shelf.folder))
    found = arrived(known, *sources, tags=tags)
    if not len(found.new) and not len(found.changed):
        after = _dated_on(kept, shelf.keys, [], observed_until)
        same = after.manifest["parameters"] == manifest["parameters"]
        return None if same else Week(after, found.rows[:0], none, found.before[:0], shelf)
    after = _dated_on(kept, _with_keys(shelf, found), found.reading, observed_until)
    if (shelf.folder / _store.STUDENT).is_dir():
        keep_student(none, shelf.folder / _store.STUDENT)
    fresh = _to_read(found)
    vectors = _vectors(shelf, found, fresh, reader, none)
    week = Week(after, found.rows, vectors, found.before, shelf)
    total = int(manifest["papers"], 16) + rows_sum(said_by(found.rows)) - rows_sum(said_by(found.before))
    topics = extended(
        found.rows.loc[fresh[~fresh.isin(by_hand(kept.topics, found.now))].sort_values()],
        kept.topics,
        dates=after.shelf.keys["date"],
        vectors_of=week.vectors_of,
        changed=found.changed,
        now=found.now,
    )
    manifest = after.manifest | {"papers": f"{total % MODULUS:064x}"}
    return replace(week, after=replace(after, topics=topics, manifest=manifest))


def write(week: Week, trends: Trends, fingerprint: str) -> Kept:
    """Write the study with the week in place of the one before; the caller holds the folder."""
    kept = week.after
    folder = kept.shelf.folder
    tidy(folder)
    with whole_folder(folder, durable=True) as temporary:
        parts = _write_parts(week, temporary)
        _parts.write_keys(temporary, kept.shelf.keys)
        tags = _parts.read_tags(folder)
        tags.update(_parts.tags_of(week.rows))
        tags.subtract(_parts.tags_of(week.gone))
        _parts.write_tags(temporary, tags)
        if (folder / _store.STUDENT).is_dir():
            for file in (folder / _store.STUDENT).iterdir():
                _parts.link(file, temporary / _store.STUDENT / file.name)
        _store.write_results(temporary, kept.topics, trends)
        manifest = kept.manifest | {
            "fingerprint": fingerprint,
            "parts": [part.plain() for part in parts],
        }
        write_json(temporary / _store.MANIFEST, manifest)
    return replace(kept, manifest=manifest, shelf=replace(kept.shelf, parts=tuple(parts)))


def _dated_on(
    kept: Kept, keys: pd.DataFrame, reading: list[dict[str, Any]], observed_until: str | None
) -> Kept:
    """Return a study of other papers, under the topics of before."""
    manifest = kept.manifest
    after = replace(
        kept,
        shelf=replace(kept.shelf, keys=keys),
        manifest=manifest | {"reading": read_in_all(manifest["reading"], reading)},
    )
    until = until_of(manifest["parameters"], keys, observed_until)
    made = manifest["title"] == title_of(kept.dated, sampled=False)
    told = {
        "parameters": manifest["parameters"] | {"observed_until": until},
        "title": title_of(after.dated, sampled=False) if made else manifest["title"],
    }
    return replace(after, manifest=after.manifest | told)


def _with_keys(shelf: Shelf, found: Arrived) -> pd.DataFrame:
    """Return the keys of all papers, part after part, with the part that each is to stand in."""
    keys = shelf.keys
    home = {found.now[old]: int(keys.at[old, "part"]) for old in found.before.index[::-1]}
    new = in_order(found.rows.loc[found.new, ["date"]]).index
    last = shelf.parts[-1].number
    stays = ~keys.index.isin(found.before.index)
    room = (
        _parts.PART - int((stays & (keys["part"] == last).to_numpy()).sum()) - list(home.values()).count(last)
    )
    # A last part that is full, or fuller, takes none.
    places = np.arange(len(new)) + _parts.PART - max(0, room)
    home |= dict(zip(new, (last + places // _parts.PART).tolist()))
    number = np.array([home[k] for k in found.rows.index], dtype=np.int32)
    later = _parts.keys_table(found.rows, number)
    return pd.concat([keys[stays], later]).sort_values("part", kind="stable")


def _to_read(found: Arrived) -> pd.Index:
    """Return the papers that are new or whose text is another now."""
    before = found.before.loc[list(found.now)]
    after = found.rows.loc[list(dict.fromkeys(found.now.values()))]
    return to_read(before, after, found.now, found.new)


def _vectors(
    shelf: Shelf,
    found: Arrived,
    fresh: pd.Index,
    encoder: "str | Encoder | np.ndarray | pd.DataFrame",
    like: pd.DataFrame,
) -> pd.DataFrame:
    """Return the vectors of the papers that came or were looked at again, in the order of these rows."""
    was: dict[str, str] = {}
    for old in in_order(found.before).index:
        was.setdefault(found.now[old], old)  # of two that are one now, the earlier one's
    known = found.rows.index[~found.rows.index.isin(fresh)]
    theirs = shelf.vectors(pd.Index([was[k] for k in known], dtype="str")).set_axis(known, axis=0)
    parts = [theirs, read(found.rows.loc[fresh], encoder, like=like)] if len(fresh) else [theirs]
    return shelf.framed(pd.concat(parts).loc[found.rows.index].to_numpy(), found.rows.index)


def _write_parts(week: Week, temporary: Path) -> list[Part]:
    """Write the parts in which a paper is new or other, link the rest; return all."""
    shelf = week.after.shelf
    known = {part.number: part for part in shelf.parts}
    numbers, starts = np.unique(shelf.keys["part"].to_numpy(), return_index=True)
    ends = np.append(starts[1:], len(shelf.keys))
    looked_at = shelf.keys.index.isin(week.rows.index)
    parts = []
    for number, start, end in zip(numbers.tolist(), starts, ends):
        part = known.get(number)
        if part is not None and not looked_at[start:end].any() and part.n_papers == end - start:
            for path in (part.papers, part.vectors):
                _parts.link(path(shelf.folder), path(temporary))
            parts.append(part)
            continue
        ids = shelf.keys.index[start:end]
        mine = ids[looked_at[start:end]]
        papers, vectors = week.rows.loc[mine], week.vectors.loc[mine].to_numpy()
        if part is not None:
            old = read_saved(part.papers(shelf.folder))
            stays = ~old.index.isin(week.gone.index)
            papers = pd.concat([old[stays], papers])
            vectors = np.concatenate([_parts.mapped(part.vectors(shelf.folder))[stays], vectors])
        parts.append(_parts.write_part(temporary, number, papers.loc[ids], vectors))
    return parts
