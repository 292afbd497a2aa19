"""The history of topic ids, read: which ids ever existed, and what became of each."""

import pandas as pd

from trends.core.errors import InputError

ENDINGS = ("merge", "split", "death")
"""The events by which an id can end; after a merge or a split it has heirs."""


def ids_of(ledger: pd.DataFrame) -> set[int]:
    """Return every topic id that a ledger tells of."""
    columns = [ledger[name] for name in ("old_ids", "new_ids") if name in ledger]
    return {int(k) for column in columns for ids in column for k in ids if k >= 0}


def heirs(ledger: pd.DataFrame, living: set[int], topic_id: int) -> tuple[int, ...]:
    """Return the living topics that an id lives on in, ascending; see `Topics.heirs`."""
    known = ids_of(ledger) | living
    if isinstance(topic_id, bool) or topic_id not in known:
        raise InputError(
            f"topic_id {topic_id!r} never was a topic of these; ids go up to {max(known, default=-1)}."
        )
    after: dict[int, set[int]] = {}
    for event, old_ids, new_ids in zip(*(ledger.get(name, ()) for name in ("event", "old_ids", "new_ids"))):
        if event in ENDINGS:
            for k in set(old_ids) - set(new_ids):
                after.setdefault(int(k), set()).update(map(int, new_ids))
    found: set[int] = set()
    seen, left = set(), [int(topic_id)]
    while left:
        k = left.pop()
        if k in living:
            found.add(k)
        elif k not in seen:
            seen.add(k)
            left.extend(after.get(k, ()))
    return tuple(sorted(found))
