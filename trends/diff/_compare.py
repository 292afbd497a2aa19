"""Two studies in, one record of what changed out."""

from dataclasses import replace
from typing import Any

import pandas as pd

from trends.core.diff import Diff
from trends.core.errors import InputError
from trends.diff._calls import call_changes, later_periods, steps_between
from trends.diff._movers import share_changes
from trends.diff._papers import count_changes, paper_changes
from trends.diff._side import VERSION, Side
from trends.diff._text import markdown, summary
from trends.diff._topics import flow, labelled, lineage

FEWEST_SHARED = 0.1
"""Part of the smaller corpus that the other one must hold: below it there is nothing to match topics by."""

OF_TOPICS = ("detail", "n_topics", "seed", "exact")


def compare(earlier: Side, later: Side) -> Diff:
    """Say what changed from an earlier study to a later one.

    Parameters
    ----------
    earlier, later
        Two studies of one corpus, which may have grown, shrunk or been clustered anew in between. Where they
        count by different periods, the earlier one is counted again by the period of the later one.

    Returns
    -------
    Diff
        See there; the same two studies give the same record, whatever the order of their rows.

    Raises
    ------
    InputError
        The studies share less than a tenth of the papers of the smaller one.
    """
    n_shared = len(earlier.papers.index.intersection(later.papers.index))
    smaller = min(len(earlier.papers), len(later.papers))
    if n_shared < max(1, FEWEST_SHARED * smaller):
        raise InputError(
            f"The two studies share {n_shared:,} of {smaller:,} papers, too few to compare them; "
            "earlier must be a study of the same papers at an earlier time."
        )
    parameters = _parameters(earlier, later)
    notes = _notes(earlier, later, n_shared)
    earlier = earlier.by(later.counts.every)
    flows = flow(earlier, later)
    found = lineage(earlier, later, flows)
    steps = steps_between(earlier, later)
    diff = Diff(
        papers=paper_changes(earlier, later, found),
        topics=found.table,
        calls=call_changes(earlier, later, steps, found),
        movers=share_changes(earlier, later, steps, found),
        counts=count_changes(earlier, later),
        parameters=parameters,
        flows=labelled(flows, earlier, later, found.kept),
        every=later.counts.every,
        titles=(earlier.title, later.title),
        notes=(),
        summary="",
        text="",
    )
    if not diff.nothing_changed:
        diff = replace(diff, notes=tuple(notes))
    diff = replace(diff, summary=summary(diff))
    return replace(diff, text=markdown(diff))


def _parameters(earlier: Side, later: Side) -> pd.DataFrame:
    before, now = dict(earlier.settings), dict(later.settings)
    before["counted by"], now["counted by"] = earlier.counts.every, later.counts.every
    # What only one of them states, an older page say, is not known to differ.
    rows = [
        (name, _plain(before[name]), _plain(now[name]))
        for name in sorted(set(before) & set(now))
        if before[name] != now[name]
    ]
    return pd.DataFrame(rows, columns=["name", "before", "now"], dtype="str")


def _plain(value: Any) -> str:
    return "none" if value is None else str(value)


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _notes(earlier: Side, later: Side, n_shared: int) -> list[str]:
    """Say what limits the comparison, the gravest first."""
    notes = []
    names = [str(side.encoder[0]) for side in (earlier, later)]
    if earlier.encoder != later.encoder and None not in (earlier.encoder[0], later.encoder[0]):
        told = (
            f"{names[1]} read the papers, {names[0]} before"
            if names[0] != names[1]
            else (f"another revision of {names[0]} read the papers")
        )
        notes.append(
            f"{told}: topics are matched by shared papers alone, and a call or share may have changed "
            "because of it."
        )
    both = set(earlier.settings) & set(later.settings)
    apart = [name for name in OF_TOPICS if name in both and earlier.settings[name] != later.settings[name]]
    if apart:
        notes.append(
            f"Topics were found with another {' and '.join(apart)}: that topics were born, ended, merged or "
            "split may be its doing."
        )
    newer = [
        name.removeprefix(VERSION)
        for name in sorted(both)
        if name.startswith(VERSION) and earlier.settings[name] != later.settings[name]
    ]
    if newer:
        notes.append(
            f"The topics were found with {'other versions' if len(newer) > 1 else 'another version'} of "
            f"{_and(newer)}: other topics, and other papers in them, may be the doing of that."
        )
    if earlier.counts.every != later.counts.every:
        notes.append(
            f"The earlier study counted by {earlier.counts.every} and is counted again by "
            f"{later.counts.every} here, so its calls are not those of its report."
        )
    if earlier.from_page:
        notes.append(
            "The earlier study was read from its report: topics are matched by shared papers alone, and its "
            "calls are measured again from the papers there."
        )
    if 2 * n_shared < len(earlier.papers):
        notes.append(
            f"Only {n_shared:,} of the {len(earlier.papers):,} papers of the earlier study are still here."
        )
    if not later_periods(earlier.by(later.counts.every), later):
        notes.append(
            f"No further {later.counts.every} was completed since, so no change of a share is tested."
        )
    return notes
