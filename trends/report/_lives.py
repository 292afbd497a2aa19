"""What became of topics from fit to fit: lines for the cards, and the section of topics that ended."""

import pandas as pd

from trends.core.history import Line, lines
from trends.core.records import Topics
from trends.report._report import Section
from trends.report._wording import count

TITLE = "Topics that ended"

MOST = 8
"""Lines of a history in a card: the birth and the latest; `Topics.history` has all."""

DATED = "Dates are those of the newest paper at the time."


def histories(topics: Topics) -> dict[int, tuple[Line, ...]]:
    """Return the lines of every topic of today with more history than its birth, oldest first."""
    found = lines(topics.ledger, topics.table["label"].to_dict())
    return {k: mine for k, mine in found.items() if k in topics.table.index and len(mine) > 1}


def shortened(mine: tuple[Line, ...]) -> tuple[tuple[Line, ...], int, tuple[Line, ...]]:
    """Return what a card shows of a history: the birth, how many lines are left out, and the latest."""
    left = len(mine) - MOST if len(mine) > MOST else 0
    return mine[:1], left, mine[1 + left :]


def ended_section(topics: Topics) -> Section | None:
    """Return the section, or None where no topic ended.

    `table`, by topic_id, is `Topics.ended`, the last that ended first, with `parts` and `today` for the page:
    the sentence with the topics that it names, and the heirs that it does not name.
    """
    table = topics.ended
    if table.empty:
        return None
    found = lines(topics.ledger, topics.table["label"].to_dict())
    parts = {k: found[k][-1].parts for k in table.index}
    today = {
        k: tuple(heir for heir in heirs if heir not in {named for _, named in parts[k]})
        for k, heirs in table["heirs"].items()
    }
    table = table.assign(parts=pd.Series(parts, dtype=object), today=pd.Series(today, dtype=object))
    n = len(table)
    text = (
        f"{count(n)} topic{' is' if n == 1 else 's are'} no more. No other topic gets the number of one that "
        f"ended, so an old link to it arrives here. {DATED}"
    )
    table = table.sort_values("ended", ascending=False, kind="stable")
    return Section("ended", TITLE, text, table=table, kind="ended")
