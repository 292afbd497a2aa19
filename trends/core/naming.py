"""Topics and themes by the name that a person gives them: an id, or a label as it is read."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import clean_text

MOST_NAMED = 3


def id_of(name: Any, labels: pd.Series, noun: str = "topic") -> int:
    """Return the id of a topic given by id or by label.

    Parameters
    ----------
    name
        An id in the index of `labels`, or a label; upper and lower case and white space do not matter.
    labels
        Label by id.
    noun
        What is named, for the message.

    Raises
    ------
    InputError
        Nothing has that name, or several have the label; the message names what comes nearest.
    """
    if isinstance(name, str):
        return _by_label(name, labels, noun)
    whole = isinstance(name, int | np.integer) and not isinstance(name, bool)
    if whole and name in labels.index:
        return int(name)
    ids = labels.index
    have = f"the ids go from {ids.min()} to {ids.max()}" if len(ids) else f"there are no {noun}s"
    raise InputError(f"There is no {noun} {name!r}; {have}, and labels do as well.")


def ids_of(names: Iterable[Any], labels: pd.Series, noun: str = "topic") -> list[int]:
    """Return the ids of topics given by id or by label, each once, in the order given."""
    if isinstance(names, str | bytes) or not isinstance(names, Iterable):
        raise InputError(f"{noun}s must be given as a list of labels or ids, not {names!r}.")
    return list(dict.fromkeys(id_of(name, labels, noun) for name in names))


def _by_label(name: str, labels: pd.Series, noun: str) -> int:
    read = {topic_id: clean_text(str(label)) for topic_id, label in labels.items()}
    wanted = clean_text(name)
    for same in (wanted.__eq__, lambda label: label.casefold() == wanted.casefold()):
        found = [int(topic_id) for topic_id, label in read.items() if same(label)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(f"Several {noun}s are labelled {name!r}; give the id, one of {found}.")
    near = nearest(wanted, read.values())
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"see the labels of the {noun}s."
    raise InputError(f"There is no {noun} labelled {name!r}; {hint}")


def nearest(name: str, among: Iterable[str]) -> list[str]:
    """Return at most three names that are most like one, those that contain it first."""
    known = {candidate.casefold(): candidate for candidate in among}
    wanted = name.casefold()
    inside = [key for key in known if wanted and wanted in key]
    close = get_close_matches(wanted, known, n=MOST_NAMED, cutoff=0.6)
    return [known[key] for key in dict.fromkeys([*sorted(inside, key=len), *close])][:MOST_NAMED]
