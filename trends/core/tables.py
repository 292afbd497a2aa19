"""The columns that pass between rooms, written once and checked at each door.

A contract names a table's index and columns with the kind of value in each. `check` refuses a table
that breaks it, naming the column and what was found, and otherwise returns the very same table: the
contracts describe data, they never mend it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pandas.api import types

from trends.core.errors import InputError

UNASSIGNED = -1
"""The topic id of papers that belong to no topic: counted everywhere, hidden nowhere."""

UNASSIGNED_LABEL = "unassigned"

PRECISIONS = ("day", "month", "year", "unknown")
"""How exactly a date is known, finest first."""

EVERY = ("week", "month", "quarter", "year")
"""The calendar periods that papers can be counted by, shortest first."""

STATUSES = ("emerging", "growing", "steady", "declining", "too few to say")
"""What `timeline.measure` can say of a topic, in the order of its rules."""

PRECISION_TYPE = pd.CategoricalDtype(list(PRECISIONS), ordered=True)
STATUS_TYPE = pd.CategoricalDtype(list(STATUSES), ordered=True)


def _is_text(column: pd.Series) -> bool:
    """Tell whether all values are text; a column of texts can only lack some."""
    if isinstance(column.dtype, pd.StringDtype):
        return bool(column.notna().all())
    return types.is_string_dtype(column.dtype) and bool(column.map(type).eq(str).all())


_KINDS = {
    "text": _is_text,
    "tuple": lambda s: bool(s.map(lambda v: isinstance(v, tuple)).all()),
    "date": lambda s: s.dtype == np.dtype("datetime64[us]"),
    "integer": lambda s: types.is_integer_dtype(s.dtype),
    "number": lambda s: types.is_numeric_dtype(s.dtype) and not types.is_bool_dtype(s.dtype),
    "flag": lambda s: types.is_bool_dtype(s.dtype),
    "precision": lambda s: s.dtype == PRECISION_TYPE,
    "status": lambda s: s.dtype == STATUS_TYPE,
}

_CURES = {
    "text": "text without gaps",
    "tuple": "tuples",
    "date": "dates of dtype datetime64[us]",
    "integer": "whole numbers",
    "number": "numbers",
    "flag": "True or False",
    "precision": f"the ordered category {' < '.join(PRECISIONS)}",
    "status": f"the ordered category {' < '.join(STATUSES)}",
}


@dataclass(frozen=True)
class Contract:
    """One table's index name and the kind of value in each column; `optional` ones may be absent."""

    name: str
    index: str | None
    columns: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)


PAPERS = Contract(
    "papers",
    "paper_id",
    {
        "title": "text",
        "abstract": "text",
        "date": "date",
        "date_precision": "precision",
        "tags": "tuple",
    },
    {
        "authors": "tuple",
        "n_authors": "number",
        "venue": "text",
        "upvotes": "number",
        "url": "text",
        "date_source": "text",
        "date_note": "text",
        "arxiv_id": "text",
        "doi": "text",
        "language": "text",
        "sources": "tuple",
        "found_at": "tuple",
        "tag_sources": "tuple",
        "completed": "tuple",
    },
)
DATED = Contract("papers", "paper_id", {name: PAPERS.columns[name] for name in ("date", "date_precision")})
"""All that counting needs to know of papers."""

TOPICS = Contract(
    "topics.table",
    "topic_id",
    {
        "label": "text",
        "terms": "tuple",
        "term_weights": "tuple",
        "n_papers": "integer",
        "first_date": "date",
        "last_date": "date",
        "stability": "number",
        "cohesion": "number",
        "exemplars": "tuple",
    },
)
MEMBERS = Contract(
    "topics.members",
    "paper_id",
    {"topic_id": "integer", "similarity": "number", "x": "number", "y": "number", "how": "text"},
    {"fitted": "flag"},
)
COUNTS = Contract(
    "counts.table",
    None,
    {"topic_id": "integer", "period": "date", "n_papers": "integer", "n_total": "integer"},
)
PERIODS = Contract(
    "counts.periods",
    "period",
    {
        "end": "date",
        "n_total": "integer",
        "complete": "flag",
        "n_undated": "integer",
        "n_too_coarse": "integer",
    },
)
LEFT_OUT = Contract("counts.left_out", "topic_id", {"n_undated": "integer", "n_too_coarse": "integer"})
SHARES = Contract(
    "trends.shares",
    None,
    {
        "topic_id": "integer",
        "period": "date",
        "n_papers": "integer",
        "n_total": "integer",
        "share": "number",
        "share_low": "number",
        "share_high": "number",
        "complete": "flag",
    },
)
CALLS = Contract(
    "trends.calls",
    "topic_id",
    {
        "label": "text",
        "status": "status",
        "growth": "number",
        "growth_low": "number",
        "growth_high": "number",
        "p": "number",
        "q": "number",
        "n_periods": "integer",
        "n_papers": "integer",
        "reason": "text",
    },
)

THEMES = Contract(
    "watch.table",
    "theme_id",
    {
        "label": "text",
        "phrases": "tuple",
        "n_papers": "integer",
        "n_by_phrase": "integer",
        "n_by_likeness": "integer",
        "precision": "number",
        "precision_low": "number",
        "precision_high": "number",
        "recall": "number",
        "recall_low": "number",
        "recall_high": "number",
        "estimate": "text",
        "cutoff": "number",
        "reach": "number",
        "exemplars": "tuple",
        "note": "text",
    },
)
_SCORED = {"theme_id": "integer", "paper_id": "text", "score": "number", "how": "text"}
THEME_MEMBERS = Contract("watch.members", None, _SCORED)
NEAR = Contract("watch.near", None, _SCORED)


def places_in(among: pd.Index, ids: pd.Index) -> np.ndarray:
    """Return where ids stand in an index that repeats none, -1 where they do not.

    As `among.get_indexer(ids)`, which makes a Python object of each text: 30 ms for 90,000, and 7 here.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if among.dtype != "str" or ids.dtype != "str":
        return among.get_indexer(ids)
    sought, held = (pa.array(index.array, type=pa.large_string()) for index in (ids, among))
    return np.asarray(pc.index_in(sought, value_set=held).fill_null(-1), dtype=np.intp)


def check(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return the table unchanged if it keeps its contract, else raise an error that names the breach.

    Parameters
    ----------
    table
        The table to look at; never changed.
    contract
        One of the contracts of this module.

    Raises
    ------
    InputError
        A column is missing or of the wrong kind, or the index is unnamed or repeats a value.
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"{contract.name} must be a pandas DataFrame, not {type(table).__name__}.")
    missing = [name for name in contract.columns if name not in table.columns]
    if missing:
        raise InputError(
            f"{contract.name} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; "
            f"it has {', '.join(map(str, table.columns)) or 'no columns'}."
        )
    if contract.index is not None:
        if table.index.name != contract.index:
            raise InputError(
                f"{contract.name} must be indexed by {contract.index}, not {table.index.name!r}; "
                f"try table.set_index({contract.index!r})."
            )
        if not table.index.is_unique:
            repeated = table.index[table.index.duplicated()][0]
            raise InputError(f"{contract.name} repeats the {contract.index} {repeated!r}.")
    for name, kind in {**contract.columns, **contract.optional}.items():
        if name in table.columns and len(table) and not _KINDS[kind](table[name]):
            raise InputError(
                f"{contract.name}: the column {name} must hold {_CURES[kind]}, "
                f"not {table[name].dtype} such as {table[name].iloc[0]!r}."
            )
    return table
