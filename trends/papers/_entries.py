"""Entries between reading and merging: kept as Parquet, told apart by three keys, merged where they belong.

Entries are one paper only where they share an arXiv id, a DOI or a title. So entries that share none with any
other may be merged wherever they are, and a group that is linked by such keys gives the same papers wherever
all of it is brought together: what `load` makes of all files at once can be made part by part.
"""

import datetime
import io
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from trends.core.hashing import text_hash
from trends.core.tables import PAPERS, check
from trends.papers import _merge, _save, _synonyms, _tags
from trends.papers._dates import Known
from trends.papers._merge import Entry
from trends.papers._parts import Reading

KEYS = ("arxiv_id", "doi", "key")
"""The fields of which one that is shared may make two entries one paper."""

_DATE = {"date": 0, "date_precision": 1, "date_source": 2, "date_remark": 3}
_NAMES = [field.name for field in fields(Entry)]
_TUPLES = {"tags", "text_tags", "authors", "sources", "found_at", "completed"}
_NUMBERS = {"n_authors", "upvotes"}


def keys_of(entries: Iterable[Entry]) -> np.ndarray:
    """Return a 64-bit hash of each key of each entry (entries x 3, uint64), 0 where it has none.

    Two keys of one hash only bring entries together that are then found to be different.
    """
    found = [
        [_number(f"{name} {value}") if (value := getattr(e, name)) else 0 for name in KEYS] for e in entries
    ]
    return np.array(found, dtype=np.uint64).reshape(len(found), len(KEYS))


def _number(text: str) -> int:
    return int(text_hash(text)[:16], 16)


def packed(entries: list[Entry], groups: list[np.ndarray] | None = None) -> bytes:
    """Return entries as a Parquet file, with a row group for each list of places where these are given."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, texts, number = pa.string(), pa.list_(pa.string()), pa.float64()
    types = {name: texts if name in _TUPLES else number if name in _NUMBERS else text for name in _NAMES}
    types |= {"date": pa.date32(), "tags_sought": pa.bool_()} | dict.fromkeys(list(_DATE)[1:], text)
    schema = pa.schema(list(types.items()))
    out = io.BytesIO()
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for places in [np.arange(len(entries))] if groups is None else groups:
            some = [entries[place] for place in places]
            columns: dict[str, list[Any]] = {
                name: [getattr(e, name) for e in some] for name in _NAMES if name != "date"
            }
            for name, at in _DATE.items():
                columns[name] = [None if e.date is None else e.date[at] for e in some]
            arrays = [pa.array(columns[name], type=types[name]) for name in schema.names]
            writer.write_table(pa.table(arrays, schema=schema), row_group_size=max(len(some), 1))
    return out.getvalue()


def unpacked(stream: Any, row_group: int | None = None) -> list[Entry]:
    """Return the entries of a Parquet file that `packed` made, or of one of its row groups."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(stream)
    table = file.read() if row_group is None else file.read_row_group(row_group)
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    dates = zip(*(columns.pop(name) for name in _DATE))
    columns["date"] = [_known(*date) for date in dates]
    for name in _TUPLES:
        columns[name] = list(map(tuple, columns[name]))
    return [Entry(*values) for values in zip(*(columns[name] for name in _NAMES))]


def _known(day: datetime.date | None, precision: str, source: str, note: str) -> Known | None:
    return None if day is None else Known(day, precision, source, note)


def merged(entries: list[Entry], reading: Reading) -> pd.DataFrame:
    """Return the papers of entries as `load` makes them, tags as they are spelled; the list is emptied."""
    papers = _merge.merged(entries, _tags.vocabulary(reading.tags), tag_anew=reading.tags is not None)
    return check(papers, PAPERS)


def spelled(papers: pd.DataFrame, tag_counts: dict[str, int], reading: Reading) -> pd.DataFrame:
    """Return papers with their tags spelled as the whole corpus, whose tags are counted here, spells them."""
    preferred = _tags.vocabulary(reading.tags).names
    return _merge.spelled(papers, _synonyms.synonyms(None).names(tag_counts, preferred))


def sorted_as_loaded(papers: pd.DataFrame) -> pd.DataFrame:
    """Return papers by date (undated last), then id."""
    return papers.sort_index().sort_values("date", kind="stable", na_position="last")


def packed_papers(papers: pd.DataFrame) -> bytes:
    """Return papers as a Parquet file that `read_saved` reads."""
    out = io.BytesIO()
    _save._parquet(papers.reset_index(), out)
    return out.getvalue()
