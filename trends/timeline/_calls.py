"""What is said of each topic, and the one sentence that says why.

"Not significant" is never called steady: steady means that a large change is excluded. A sentence holds
only values of the topic's own row.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from trends.core.periods import period_label
from trends.core.tables import STATUS_TYPE


def statuses(calls: pd.DataFrame, limits: dict[str, float]) -> np.ndarray:
    """Give the status of each row; the first rule that applies decides."""
    enough = gates_passed(calls, limits)
    sure = enough & (calls["q"] <= limits["fdr"])
    rising = (
        sure & (calls["growth_low"] > 1) & (calls["growth"] >= limits["smallest_growth"]) & (calls["tau"] > 0)
    )
    novel = (calls["base_share"] <= limits["novel_base"]) & (calls["active_ratio"] >= limits["novel_ratio"])
    falling = (
        sure
        & (calls["growth_high"] < 1)
        & (calls["growth"] <= 1 / limits["smallest_growth"])
        & (calls["tau"] < 0)
    )
    steady = (
        enough
        & (calls["growth_low"] >= 1 / limits["steady_within"])
        & (calls["growth_high"] <= limits["steady_within"])
    )
    rules = [rising & novel, rising, falling, steady]
    return np.select(rules, ["emerging", "growing", "declining", "steady"], "too few to say")


def gates_passed(calls: pd.DataFrame, limits: dict[str, float]) -> pd.Series:
    """Tell which topics hold enough evidence for a test."""
    return (
        (calls["n_periods"] >= limits["min_periods"])
        & (calls["n_papers"] >= limits["min_papers"])
        & (calls["n_active_periods"] >= limits["min_active_periods"])
        & calls["growth"].notna()
    )


def ranks(calls: pd.DataFrame) -> pd.Series:
    """Rank rising topics (emerging and growing together) and, apart from them, falling ones.

    Rising topics rank by the lower bound of their growth and falling ones by the upper: a point estimate
    would put tiny topics first. Ties go to the larger topic, then to the lower id.
    """
    rank = pd.Series(pd.NA, index=calls.index, dtype="Int64", name="rank")
    rising = calls["status"].isin(["emerging", "growing"])
    falling = calls["status"] == "declining"
    for chosen, strength in ((rising, -calls["growth_low"]), (falling, calls["growth_high"])):
        order = pd.DataFrame({"strength": strength, "size": -calls["n_papers"]})[chosen.to_numpy(bool)]
        order = order.rename_axis("topic_id").reset_index().sort_values(["strength", "size", "topic_id"])
        rank.loc[order["topic_id"]] = np.arange(1, len(order) + 1)
    return rank


def as_status(words: np.ndarray) -> pd.Categorical:
    """Give words as the ordered category of the contract."""
    return pd.Categorical(words, dtype=STATUS_TYPE)


def reason(row: Mapping[str, Any], every: str, limits: dict[str, float]) -> str:
    """Write the sentence of one topic from its row."""
    status = str(row["status"])
    parts = [_gates(row, every, limits) or _change(row, status, every, limits)]
    if row["n_periods"] > 0:
        parts.append(_evidence(row, every))
    if row["caveats"]:
        parts.append(row["caveats"])
    if row["not_used"]:
        several = " and " in row["not_used"] or row["not_used"].endswith("s")
        parts.append(f"{row['not_used']} {'are' if several else 'is'} incomplete and not used")
    return f"{status.capitalize()}: {'; '.join(parts)}."


def not_used(starts: pd.DatetimeIndex, complete: np.ndarray, every: str) -> str:
    """Name the incomplete periods: one or two by name, more by their number."""
    left = [period_label(start, every) for start in starts[~complete]]
    if len(left) > 2:
        return f"{len(left)} {every}s"
    return " and ".join(left)


def number(value: float) -> str:
    """Write a ratio; a few weeks cannot tell a yearly one and give absurd sizes, which are only bounded."""
    if value >= 1e6:
        return "over 1,000,000"
    if value < 0.001:
        return "below 0.001"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def chance(value: float) -> str:
    """Write a p or q value."""
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def _gates(row: Mapping[str, Any], every: str, limits: dict[str, float]) -> str:
    failed = []
    if row["n_periods"] < limits["min_periods"]:
        failed.append(f"{_many(row['n_periods'], f'complete {every}')}, {limits['min_periods']} needed")
    if row["n_papers"] < limits["min_papers"]:
        failed.append(
            f"{_many(row['n_papers'], 'paper')} in complete {every}s, {limits['min_papers']} needed"
        )
    if row["n_active_periods"] < limits["min_active_periods"]:
        active = _many(row["n_active_periods"], f"complete {every}")
        failed.append(f"papers in {active}, {limits['min_active_periods']} needed")
    if not failed and np.isnan(row["growth"]):
        failed.append("its papers leave no finite growth to estimate")
    return "; ".join(failed)


def _change(row: Mapping[str, Any], status: str, every: str, limits: dict[str, float]) -> str:
    interval = f"95% interval {number(row['growth_low'])} to {number(row['growth_high'])}"
    if row["season"] == "modelled":
        interval += ", season taken out"
    verb = {"emerging": "rose", "growing": "rose", "declining": "fell"}.get(status, "changed")
    text = (
        f"the odds that a paper is in this topic {verb} ×{number(row['growth'])} a year "
        f"({interval}, q {chance(row['q'])})"
    )
    if not pd.isna(row["turned"]):
        since = period_label(row["turned"], every)
        text += (
            f" since they turned in {since}, before which they changed ×{number(row['growth_before'])} a year"
        )
    if status == "emerging":
        return (
            f"{text} and the first third of the periods holds {row['base_share']:.0%} of its share; "
            "the rank test agrees"
        )
    if status in ("growing", "declining"):
        return f"{text}; the rank test agrees"
    if status == "steady":
        text += f", which excludes a change beyond ×{number(limits['steady_within'])} a year"
    elif row["growth_low"] <= 1 <= row["growth_high"]:
        text += ", so growth and decline are both possible"
    elif not row["q"] <= limits["fdr"]:
        text += f", not sure enough among all topics tested (q of {limits['fdr']:g} needed)"
    elif (row["growth"] > 1) != (row["tau"] > 0):
        text += ", but the rank test does not agree"
    else:
        text += f", less than the ×{number(limits['smallest_growth'])} a year that counts as a trend"
    return f"{text}; a change below ×{number(row['smallest_detectable'])} a year could go unseen"


def _evidence(row: Mapping[str, Any], every: str) -> str:
    first, last = period_label(row["first_period"], every), period_label(row["last_period"], every)
    span = first if first == last else f"{first} to {last}"
    return (
        f"{row['n_papers']:,} of {_many(row['n_total'], 'paper')} in {_many(row['n_periods'], every)}, {span}"
    )


def _many(n: int, word: str) -> str:
    return f"{n:,} {word}{'' if n == 1 else 's'}"
