"""Shares as series: every topic on every calendar period, and which topics are highlighted."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.core.naming import id_of
from trends.core.periods import PERIOD_STARTS
from trends.core.records import Trends
from trends.core.tables import UNASSIGNED
from trends.plot._words import counted

FEW = 20
"""A period with fewer papers sets no scale: one paper of three is not a theme of 33 %."""

COLUMNS = [
    "topic_id", "label", "period", "period_label", "n_papers", "n_total", "share", "share_low", "share_high",
    "complete", "shaky",
]  # fmt: skip


def series(trends: Trends) -> pd.DataFrame:
    """Return COLUMNS, one row per topic and calendar period, sorted by both.

    A period without papers, or absent from the table, has no share (NaN): it is a gap, not a zero.
    """
    from trends.timeline import period_label

    shares = trends.shares
    if shares.empty:
        return pd.DataFrame({name: [] for name in COLUMNS})
    found = pd.DatetimeIndex(sorted(shares["period"].unique())).as_unit("us")
    calendar = pd.date_range(found[0], found[-1], freq=PERIOD_STARTS[trends.every]).as_unit("us")
    periods = calendar.union(found)
    topic_ids = sorted(int(t) for t in shares["topic_id"].unique())
    grid = pd.MultiIndex.from_product([topic_ids, periods], names=["topic_id", "period"])
    values = ["n_papers", "n_total", "share", "share_low", "share_high"]
    full = shares.set_index(["topic_id", "period"])[values].reindex(grid).reset_index()
    full[["n_papers", "n_total"]] = full[["n_papers", "n_total"]].fillna(0).astype("int64")
    full.loc[full["n_total"] == 0, ["share", "share_low", "share_high"]] = np.nan
    complete = shares.groupby("period")["complete"].all()
    full["complete"] = full["period"].map(complete).fillna(True).astype(bool)
    full["label"] = full["topic_id"].map(labels_of(topic_ids, trends.labels))
    full["shaky"] = full["topic_id"].isin(trends.shaky)
    full["period_label"] = full["period"].map({p: period_label(p, trends.every) for p in periods})
    return full[COLUMNS]


def firm(full: pd.DataFrame) -> pd.Series:
    """Mark the rows a scale or a statement may rest on: complete periods with at least FEW papers.

    Where that leaves less than two periods, all complete periods count, and where there is none, all.
    """
    known = full["share"].notna()
    for mark in (known & full["complete"] & (full["n_total"] >= FEW), known & full["complete"]):
        if len(full.loc[mark, "period"].unique()) > 1:
            return mark
    return known


def thin(full: pd.DataFrame) -> pd.Series:
    """Mark the rows of periods with less than FEW papers, where a share says next to nothing.

    None where fewer than two periods have more: a small corpus is shown as it is.
    """
    few = full["n_total"] < FEW
    return few if len(full.loc[~few, "period"].unique()) > 1 else few & False


def leading(full: pd.DataFrame) -> pd.Series:
    """Mark the rows of the periods before the first with enough papers: the table has them, a chart does not.

    Most corpora begin with years of one or two papers; drawn, they would take most of the width and all of
    the height. Such periods further on are kept: they are part of the story.
    """
    few = thin(full)
    return full["period"] < full.loc[~few, "period"].min() if few.any() else few


def left_out(full: pd.DataFrame) -> str:
    """Say which leading periods are not drawn; empty where all are."""
    periods = full[leading(full)].drop_duplicates("period").sort_values("period")
    if periods.empty:
        return ""
    first, last = periods["period_label"].iloc[0], periods["period_label"].iloc[-1]
    when, each = (first, "") if first == last else (f"{first} to {last}", " each")
    return (
        f"Not drawn, but in the table: {when}, "
        f"{counted(len(periods), 'period')} with fewer than {FEW} papers{each}, "
        f"{counted(int(periods['n_total'].sum()), 'paper')} in all."
    )


def turns(calls: pd.DataFrame) -> pd.DataFrame:
    """Return topic_id, turned, growth_before and growth of the topics that turned, by topic_id.

    Calls made by hand may know nothing of turns; then there are none.
    """
    found = calls.reindex(columns=["turned", "growth_before", "growth"])
    found["turned"] = pd.to_datetime(found["turned"]).astype("datetime64[us]")
    return found.dropna(subset="turned").sort_index().rename_axis("topic_id").reset_index()


def labels_of(topic_ids: Iterable[int], labels: pd.Series) -> dict[int, str]:
    """Return the label of each topic in one clean line, "topic 12" where the record names none."""
    known = labels.to_dict()
    return {int(t): clean_text(str(known.get(t, f"topic {t}"))) for t in topic_ids}


def about(topic_id: int) -> dict[str, int]:
    """Return the `meta` of a trace that draws one topic; traces of several list them as points or rows."""
    return {"topic": int(topic_id)}


def tagged(kind: str, topic_id: int | None) -> str:
    """Return the name of an annotation or shape that belongs to a topic, or to none."""
    return kind if topic_id is None or pd.isna(topic_id) else f"{kind} {int(topic_id)}"


def highlighted(
    sizes: pd.Series, top: int, only: Iterable[int | str] | None, labels: pd.Series | None = None
) -> list[int]:
    """Return the topics to highlight: those named in `only`, else the `top` largest, sorted by id.

    Parameters
    ----------
    sizes
        Papers by topic_id. Ties go to the smaller id; -1 is highlighted only when named.
    top
        At least 1.
    only
        Topic ids, or labels as in `labels`.
    labels
        Label by topic_id.

    Raises
    ------
    InputError
        `top` is no positive whole number, or `only` names an unknown topic.
    """
    if isinstance(top, bool) or not isinstance(top, int | np.integer) or top < 1:
        raise InputError(f"top must be a whole number of at least 1, not {top!r}.")
    if only is not None:
        if isinstance(only, str | bytes) or not isinstance(only, Iterable):
            raise InputError(f"only must be a list of topic labels or ids, not {only!r}.")
        known_labels = pd.Series(dtype="str") if labels is None else labels
        wanted = [id_of(t, known_labels) if isinstance(t, str) else t for t in only]
        known = {int(t) for t in sizes.index}
        unknown = [t for t in wanted if t not in known]
        if unknown:
            have = f"topics from {min(known)} to {max(known)}" if known else "no topics"
            raise InputError(f"only names the topic {unknown[0]!r}, which is not here; there are {have}.")
        return sorted({int(t) for t in wanted})
    sizes = sizes[sizes.index != UNASSIGNED].sort_index()
    return sorted(int(t) for t in sizes.sort_values(ascending=False, kind="stable").index[:top])


def at_most(top: int, fits: int) -> int:
    """Return `top`, cut to what fits in a chart; what is no number is left for `highlighted` to refuse."""
    return min(top, fits) if isinstance(top, int | np.integer) else top


STEPS = {
    "week": (1, 2, 4, 13, 26, 52, 104, 260),
    "month": (1, 2, 3, 6, 12, 24, 60, 120),
    "quarter": (1, 2, 4, 8, 20, 40),
    "year": (1, 2, 5, 10, 20, 50, 100),
}


def ticks(periods: pd.DataFrame, every: str, most: int) -> dict[str, list[str]]:
    """Return tickvals (ISO days) and ticktext: round steps such as half-years, about `most` of them.

    Parameters
    ----------
    periods
        Columns period and period_label, one row per period in order.
    """
    days = periods["period"]
    if every == "week":
        number = pd.Series(range(len(periods)), index=periods.index)
    else:
        number = {
            "month": days.dt.year * 12 + days.dt.month - 1,
            "quarter": days.dt.year * 4 + days.dt.quarter - 1,
            "year": days.dt.year,
        }[every]
    step = next((s for s in STEPS[every] if len(periods) <= s * most), STEPS[every][-1])
    chosen = periods[number % step == 0]
    return {"tickvals": iso(chosen["period"]), "ticktext": chosen["period_label"].tolist()}


def iso(days: pd.Series) -> list[str]:
    """Return dates as ISO text, which every plotly axis reads the same way."""
    return days.dt.strftime("%Y-%m-%d").tolist()
