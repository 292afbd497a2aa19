"""What the numbers allow to be said, as sentences with their interval and their n.

Two kinds of sentences tell of a change. *Growth* repeats a call of `timeline.measure` and nothing else.
*Step* covers topics too small for that test: a share before and a share after, each with its interval, what
chance could do, and why it is not called. Nothing is claimed from an incomplete period.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trends.core.records import Topics, Trends
from trends.core.tables import UNASSIGNED
from trends.core.whole import Whole
from trends.core.wilson import wilson
from trends.report._history import since
from trends.report._wording import count, factor, papers_word, percent, span
from trends.timeline import steps

MOST = 7
"""Findings on a page; more than that is not read."""

MOST_CHANGES = 6
"""Findings about single topics, so that those about the corpus keep their place."""

LEFT_OUT_SHARE = 0.10
"""Above this share of papers without a usable date the reader is told so."""

UNCLEAR_P = 0.05
"""A step that would be nothing even if it were the only one looked at is not told."""

MOST_UNCLEAR = 4
"""Steps told although chance could make them, rises before falls, where nothing clearer can be told."""


@dataclass(frozen=True)
class Finding:
    """One computed sentence.

    Attributes
    ----------
    kind
        "growth", "step", "none", "dates", "unassigned" or "largest".
    parts
        Pieces of the sentence in order, each with True where it is emphasised (a topic's label).
    numbers
        Every number of the sentence by name, unrounded; shares are 0-1.
    target
        Id of the section whose chart or table shows it.
    topic_id
        The topic it is about, or None.
    """

    kind: str
    parts: tuple[tuple[str, bool], ...]
    numbers: Mapping[str, float]
    target: str
    topic_id: int | None = None

    @property
    def text(self) -> str:
        """The sentence without emphasis."""
        return "".join(part for part, _ in self.parts)


def numbers_of(found: Sequence[Finding]) -> pd.DataFrame:
    """Give every number of some findings, unrounded, one row each.

    Returns
    -------
    DataFrame
        finding (its place, from 0), kind, topic_id (-1 for none), name (`share_before`, `growth_low`, `q`,
        `n_papers`, …), value (shares 0 to 1, growth as odds ratio per year), text (the sentence).
    """
    rows = [
        (place, f.kind, UNASSIGNED if f.topic_id is None else f.topic_id, name, float(value), f.text)
        for place, f in enumerate(found)
        for name, value in f.numbers.items()
    ]
    return pd.DataFrame(rows, columns=["finding", "kind", "topic_id", "name", "value", "text"])


def findings(
    papers: pd.DataFrame, topics: Topics, trends: Trends, whole: Whole | None = None
) -> list[Finding]:
    """Say what can be said of a corpus, in three to seven sentences, most certain first.

    Parameters
    ----------
    papers
        One row per paper, index paper_id.
    topics
        The topics of these papers.
    trends
        What was measured of these topics.
    whole
        What there is of all papers, where `papers` and the members of `topics` are a sample of them.

    Returns
    -------
    list of Finding
        Changes first: calls of growth or decline (since the turn, where a topic turned) by the interval
        bound nearest to no change, then steps
        of uncalled topics by their p (`timeline.steps`), the unclear ones only where nothing grows or
        declines; "No topic changed beyond chance." where nothing is clear. Then what limits them: papers
        without a usable date, papers in no topic.
    """
    whole = Whole.of(papers, topics) if whole is None else whole
    growth, told_steps = _growth(trends), _steps(trends)
    clear = [step for step in told_steps if step.numbers["clear"]]
    changes = [*growth[: MOST_CHANGES - min(2, len(clear))], *clear][:MOST_CHANGES]
    if not growth:
        changes = [_no_change(trends, bool(clear)), *told_steps[: MOST_CHANGES - 1]]
    rest = [_dates(whole, trends), _unassigned(whole, trends)]
    changes = [_doubted(finding, topics) for finding in changes]
    told = [*changes, *(finding for finding in rest if finding is not None)]
    if len(told) < 3 and len(topics.table):
        told.append(_largest(whole, topics))
    return told[:MOST]


def _doubted(finding: Finding, topics: Topics) -> Finding:
    """Say of a topic of low stability that it is, since what is told of it hangs on the fit."""
    if finding.topic_id not in topics.shaky:
        return finding
    stability = float(topics.table.at[finding.topic_id, "stability"])
    said = (f" A shaky topic: its stability is {stability:.2f}.", False)
    numbers = {**finding.numbers, "stability": stability}
    return replace(finding, parts=(*finding.parts, said), numbers=numbers)


def _interval(k: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share."""
    low, high = wilson(np.array([k]), np.array([n]))
    return float(low[0]), float(high[0])


def q_text(q: float) -> str:
    """Write a q value so that a small one does not become zero."""
    return "below 0.001" if q < 0.001 else f"{q:.3f}"


def _series(trends: Trends, topic_id: int) -> pd.DataFrame:
    """Return the rows of one topic over time, without periods in which there are no papers at all."""
    rows = trends.shares[(trends.shares["topic_id"] == topic_id) & (trends.shares["n_total"] > 0)]
    return rows.sort_values("period", ignore_index=True)


def _ends(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the first and the last complete periods that each hold at least a third of all papers.

    Thirds of the papers and not of the time: the first third of the years may hold six papers. The last
    periods are empty where the first ones leave none.
    """
    third = rows["n_total"].sum() / 3
    before = rows["n_total"].cumsum() - rows["n_total"]
    after = rows["n_total"][::-1].cumsum()[::-1] - rows["n_total"]
    early = before < third
    return rows[early], rows[(after < third) & ~early]


def _growth(trends: Trends) -> list[Finding]:
    """Repeat the calls of growth and decline, those furthest from "no change" first."""
    found = []
    for topic_id, call in trends.calls.iterrows():
        status = str(call["status"])
        if status not in ("emerging", "growing", "declining"):
            continue
        bound = call["growth_low"] if status != "declining" else 1 / max(call["growth_high"], 1e-12)
        rows = _series(trends, int(topic_id))
        rows = rows[rows["complete"]]
        turned = since(call, trends.every)
        if turned:
            rows = rows[rows["period"] >= call["turned"]]
        early, late = _ends(rows)
        sums = [int(part[name].sum()) for part in (early, late) for name in ("n_papers", "n_total")]
        before, after = sums[0] / max(1, sums[1]), sums[2] / max(1, sums[3])
        numbers: dict[str, float] = {
            "share_before": before,
            "share_after": after,
            "n_before": sums[1],
            "n_after": sums[3],
            "growth": call["growth"],
            "growth_low": call["growth_low"],
            "growth_high": call["growth_high"],
            "q": call["q"],
            "n_papers": call["n_papers"],
        }
        verb = {"emerging": "emerged: it rose", "growing": "rose", "declining": "fell"}[status]
        moved = (
            f" {verb} from {percent(before)} of {papers_word(sums[1])} ({_span(early, trends)}) "
            f"to {percent(after)} of {count(sums[3])} ({_span(late, trends)})"
        )
        # A slope over all periods and two means may disagree; then the slope speaks alone.
        if late.empty or (after > before) != (status != "declining"):
            moved = f" is {status}"
        earlier = ""
        if turned:
            numbers["growth_before"] = call["growth_before"]
            moved += f", since it turned in {turned}"
            earlier = f"; before that, ×{factor(call['growth_before'])} a year"
        evidence = (
            f": odds ×{call['growth']:.2f} a year, 95% interval {call['growth_low']:.2f} to "
            f"{call['growth_high']:.2f}, q {q_text(call['q'])}, {papers_word(call['n_papers'])}{earlier}."
        )
        parts = ((str(call["label"]), True), (moved + evidence, False))
        order = (-float(bound), -int(call["n_papers"]), int(topic_id))
        found.append((order, Finding("growth", parts, numbers, "growth", int(topic_id))))
    return [finding for _, finding in sorted(found, key=lambda pair: pair[0])]


def _steps(trends: Trends) -> list[Finding]:
    """Tell of topics too small to test: a share before, a share after, and why that is no call."""
    found = steps(trends)
    found = found[found["clear"] | (found["p"] < UNCLEAR_P)]
    rising = found["n_after"] * found["total_before"] > found["n_before"] * found["total_after"]
    unclear = pd.concat([found[~found["clear"] & rising], found[~found["clear"] & ~rising]])
    told = pd.concat([found[found["clear"]], unclear.head(MOST_UNCLEAR)])
    return [_step(int(topic_id), row, trends) for topic_id, row in told.iterrows()]


def _step(topic_id: int, step: pd.Series, trends: Trends) -> Finding:
    rows = _series(trends, topic_id)
    whole = rows[rows["complete"]]
    before, after = (whole[whole["period"] < step["period"]], whole[whole["period"] >= step["period"]])
    numbers: dict[str, float] = {name: float(step[name]) for name in step.index if name != "period"}
    numbers["share_before"] = step["n_before"] / step["total_before"]
    numbers["share_after"] = step["n_after"] / step["total_after"]
    first = "no paper among" if step["n_before"] == 0 else f"{count(step['n_before'])} of"
    text = (
        f": {first} {papers_word(step['total_before']) if step['n_before'] else count(step['total_before'])} "
        f"dated {_span(before, trends)} ({percent(numbers['share_before'])}, 95% interval "
        f"{100 * step['low_before'] + 0.0:.1f} to {percent(step['high_before'])}), then "
        f"{count(step['n_after'])} of {count(step['total_after'])} in {_span(after, trends)} "
        f"({percent(numbers['share_after'])}, {100 * step['low_after'] + 0.0:.1f} to "
        f"{percent(step['high_after'])})"
    )
    unfinished = rows[~rows["complete"] & (rows["period"] > whole["period"].iloc[-1])]
    if unfinished["n_total"].sum():
        so_far, so_far_total = int(unfinished["n_papers"].sum()), int(unfinished["n_total"].sum())
        numbers |= {
            "so_far_n_papers": so_far,
            "so_far_n_total": so_far_total,
            "so_far_share": so_far / so_far_total,
        }
        text += (
            f"; {_span(unfinished, trends)} so far, incomplete and not used here: {count(so_far)} of "
            f"{count(so_far_total)} ({percent(so_far / so_far_total)})"
        )
    if not step["clear"]:
        text += (
            f". Chance can do this: p {step['p']:.3f} for one topic and moment, "
            f"{step['adjusted']:.2f} over all that were looked at"
        )
    text += f". Not called: {_why_not(str(trends.calls.loc[topic_id, 'reason']))}"
    label = str(trends.calls.loc[topic_id, "label"])
    return Finding("step", ((label, True), (text, False)), numbers, "shares", topic_id)


def _why_not(reason: str) -> str:
    """Return what a call says is needed, or its first argument, as the end of a sentence."""
    arguments = reason.removeprefix("Too few to say: ").rstrip(".").split("; ")
    needed = [argument for argument in arguments if argument.endswith(" needed")]
    return f"{'; '.join(needed or arguments[:1])}."


def _no_change(trends: Trends, clear: bool) -> Finding:
    counts = trends.calls["status"].astype(str).value_counts()
    numbers = {status: float(n) for status, n in counts.sort_index().items()}
    text = "No topic changed beyond chance."
    if trends.calls.empty:
        text = "No topic was found: the papers are too few or too unlike to form one."
    if clear:
        few = int(counts.get("too few to say", 0))
        text = (
            f"No topic is called growing or declining: {few} of {len(trends.calls)} have too few papers "
            "or complete periods to say."
        )
    return Finding("none", ((text, False),), numbers, "growth")


def _dates(whole: Whole, trends: Trends) -> Finding | None:
    """Tell how many papers no period could count, when they are more than a tenth."""
    undated, coarse = (int(trends.left_out[name].sum()) for name in ("n_undated", "n_too_coarse"))
    share = (undated + coarse) / max(1, whole.n_papers)
    if share <= LEFT_OUT_SHARE:
        return None
    why = [f"{count(undated)} without a date"] if undated else []
    why += [f"{count(coarse)} dated too coarsely for a {trends.every}"] if coarse else []
    text = (
        f"{count(undated + coarse)} of {papers_word(whole.n_papers)} ({percent(share)}) are in no period: "
        f"{' and '.join(why)}. They are in every total, and in no share over time."
    )
    numbers = {"n_undated": undated, "n_too_coarse": coarse, "n_papers": whole.n_papers, "share": share}
    return Finding("dates", ((text, False),), numbers, "health")


def _unassigned(whole: Whole, trends: Trends) -> Finding:
    """Tell how many papers are in no topic, and whether that changed from the first to the last third."""
    n, total = whole.n_unassigned, whole.n_papers
    share = n / max(1, total)
    numbers = {"n_unassigned": n, "n_papers": total, "share": share}
    text = f"{count(n)} of {papers_word(total)} ({percent(share)}) are in no topic"
    rows = _series(trends, UNASSIGNED)
    rows = rows[rows["complete"]]
    early, late = _ends(rows)
    if len(late):
        sums = [int(part[name].sum()) for part in (early, late) for name in ("n_papers", "n_total")]
        bounds = [_interval(sums[0], sums[1]), _interval(sums[2], sums[3])]
        if bounds[0][1] < bounds[1][0] or bounds[1][1] < bounds[0][0]:
            before, after = sums[0] / sums[1], sums[2] / sums[3]
            numbers |= {"share_before": before, "share_after": after}
            text += (
                f": {percent(before)} in {_span(early, trends)} (95% interval {100 * bounds[0][0]:.1f} to "
                f"{percent(bounds[0][1])}) and {percent(after)} in {_span(late, trends)} "
                f"({100 * bounds[1][0]:.1f} to {percent(bounds[1][1])}), so compare shares over "
                "time with care"
            )
    return Finding("unassigned", ((text + ".", False),), numbers, "topics")


def _largest(whole: Whole, topics: Topics) -> Finding:
    """Name the topic with most papers; ties go to the smaller id."""
    sizes = topics.table["n_papers"].sort_index()
    topic_id = int(sizes.idxmax())
    n, total = int(sizes.loc[topic_id]), whole.n_papers
    text = f" is the topic with most papers: {count(n)} of {count(total)} ({percent(n / max(1, total))})."
    label = str(topics.table.loc[topic_id, "label"])
    numbers = {"n_papers": n, "n_total": total, "share": n / max(1, total)}
    return Finding("largest", ((label, True), (text, False)), numbers, "topics", topic_id)


def _span(rows: pd.DataFrame, trends: Trends) -> str:
    return span(rows["period"].iloc[0], rows["period"].iloc[-1], trends.every)
