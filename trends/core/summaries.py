"""What the records show of themselves in a notebook: ten rows at most, and what to call next."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trends.core import display
from trends.core.escape import clean_text
from trends.core.periods import period_label
from trends.core.tables import UNASSIGNED

if TYPE_CHECKING:
    from trends.core.records import Counts, Topics, Trends
    from trends.core.watch import Watch

MOST = 10
"""Rows shown."""
LETTERS = 60
"""Letters of a label or of a list of terms that are shown."""

_ORDER = {"emerging": 0, "growing": 0, "declining": 1}
_TREND_COLUMNS = ("topic", "papers", "share over time", "status", "growth a year (95% interval)")


def topics(found: "Topics") -> str:
    """Return the largest topics with size, time span and first terms."""
    n_papers = len(found.members)
    shown = found.table.sort_index().sort_values("n_papers", ascending=False, kind="stable").head(MOST)
    most = max(1, int(shown["n_papers"].max())) if len(shown) else 1
    rows = [
        (
            short(row.label),
            f"{row.n_papers:,}",
            display.bar(row.n_papers / most),
            _between(row.first_date, row.last_date),
            display.small(short(", ".join(row.terms[:4])) + (" (shaky)" if row.Index in found.shaky else "")),
        )
        for row in shown.itertuples()
    ]
    left = f"{found.n_unassigned:,} of {n_papers:,} papers in no topic."
    n_ended = len(found.ended)
    gone = (
        f"{_counted(n_ended, 'topic')} ended: `topics.ended` says where the papers went." if n_ended else ""
    )
    largest = "" if shown.empty else short(shown["label"].iloc[0])
    example = f'`topics["{largest}"]` gives one topic, ' if largest else ""
    return display.block(
        f"{_counted(len(found.table), 'topic')} of {_counted(n_papers, 'paper')}",
        display.table(("topic", "papers", "", "dates", "terms"), rows, numeric=[1]),
        display.note(" ".join([_more(len(found.table), len(shown), ".table"), left]).strip()),
        hint=f"{example}`topics.table` all, `tr.count(papers, topics)` counts them over time. {gone}".strip(),
    )


def counts(counted: "Counts") -> str:
    """Return the largest topics with papers and share over time."""
    sizes = counted.table.groupby("topic_id")["n_papers"].sum()
    shown = _largest(sizes.drop(UNASSIGNED, errors="ignore"))
    series = _series(counted.table.assign(complete=counted.table["period"].map(counted.periods["complete"])))
    rows = [
        (short(counted.labels.get(topic_id, f"topic {topic_id}")), f"{n:,}", _line(series, topic_id))
        for topic_id, n in shown.items()
    ]
    open_periods = [
        period_label(period, counted.every)
        for period in counted.periods.index[~counted.periods["complete"].to_numpy(bool)]
    ]
    out = counted.left_out.sum()
    said = [
        _more(len(sizes.drop(UNASSIGNED, errors="ignore")), len(shown), ".table"),
        f"Incomplete: {', '.join(open_periods[:4])}{' and more' * (len(open_periods) > 4)}."
        if open_periods
        else "Every period is complete.",
        f"Not counted: {int(out['n_undated']):,} undated, {int(out['n_too_coarse']):,} dated too coarsely.",
    ]
    n_periods = len(counted.periods)
    return display.block(
        f"{_counted(int(sizes.sum()), 'paper')} in {_counted(n_periods, counted.every)}"
        f"{_span(counted.periods.index, counted.every)}",
        display.table(("topic", "papers", "share over time"), rows, numeric=[1]),
        display.note(" ".join(filter(None, said))),
        hint="`tr.measure(counts)` says what rises or falls, `.periods` what each period holds.",
    )


def trends(measured: "Trends") -> str:
    """Return the topics that rise, those that fall, then the largest, with growth and interval."""
    return display.block(
        f"{_counted(len(measured.calls), 'topic')} by {measured.every}"
        f"{_span(measured.shares['period'], measured.every)}: {_statuses(measured.calls)}",
        *_trend_table(measured),
        hint="`.calls` holds every number and reason, `tr.plot.shares(...)` draws them.",
    )


def watch(followed: "Watch") -> str:
    """Return the followed themes with their papers and how sure these are."""
    rows = [
        (
            short(row.label),
            f"{row.n_papers:,}",
            _share(row.precision, row.precision_low, row.precision_high),
            _share(row.recall, row.recall_low, row.recall_high),
            display.small(short("; ".join(filter(None, [", ".join(row.phrases[:3]), row.note])))),
        )
        for row in followed.table.head(MOST).itertuples()
    ]
    n_themes = len(followed.table)
    return display.block(
        f"{_counted(n_themes, 'followed theme')}",
        display.table(("theme", "papers", "precision", "recall", "phrases"), rows, numeric=[1, 2, 3]),
        display.note(_more(n_themes, len(rows), ".table", "theme")),
        hint="`.to_check(papers=papers)` draws papers to mark, `tr.count_themes(papers, watch)` "
        "counts the themes over time.",
    )


def study(title: str, found: "Topics", measured: "Trends", followed: "Watch | None", n_undated: int) -> str:
    """Return what a run found, in one table."""
    facts = [
        _counted(len(found.members), "paper"),
        f"{_counted(len(found.table), 'topic')} ({found.n_unassigned:,} papers in none)",
        f"by {measured.every}{_span(measured.shares['period'], measured.every)}",
        _statuses(measured.calls),
    ]
    if n_undated:
        facts.append(f"{n_undated:,} undated")
    if followed is not None:
        facts.append(_counted(len(followed.table), "followed theme"))
    return display.block(
        title or "Study",
        display.note("; ".join(facts) + "."),
        *_trend_table(measured),
        hint='`study.explore()` to look around, `study.report("report.html")` to share, `study.topics`, '
        "`study.trends` for the tables.",
    )


def short(text: object) -> str:
    """Cut a text to what a cell holds."""
    cleaned = clean_text(str(text))
    return cleaned if len(cleaned) <= LETTERS else cleaned[: LETTERS - 1].rstrip() + "…"


def _trend_table(measured: "Trends") -> tuple[str, str]:
    calls = measured.calls.sort_index()
    # Not the calls' own numbers, which leave out the papers of incomplete periods.
    n_papers = measured.shares.groupby("topic_id")["n_papers"].sum().reindex(calls.index, fill_value=0)
    order = pd.DataFrame(
        {
            "called": calls["status"].astype(str).map(_ORDER).fillna(2),
            "rank": calls.reindex(columns=["rank"])["rank"].astype("Float64").astype(float).fillna(np.inf),
            "n_papers": -n_papers,
        }
    )
    shown = calls.loc[order.sort_values(list(order), kind="stable").index[:MOST]]
    series = _series(measured.shares)
    rows = []
    for row in shown.itertuples():
        status = str(row.status)
        turned = getattr(row, "turned", pd.NaT)
        since = f" since {period_label(turned, measured.every)}" if pd.notna(turned) else ""
        mark = f"<span aria-hidden='true'>{display.STATUS_MARKS.get(status, '')}</span> "
        rows.append(
            (
                short(row.label),
                f"{n_papers[row.Index]:,}",
                _line(series, row.Index),
                display.Html(f"<span class='w'>{mark}{display.html_text(status)}</span>"),
                display.growth(row.growth, row.growth_low, row.growth_high) + since,
            )
        )
    more = _more(len(calls), len(shown), ".calls")
    said = "Growth is the odds ratio per year; sparklines each have a height of their own."
    return display.table(_TREND_COLUMNS, rows, numeric=[1]), display.note(f"{more} {said}".strip())


def _series(shares: pd.DataFrame) -> pd.DataFrame:
    """Return n_papers, n_total and complete by topic and period, ready for sparklines."""
    kept = shares[["topic_id", "period", "n_papers", "n_total", "complete"]]
    return kept.sort_values(["topic_id", "period"]).set_index("topic_id")


def _line(series: pd.DataFrame, topic_id: int) -> display.Html:
    if topic_id not in series.index:
        return display.Html("")
    mine = series.loc[[topic_id]]
    n_total = mine["n_total"].to_numpy()
    shares = np.divide(mine["n_papers"], n_total, out=np.zeros(len(mine)), where=n_total > 0)
    # A few points per pixel are enough, and a thousand weeks would make the block large.
    step = -(-len(mine) // 96)
    kept = slice((len(mine) - 1) % step, None, step)  # the last period always stays
    return display.line(
        shares[kept].tolist(), mine["complete"].tolist()[kept], [int(n) for n in n_total[kept]]
    )


def _largest(sizes: pd.Series) -> pd.Series:
    return sizes.sort_index().sort_values(ascending=False, kind="stable").head(MOST)


def _statuses(calls: pd.DataFrame) -> str:
    counted = calls["status"].astype(str).value_counts()
    return ", ".join(f"{n} {s}" for s in display.STATUS_MARKS if (n := counted.get(s, 0))) or "no calls"


def _between(first: pd.Timestamp, last: pd.Timestamp) -> str:
    if pd.isna(first) or pd.isna(last):
        return "undated"
    return f"{first:%Y-%m} to {last:%Y-%m}"


def _span(periods: Sequence[pd.Timestamp] | pd.Index | pd.Series, every: str) -> str:
    if not len(periods):
        return ""
    return f", {period_label(min(periods), every)} to {period_label(max(periods), every)}"


def _share(value: float, low: float, high: float) -> str:
    if value != value:
        return "unknown"
    return f"{value:.0%} ({low:.0%} to {high:.0%})" if low == low and high == high else f"{value:.0%}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _more(n_all: int, n_shown: int, where: str, noun: str = "topic") -> str:
    left = n_all - n_shown
    return f"{_counted(left, f'more {noun}')} in {where}." if left > 0 else ""
