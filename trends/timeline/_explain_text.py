"""What `explain` says in words, and what its numbers must show before it says it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trends.core.wilson import wilson
from trends.timeline._groups import NONE_STATED

DECISIVE = 0.5
"""A group that takes away this part of a change is named."""

SMALLEST_SAID = 0.001
"""A tenth of a percentage point, to which a change is written."""

MOST_NAMED = 3
"""Groups named in one sentence."""


@dataclass(frozen=True)
class Sums:
    """Papers of the topic and all papers, before and after."""

    n_before: float
    total_before: float
    n_after: float
    total_after: float

    @property
    def change(self) -> float:
        return self.n_after / self.total_after - self.n_before / self.total_before


def difference(
    n_before: float, total_before: float, n_after: float, total_after: float, dispersion: float = 1.0
) -> tuple[float, float]:
    """Give the 95 % interval of a difference of two shares by Newcombe's method 10; NaN without papers."""
    n, total = np.array([n_before, n_after]), np.array([total_before, total_after])
    low, high = wilson(n, total, dispersion)
    share = n / np.where(total > 0, total, np.nan)
    change = share[1] - share[0]
    below = np.hypot(share[1] - low[1], high[0] - share[0])
    above = np.hypot(high[1] - share[1], share[0] - low[0])
    return float(change - below), float(change + above)


def _direction(status: str) -> int:
    return {"emerging": 1, "growing": 1, "declining": -1}.get(status, 0)


def turns_call(without: str, status: str) -> bool:
    """Tell whether the call without a group goes another way than with it."""
    return without != "" and _direction(without) != _direction(status)


def text_of(
    label: str,
    times: list[tuple[str, ...]],
    sums: Sums,
    interval: tuple[float, float],
    status: str,
    groups: pd.DataFrame,
    words: pd.DataFrame,
    changes: pd.DataFrame,
    looked: bool,
) -> str:
    before, after = (found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}" for found in times)
    moved = abs(sums.change) >= 0.5 * SMALLEST_SAID
    verb = "stayed the same" if not moved else "rose" if sums.change > 0 else "fell"
    noun = {"rose": "rise", "fell": "fall"}.get(verb, "change")
    said = [
        f"The share of “{label}” {verb}{'' if moved else ','} from {sums.n_before / sums.total_before:.1%} "
        f"({sums.n_before:,.0f} of {sums.total_before:,.0f} papers, {before}) to "
        f"{sums.n_after / sums.total_after:.1%} ({sums.n_after:,.0f} of {sums.total_after:,.0f}, {after}), "
        f"{_points(sums.change)} (95% interval {_points(interval[0])} to {_points(interval[1])})"
    ]
    plain = difference(sums.n_before, sums.total_before, sums.n_after, sums.total_after)
    by_chance = plain[0] <= 0 <= plain[1]
    if by_chance:
        said[0] += "; chance alone could do that"
    elif interval[0] <= 0 <= interval[1]:
        said[0] += "; papers in such clumps as this topic's could do that by chance"
    if looked:
        said.append("No other period differs so clearly from the one before it, and some period always does")
    decisive = groups[groups["decisive"]].drop_duplicates("by")
    for _, row in decisive.iterrows():
        said.append(_verdict(row, noun, status, sums))
    if decisive.empty:
        kinds = [_singular(kind) for kind in groups["by"].unique()]
        listed = ", ".join(kinds[:-1]) + f" or {kinds[-1]}" if len(kinds) > 1 else kinds[0]
        taken = "changes the call" if by_chance else "takes away half of it or changes the call"
        said.append(f"No single {listed} {taken}{_but_for(groups, status, by_chance)}")
    if len(words) and not by_chance:
        said.append(f"Words used more: {', '.join(words['word'][:5])}")
    other = [
        f"{what} ({_amount(what, row['before'])} to {_amount(what, row['after'])})"
        for what, row in changes[changes["changed"]].iterrows()
    ]
    if other:
        said.append(f"At the same time there changed: {'; '.join(other)}")
    return ". ".join(said) + "."


def _verdict(row: pd.Series, noun: str, status: str, sums: Sums) -> str:
    share = row["influence_share"]
    name = f"one {_singular(row['by'])}, {row['group']}"
    if row["group"] == NONE_STATED:
        name = f"the papers that state no {_singular(row['by'])}"
    held = (
        f"{row['n_after']:,} of the topic's {sums.n_after:,.0f} papers after and {row['n_before']:,} of "
        f"{sums.n_before:,.0f} before"
    )
    turned = turns_call(row["status_without"], status)
    if share >= DECISIVE:
        amount = "All" if share >= 0.995 else "Half" if abs(share - 0.5) < 0.025 else f"{share:.0%}"
        text = (
            f"{amount} of the {noun} is {name} ({held}): without it the change is {_points(row['without'])}"
        )
        return text + (f" and the call is {row['status_without']}, not {status}" if turned else "")
    return f"Without {name} ({held}) the call is {row['status_without']}, not {status}"


def _but_for(groups: pd.DataFrame, status: str, by_chance: bool) -> str:
    """Name the groups that would decide, were they not what the topic is."""
    takes = (groups["influence_share"] >= DECISIVE) & (not by_chance)
    turns = groups["status_without"].map(lambda without: turns_call(without, status)).astype(bool)
    holds = (groups["n_before"] + groups["n_after"]) > 0
    shared = groups.loc[(takes | turns) & holds & ~groups["decisive"], "group"].unique()
    if not len(shared):
        return ""
    named = ", ".join(shared[:MOST_NAMED]) + (", ..." if len(shared) > MOST_NAMED else "")
    return f" but for {named}, which most of the topic's papers share"


def _singular(by: str) -> str:
    return by.removesuffix("s")


def _points(change: float) -> str:
    """Write a difference of shares in percentage points."""
    return f"{100 * change:+.1f} points"


def _amount(what: str, value: float) -> str:
    return f"{value:.1f}" if what == "papers a day" else f"{value:.0%}"
