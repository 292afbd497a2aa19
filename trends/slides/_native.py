"""What an editable chart holds, read from the same table that the figure draws; pptx is not known here.

Lines, columns and bars of at most six series with at most sixty points have such a form. The other charts
do not, and stand in the deck as pictures or as tables of their largest rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from html import unescape

import numpy as np
import pandas as pd

from trends.core.escape import office_text
from trends.core.tables import UNASSIGNED
from trends.plot._lines import has_interval
from trends.plot._series import leading, thin
from trends.plot._theme import THEMES, topic_slots
from trends.plot._words import DOUBT, names_of, percent, shortened
from trends.slides._bytes import plain_number
from trends.slides._figures import Chart

MOST_SERIES = 6
MOST_POINTS = 60
LETTERS = 28
AXIS_LETTERS = 110
"""Letters of type of 18 pt that stand side by side under a chart."""

WORDS = 190
"""Letters of the two lines under a chart."""

LOOK = THEMES["slide"]


@dataclass(frozen=True)
class Series:
    """One series: name, values, colour, slot of dash and marker, whether it leads to incomplete periods."""

    name: str
    values: tuple[float | None, ...]
    colour: str
    slot: int | None = None
    unfinished: bool = False


@dataclass(frozen=True)
class Native:
    """An editable chart.

    Attributes
    ----------
    kind
        "lines", "columns" (stacked) or "bars" (lying, with intervals, on a log axis).
    categories, series
        What the workbook holds.
    hollow
        By category: an incomplete period, or a bar that is not beyond chance.
    axis, number_format
        Title and format of the values.
    note
        What stands under the chart (`two_lines` of it) and in the notes.
    lows, highs
        Ends of the intervals of bars.
    ranks
        Whether the values are ranks, the first on top.
    top
        Where the axis of values ends; None leaves it open.
    days, every
        First days of the periods, where their names are too many to stand side by side: an axis of dates
        names every few of them.
    """

    kind: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    hollow: tuple[bool, ...]
    axis: str
    number_format: str
    note: str
    lows: tuple[float | None, ...] = ()
    highs: tuple[float | None, ...] = ()
    ranks: bool = False
    top: float | None = None
    days: tuple[date, ...] = ()
    every: str = ""

    @property
    def columns(self) -> tuple[Series, ...]:
        """What the workbook holds: of lines, complete periods first, then the steps to incomplete ones.

        A format of single points would do in PowerPoint; LibreOffice draws only that of whole series.
        """
        if self.kind != "lines" or not any(self.hollow):
            return self.series
        near = [any(self.hollow[max(0, at - 1) : at + 2]) for at in range(len(self.hollow))]
        whole = [
            replace(s, values=tuple(None if hollow else v for v, hollow in zip(s.values, self.hollow)))
            for s in self.series
        ]
        rest = [
            replace(
                s,
                name=f"{s.name}, incomplete",
                values=tuple(v if beside else None for v, beside in zip(s.values, near)),
                unfinished=True,
            )
            for s in self.series
        ]
        return (*whole, *rest)


def native_of(chart: Chart, every: str) -> Native | None:
    """Return the editable form of a chart, None where it has none."""
    build = FORMS.get(chart.name)
    if build is None:
        return None
    made = build(chart, every)
    crowded = sum(len(name) + 2 for name in made.categories) > AXIS_LETTERS
    # On an axis of dates a column is as wide as the month or year that it stands for, or else a hair.
    if crowded and (made.kind == "lines" or (made.kind == "columns" and every in ("month", "year"))):
        found = dict(zip(chart.table["period_label"].map(office_text), chart.table["period"]))
        days = tuple(date.fromisoformat(str(found[name])[:10]) for name in made.categories)
        made = replace(made, days=days, every=every)
    if len(made.series) > MOST_SERIES or len(made.categories) > MOST_POINTS:
        return None
    return made if made.series and made.categories else None


def _shares(chart: Chart, every: str) -> Native:
    table = chart.table
    rows = table[table["highlighted"].astype(bool)]
    rows = rows[~leading(table).loc[rows.index]]
    periods = _periods(rows)
    last = rows[rows["share"].notna()].groupby("topic_id").tail(1).sort_values(
        ["share", "topic_id"], ascending=[False, True]
    )  # fmt: skip
    ids = last["topic_id"].tolist()
    noted = [*_unfinished(periods, "dotted"), *_doubted(rows), *_intervals(rows, ids)]
    return Native(
        "lines", _labels(periods), _by_topic(rows, "share", ids), _hollow(periods),
        axis=str(chart.figure.layout.yaxis.title.text), number_format="0%", note=_joined(noted),
    )  # fmt: skip


def _ranks(chart: Chart, every: str) -> Native:
    table = chart.table
    rows = table[~leading(table)]
    periods = _periods(rows)
    last = rows[rows["rank"].notna()].groupby("topic_id").tail(1).sort_values(["rank", "topic_id"])
    series = _by_topic(rows, "rank", last["topic_id"].tolist())
    usable = rows["rank"].notna() & rows["complete"].astype(bool)
    n_steps = int((usable & usable.groupby(rows["topic_id"]).shift(1, fill_value=False)).sum())
    noted = [
        f"In {int(rows['sure'].sum()):,} of {n_steps:,} steps the 95% intervals of the two shares do not "
        "overlap; the others may be chance.",
        *_unfinished(periods, "dotted"),
        *_doubted(rows),
    ]
    return Native(
        "lines", _labels(periods), series, _hollow(periods), axis="rank by share", number_format="0",
        note=_joined(noted), ranks=True,
    )  # fmt: skip


def _stream(chart: Chart, every: str) -> Native:
    table = chart.table
    rows = table[~leading(table)]
    periods = _periods(rows)
    ids = rows["topic_id"].map(lambda t: None if t is None or pd.isna(t) else int(t))
    slots = topic_slots(int(t) for t in ids.dropna().unique() if t >= 0)
    series = []
    for _, layer in rows.groupby(rows["topic_id"].map(str), sort=False):
        label = layer["label"].iloc[0]
        found = ids.loc[layer.index[0]]
        known = found is not None and not pd.isna(found)
        colour = LOOK.grey if not known else LOOK.hairline
        if known and found != UNASSIGNED:
            colour = LOOK.colour(slots[int(found)])
        name = _name(str(label)) + DOUBT * bool(layer["shaky"].iloc[0])
        series.append(Series(name, _values(layer, "share", periods), colour))
    noted = [
        *_unfinished(periods, "hatched"),
        *_doubted(rows),
        "All shares of a period add up to 100%.",
    ]
    return Native(
        "columns", _labels(periods), tuple(series), _hollow(periods),
        axis=f"share of all papers of the {every}", number_format="0%", note=_joined(noted), top=1.0,
    )  # fmt: skip


def _coverage(chart: Chart, every: str) -> Native:
    table = chart.table
    periods = _periods(table)
    sources = list(table["source"].unique())
    colours = [LOOK.accent] if len(sources) == 1 else [*LOOK.series]
    series = tuple(
        Series(_name(str(source)), _values(table[table["source"] == source], "n_papers", periods), colour)
        for source, colour in zip(sources, colours)
    )
    n_unassigned, total = periods["n_unassigned"].sum(), periods["n_total"].sum()
    noted = [
        *_unfinished(periods, "hatched"),
        f"{percent(n_unassigned / total)} of the papers are in no topic." if total else "",
    ]
    return Native(
        "columns", _labels(periods), series if len(sources) <= MOST_SERIES else (), _hollow(periods),
        axis=f"papers per {every}", number_format="#,##0", note=_joined(noted),
    )  # fmt: skip


def _growth(chart: Chart, every: str) -> Native:
    table = chart.table
    short = _distinct(table, LETTERS + 8)
    since = [f", since {when}" if when else "" for when in table["since"]]
    growth = [plain_number(value) for value in table["growth"]]
    ends = [
        tuple(_finite(value, at) for value, at in zip(table[name], growth))
        for name in ("growth_low", "growth_high")
    ]
    sure = table["sure"].astype(bool)
    noted = ["Odds ratio per year with 95% interval, log scale: 1 is no change."]
    noted += ["Hollow: not beyond chance."] if not sure.all() else []
    noted += _doubted(table)
    noted += ["“since”: from the turn of the topic on."] if table["since"].astype(bool).any() else []
    return Native(
        "bars",
        tuple(short[t] + when for t, when in zip(table["topic_id"], since)),
        (Series("odds ratio per year", tuple(growth), LOOK.accent),),
        tuple(~sure),
        axis="",
        number_format="General",
        note=_joined(noted),
        lows=ends[0],
        highs=ends[1],
    )


FORMS: dict[str, Callable[[Chart, str], Native]] = {
    "coverage": _coverage,
    "shares": _shares,
    "followed": _shares,
    "growth": _growth,
    "ranks": _ranks,
    "stream": _stream,
}


def _periods(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop_duplicates("period").sort_values("period", ignore_index=True)


def _labels(periods: pd.DataFrame) -> tuple[str, ...]:
    return tuple(office_text(label) for label in periods["period_label"])


def _hollow(periods: pd.DataFrame) -> tuple[bool, ...]:
    return tuple(~periods["complete"].astype(bool))


def _values(rows: pd.DataFrame, column: str, periods: pd.DataFrame) -> tuple[float | None, ...]:
    found = rows.set_index("period")[column].reindex(periods["period"])
    return tuple(plain_number(value) for value in found)


def _by_topic(rows: pd.DataFrame, column: str, order: list[int]) -> tuple[Series, ...]:
    """Return a series per topic in this order, in the colours of the other charts."""
    periods = _periods(rows)
    slots = topic_slots(rows["topic_id"].unique())
    short = _distinct(rows)
    return tuple(
        Series(
            short[topic_id],
            _values(rows[rows["topic_id"] == topic_id], column, periods),
            LOOK.colour(slots[topic_id]),
            slots[topic_id],
        )
        for topic_id in order
    )


def _name(label: str) -> str:
    return office_text(shortened(label, LETTERS))


def _distinct(rows: pd.DataFrame, letters: int = LETTERS) -> dict[int, str]:
    """Return short and distinct names by topic_id, without the escape that plotly needs."""
    return {topic_id: office_text(unescape(name)) for topic_id, name in names_of(rows, letters).items()}


def _doubted(rows: pd.DataFrame) -> list[str]:
    return ["“?”: shaky topics."] if rows["shaky"].astype(bool).any() else []


def _finite(value: float | None, growth: float | None) -> float | None:
    """Return an end of an interval that a log axis can hold; an endless one reaches ten times as far."""
    if value is None or growth is None or pd.isna(value):
        return growth
    return float(np.clip(value, growth / 10, growth * 10))


def _unfinished(periods: pd.DataFrame, how: str) -> list[str]:
    open_periods = periods.loc[~periods["complete"].astype(bool), "period_label"].tolist()
    return [f"Incomplete ({how}): {', '.join(map(str, open_periods))}."] if open_periods else []


def _intervals(rows: pd.DataFrame, order: list[int]) -> list[str]:
    """Say the interval of each line in the last complete period with enough papers."""
    usable = rows[has_interval(rows.assign(thin=thin(rows), complete=rows["complete"].astype(bool)))]
    if usable.empty:
        return []
    last = usable[usable["period"] == usable["period"].max()].set_index("topic_id")
    told = [
        f"{office_text(shortened(str(row.label), 22))} {100 * row.share_low:.1f}–{100 * row.share_high:.1f}%"
        for row in last.reindex([t for t in order if t in last.index]).itertuples()
    ]
    head = f"95% intervals, {last['period_label'].iloc[0]}: "
    return [head + ", ".join(told) + "."]


def _joined(sentences: list[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def two_lines(note: str) -> str:
    """Return what of a note fits under a chart; a list that is too long ends after a whole item."""
    if len(note) <= WORDS:
        return note
    kept = note[:WORDS].rpartition(", ")[0]
    return f"{kept}; more in the notes." if kept else shortened(note, WORDS)
