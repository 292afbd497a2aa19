"""Papers per followed theme and period: themes overlap, so each is counted against all papers by itself.

A title says a theme's phrase more seldom than an abstract does, so themes would seem to grow as abstracts
come. Hence papers of one kind only are counted where some have an abstract and some have none.
"""

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.tables import PAPERS, check
from trends.core.watch import Watch
from trends.core.words import bare, of_one_kind
from trends.timeline._count import long_table, periods_of


def count_themes(
    papers: pd.DataFrame,
    watch: Watch,
    *,
    every: str = "auto",
    observed_until: pd.Timestamp | str | None = None,
) -> pd.DataFrame:
    """Count papers per followed theme and calendar period, by the rules of `count`.

    Where some papers have an abstract and some have none, only those that `compared` marks are counted.

    Parameters
    ----------
    papers
        All papers, by paper_id; they make n_total. They may be fewer than those of `watch`.
    watch
        The themes.
    every, observed_until
        As in `count`.

    Returns
    -------
    DataFrame
        topic_id (the theme_id, int32), label, period (first day), n_papers, n_total (int64: the papers of
        the period that are compared), complete; one row for every theme in every period, zeros included, also
        of a theme without papers. `measure` takes it as it is. Papers without a date, or dated too coarsely,
        are in neither number. Where not all papers count, `attrs["whole"]` says which do.

    Raises
    ------
    InputError
        `every` is unknown, `observed_until` is no date, or `watch` is no Watch.
    """
    check(papers, PAPERS)
    if not isinstance(watch, Watch):
        raise InputError(f"watch must be a Watch, as tr.watch returns, not {type(watch).__name__}.")
    dated = periods_of(papers, every, observed_until)
    window = dated.window
    theme_ids = watch.table.index.to_numpy(dtype=np.int32)
    places = papers.index.get_indexer(watch.members["paper_id"])
    among = compared(papers, watch)
    here = (places >= 0) & among[places]
    groups = pd.Index(theme_ids).get_indexer(watch.members["theme_id"])
    n_papers = dated.cells(groups[here], places[here], len(theme_ids))
    n_total = np.bincount(window.place[among[window.counted]], minlength=len(window.starts))
    table = long_table(theme_ids, window.starts, n_papers, n_total)
    table.insert(1, "label", table["topic_id"].map(watch.table["label"]).astype(str))
    table["complete"] = np.tile(window.complete, len(theme_ids))
    if not among.all():
        table.attrs["whole"] = f"papers {'without' if bare(papers)[among].all() else 'with'} an abstract"
    return table


def compared(papers: pd.DataFrame, watch: Watch) -> np.ndarray:
    """Mark the papers of which counts of themes compare from period to period.

    Parameters
    ----------
    papers
        The papers, by paper_id.
    watch
        The themes.

    Returns
    -------
    array of bool
        All papers, where all have an abstract or none has. Else those with one, or those without where these
        are more of the papers in themes.
    """
    return of_one_kind(papers, papers.index.isin(watch.members["paper_id"]))
