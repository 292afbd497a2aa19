"""A study and its folder: opened, and gone on with in place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.cache import restore
from trends.embeddings import Encoder
from trends.study import _store as store
from trends.study._shelved import Shelved
from trends.study._study import Study
from trends.study._upkeep import check_refit
from trends.study._week import opened, with_week
from trends.study._week import write as write_week
from trends.timeline import count, measure
from trends.topics import drift_of


def open(folder: str | Path, *, wait: float = store.WAIT) -> Study:
    """Read a study that `Study.save` wrote.

    Parameters
    ----------
    folder
        The study's folder.
    wait
        Seconds to wait while another process writes it.

    Raises
    ------
    InputError
        The folder is no study, is damaged, or was written by a later version, or another process still
        writes it.
    """
    return _of(store.reading(Path(folder), wait))


def update(
    folder: str | Path,
    *sources: Any,
    refit: str = "propose",
    observed_until: str | None = None,
    tags: "str | Path | Mapping[str, Any] | None" = None,
    encoder: "str | Encoder | np.ndarray | pd.DataFrame | None" = None,
    wait: float = store.WAIT,
) -> Study:
    """Add later papers to a study on disk; no other process can come between the reading and the writing.

    Parameters
    ----------
    folder
        The study's folder.
    *sources, refit, observed_until, tags, encoder
        As in `Study.update`.
    wait
        Seconds to wait while another process reads or writes the study.

    Returns
    -------
    Study
        The study as it is on disk now; nothing is written where the papers say nothing new.

    Raises
    ------
    InputError
        As `open`, `Study.update` and `Study.save` do.
    """
    return taken_in(
        folder,
        *sources,
        refit=refit,
        observed_until=observed_until,
        tags=tags,
        encoder=encoder,
        wait=wait,
    )[0]


def taken_in(
    folder: str | Path, *sources: Any, wait: float = store.WAIT, **options: Any
) -> tuple[Study, int]:
    """Go the way of `update`; tell beside how many papers there were, -1 where nothing is new."""
    refit = check_refit(options.pop("refit", "propose"))
    options = {"observed_until": None, "tags": None, "encoder": None} | options
    folder = Path(folder)
    store.check_is_study(folder)
    with store.holding(folder, wait):
        restore(folder)
        kept = opened(folder)
        if kept is not None:
            week = with_week(kept, sources, **options)
            if week is None:
                return Shelved.of(kept), -1
            after = Shelved.of(week.after)
            if refit != "auto" or not drift_of(after.topics, week.vectors_of).propose_refit:
                written = write_week(week, after.trends, after.fingerprint)
                return Shelved.of(written, counts=after.counts, trends=after.trends), len(kept.shelf.keys)
        before, study = _the_long_way(folder, *sources, refit=refit, **options)
        return study, -1 if study is before else len(before.papers)


def before_and_after(
    folder: str | Path, *sources: Any, wait: float = store.WAIT, **options: Any
) -> tuple[Study, Study]:
    """Go the way of `update`; return the whole study as it was, too: the same one where nothing is new."""
    check_refit(options.get("refit", "propose"))
    folder = Path(folder)
    store.check_is_study(folder)
    with store.holding(folder, wait):
        return _the_long_way(folder, *sources, **options)


def _the_long_way(folder: Path, *sources: Any, **options: Any) -> tuple[Study, Study]:
    """Read the study as a whole, add the papers, and write it where anything is new."""
    before = _of(store.read(folder))
    after = before.update(*sources, **options)
    if after is not before:
        after._write(folder)
    return before, after


def _of(kept: store.Stored) -> Study:
    """Make a study of what is kept of it."""
    parameters = kept.parameters
    counts = count(
        kept.papers, kept.topics, every=kept.every, observed_until=parameters.get("observed_until")
    )
    return Study(
        kept.papers, kept.embeddings, kept.topics, counts, measure(counts), kept.title, parameters, kept.watch
    )
