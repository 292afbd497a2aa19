"""Histories of topics that turned, phase by phase, and what the calls rest on: season and missing dates."""

from typing import Any

import numpy as np
import pandas as pd

from trends.core.records import Trends
from trends.report._report import Section
from trends.report._wording import count, factor
from trends.timeline import period_label

MOST = 12
"""Histories on a page; more than that is not read, and the cards have the rest."""

MOST_CAVEATS = 5

SEASONS = {
    "modelled": (
        "The {every}s here show a season, such as that of conferences, and it is taken out of the growth of "
        "every topic."
    ),
    "none found": "The {every}s here were searched for a season, and none was found.",
    "not separable": (
        "There are too few {every}s here to tell a season from a trend: a topic that peaks with its "
        "conference can look as if it were rising or falling."
    ),
    "none by year": "Counts by year hold no season.",
}
"""What is said of the season, by the word in the calls."""


def with_histories(section: Section, trends: Trends) -> Section:
    """Add the table of topics with more than one phase, the largest first, to the section of growth."""
    phases = trends.phases
    if phases.empty:
        return section
    turned = phases[phases.groupby("topic_id")["start"].transform("size") > 1]
    sizes = (
        turned.groupby("topic_id")["n_papers"].sum().sort_index().sort_values(ascending=False, kind="stable")
    )
    if sizes.empty:
        return section
    rows = [
        (
            str(trends.labels.get(topic_id, topic_id)),
            history(turned[turned["topic_id"] == topic_id], trends.every),
        )
        for topic_id in sizes.index[:MOST]
    ]
    n = len(sizes)
    which = f"The {MOST} largest of {count(n)} topics" if n > MOST else f"Topic{'s' if n > 1 else ''}"
    note = (
        f"{which} whose growth changed on the way: odds per year with 95% interval. “Changed” leaves the "
        "direction open. The call rests on the last phase alone where that holds enough papers and periods."
    )
    table = pd.DataFrame(rows, columns=["topic that turned", "history"])
    return Section(section.id, section.title, section.text, section.figure, table, note, section.kind)


def history(phases: pd.DataFrame, every: str) -> str:
    """Say the phases of one topic: "rose ×2.60 a year (1.90 to 3.40) to 2018; since then fell ×0.76 ..."."""
    rows = list(phases.sort_values("start").itertuples())
    parts = []
    for at, row in enumerate(rows):
        when = "since then " if at == len(rows) - 1 else "then " if at else ""
        until = "" if at == len(rows) - 1 else f" to {period_label(row.end, every)}"
        interval = f"({factor(row.growth_low)} to {factor(row.growth_high)})"
        parts.append(f"{when}{_verb(row)} ×{factor(row.growth)}{' a year' * (not at)} {interval}{until}")
    return "; ".join(parts)


def _verb(phase: Any) -> str:
    if phase.growth_low > 1:
        return "rose"
    return "fell" if phase.growth_high < 1 else "changed"


def season_text(trends: Trends) -> str:
    """Say what was done about the season; empty where the calls know nothing of one."""
    if "season" not in trends.calls or trends.calls.empty:
        return ""
    return SEASONS.get(str(trends.calls["season"].iloc[0]), "").format(every=trends.every)


def caveats_text(trends: Trends) -> str:
    """Name the topics with something that may mislead."""
    if "caveats" not in trends.calls:
        return ""
    flagged = trends.calls[trends.calls["caveats"].fillna("").ne("")].sort_index()
    if flagged.empty:
        return ""
    named = "; ".join(f"{row['label']}: {row['caveats']}" for _, row in flagged.head(MOST_CAVEATS).iterrows())
    rest = len(flagged) - MOST_CAVEATS
    return (
        "The trend of these topics may be a matter of which papers are dated. "
        f"{named}{f'; and {count(rest)} more, marked in their cards' if rest > 0 else ''}."
    )


def since(call: "pd.Series | None", every: str) -> str:
    """Name the period since which the growth of a call holds, "" where it holds for the whole time."""
    turned = None if call is None else call.get("turned", np.nan)
    return "" if turned is None or pd.isna(turned) else period_label(turned, every)
