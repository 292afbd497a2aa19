"""Coverage: how many papers each period has and from which source, and how many of them no topic took."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import clean_text, plot_text
from trends.core.records import Trends
from trends.core.tables import PAPERS, PRECISIONS, UNASSIGNED, check
from trends.plot._dress import dress, nothing, rounded
from trends.plot._series import FEW, firm, iso, series, thin, ticks
from trends.plot._theme import Theme, theme_named
from trends.plot._words import counted, percent, shortened

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 420
LETTERS = 28
MOST_EMPTY = 6
"""Periods without papers that the caption names; it counts the others."""

SEVERAL, OTHER, NO_SOURCE, EVERY_SOURCE = "several sources", "other sources", "no source stated", "papers"
GROUPS = (SEVERAL, OTHER, NO_SOURCE, EVERY_SOURCE)
COLUMNS = [
    "source", "period", "period_label", "n_papers", "n_total", "complete", "n_unassigned", "unassigned",
]  # fmt: skip
HOVER = "<b>%{fullData.name}</b><br>%{customdata[0]}: %{y} of %{customdata[1]} papers<extra></extra>"
HOVER_LINE = (
    "%{customdata[0]}: %{y:.1%} unassigned<br>%{customdata[1]} of %{customdata[2]} papers<extra></extra>"
)


def coverage(
    papers: pd.DataFrame | None,
    trends: Trends,
    *,
    top: int = 6,
    only: Iterable[str] | None = None,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the papers of each period by source as bars and, below, the share of them in no topic as a line.

    Parameters
    ----------
    papers
        The papers that were counted; `sources` (tuples) says where each comes from, if it is there. None:
        what `trends` knows of them, without sources.
    trends
        What was measured of these papers.
    top
        How many sources to show, largest first, at most eight (five on a slide); the rest is "other sources".
    only
        Names of sources to show instead, at most eight.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        Bars of a period add up to its papers: a paper of more than one source is in "several sources".
        Incomplete periods are hatched and hollow. `plot.table` gives source, period, period_label, n_papers,
        n_total, complete, n_unassigned and unassigned (share, 0-1, missing without papers), the last two of
        the whole period.

    Raises
    ------
    InputError
        An unknown theme or source, `top` below 1, or papers that are not those that `trends` counted.
    """
    look = theme_named(theme)
    if papers is not None:
        check(papers, PAPERS)
    if isinstance(top, bool) or not isinstance(top, int | np.integer) or top < 1:
        raise InputError(f"top must be a whole number of at least 1, not {top!r}.")
    full = series(trends)
    periods = _periods(full)
    if papers is None:
        drawn = periods.assign(source=EVERY_SOURCE, n_papers=periods["n_total"])[COLUMNS]
    else:
        origins = _origins(papers, _shown(papers, min(top, look.most_series), only))
        drawn = _select(papers, origins, periods, trends.every)
    by = "" if papers is None else " by source"
    heading = title if title is not None else f"Papers per {trends.every}{by}, and those in no topic"
    if not len(periods) or not periods["n_total"].sum():
        return nothing(
            fig, look, chart="coverage", title=heading, columns=COLUMNS,
            sentence="There is no paper to draw: no paper is dated well enough to be counted.",
        )  # fmt: skip
    data, layout = _draw(drawn, periods, look, trends.every)
    alt, caption = _say(drawn, periods, trends)
    return dress(
        fig, look, data, layout, chart="coverage", title=heading, alt=alt, caption=caption, table=drawn,
        height=HEIGHT, legend=True,
    )  # fmt: skip


def _periods(full: pd.DataFrame) -> pd.DataFrame:
    """Return period, period_label, n_total, complete, n_unassigned, unassigned and sure, in order of time.

    A table without unassigned papers counts as such what its topics leave over.

    Raises
    ------
    InputError
        The topics overlap: they hold more papers than there are.
    """
    periods = full.drop_duplicates("period").sort_values("period")
    rows = periods[["period", "period_label", "n_total", "complete"]].reset_index(drop=True)
    in_topics = full[full["topic_id"] != UNASSIGNED].groupby("period")["n_papers"].sum()
    rows["n_unassigned"] = rows["n_total"] - rows["period"].map(in_topics).fillna(0).astype("int64")
    if (rows["n_unassigned"] < 0).any():
        raise InputError(
            "trends holds topics that overlap, so that no number of unassigned papers follows from it; "
            "give trends of topics as cluster finds them."
        )
    rows["unassigned"] = rows["n_unassigned"] / rows["n_total"].where(rows["n_total"] > 0)
    rows["thin"] = thin(rows)
    rows["firm"] = firm(rows.rename(columns={"unassigned": "share"})) & rows["complete"]
    return rows


def _shown(papers: pd.DataFrame, most: int, only: Iterable[str] | None) -> list[str]:
    """Return the names of the sources to show, largest first; none where the papers name none."""
    if only is not None and (isinstance(only, str | bytes) or not isinstance(only, Iterable)):
        raise InputError(f"only must be a list of sources, not {only!r}.")
    given = papers["sources"] if "sources" in papers else pd.Series([], dtype="object")
    sole = given[given.map(len) == 1].map(lambda names: str(names[0]))
    sizes = sole.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    if only is None:
        return [str(name) for name in sizes.index[:most]]
    wanted = [str(name) for name in only]
    known = {str(name) for names in given for name in names}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise InputError(
            f"only names the source {unknown[0]!r}, which no paper has; there are "
            f"{', '.join(sorted(known)[:8]) or 'no sources'}."
        )
    if len(wanted) > 8:
        raise InputError("only must name at most 8 sources: bars have no more colours.")
    return sorted(dict.fromkeys(wanted), key=lambda name: (-int(sizes.get(name, 0)), name))


def _origins(papers: pd.DataFrame, shown: list[str]) -> pd.Series:
    """Return where each paper comes from, in the order that the bars are stacked in."""
    if not shown:
        return pd.Series(pd.Categorical([EVERY_SOURCE] * len(papers), [EVERY_SOURCE]), index=papers.index)
    kept = set(shown)

    def origin(names: tuple[str, ...]) -> str:
        if len(set(names)) > 1:
            return SEVERAL
        if not names:
            return NO_SOURCE
        return str(names[0]) if str(names[0]) in kept else OTHER

    values = papers["sources"].map(origin)
    # A source may be named like one of these groups; then the two are one.
    order = list(dict.fromkeys([*shown, SEVERAL, OTHER, NO_SOURCE]))
    return pd.Series(pd.Categorical(values, order), index=papers.index)


def _select(papers: pd.DataFrame, origins: pd.Series, periods: pd.DataFrame, every: str) -> pd.DataFrame:
    """Return COLUMNS, one row per source and period, sources without a paper left out.

    Raises
    ------
    InputError
        A period has other papers than `trends` counted.
    """
    from trends.core.periods import fine_enough, numbers, starts_of

    precision = papers["date_precision"].cat.codes.to_numpy()
    dated = papers["date"].notna().to_numpy() & (precision >= 0) & (precision < PRECISIONS.index("unknown"))
    dated &= fine_enough(precision, every)
    period = starts_of(numbers(papers["date"].to_numpy()[dated], every), every)
    cells = pd.crosstab(period, origins[dated].to_numpy()) if dated.any() else pd.DataFrame()
    order = [name for name in origins.cat.categories if name in cells.columns]
    cells = cells.reindex(index=pd.DatetimeIndex(periods["period"]), columns=order, fill_value=0)
    found = cells.sum(axis="columns").to_numpy(dtype="int64")
    odd = np.flatnonzero(found != periods["n_total"].to_numpy())
    if len(odd):
        row = periods.iloc[odd[0]]
        raise InputError(
            f"papers and trends must be of the same papers, but in {row['period_label']} there are "
            f"{found[odd[0]]:,} papers and trends counted {row['n_total']:,}; give those it counted."
        )
    tables = [
        periods.assign(source=clean_text(str(name)), n_papers=cells[name].to_numpy(dtype="int64"))
        for name in order
    ]
    return pd.concat(tables, ignore_index=True)[COLUMNS] if tables else pd.DataFrame(columns=COLUMNS)


def _draw(
    drawn: pd.DataFrame, periods: pd.DataFrame, look: Theme, every: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return a bar trace per source and the line below, and the layout of two panels over one time axis."""
    sources = list(drawn.groupby("source", sort=False))
    data = [
        _bars(rows, plot_text(shortened(str(name), LETTERS)), colour, look)
        for (name, rows), colour in zip(sources, _colours([str(name) for name, _ in sources], look))
    ]
    data += _line(periods, look)
    small = {"size": look.type(12), "color": look.muted}
    days = iso(periods["period"])
    # A little below zero, so that points on it are drawn whole.
    ceiling = _ceiling(periods)
    layout = {
        "barmode": "stack",
        "bargap": 0.15,
        "xaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": days,
            "range": [-0.6, len(days) - 0.4],
            "anchor": "y2",
            "title": {"text": every},
            "showgrid": False,
            **ticks(periods, every, 9 if look.width is None else 5),
        },
        "yaxis": {
            "domain": [0.4, 1],
            "rangemode": "tozero",
            "nticks": 5,
            "title": {"text": f"papers per {every}"},
        },
        "yaxis2": {
            "domain": [0, 0.28],
            "anchor": "x",
            "range": [round(-0.06 * ceiling, 4), ceiling],
            "tickformat": ".3~%",
            "nticks": 4,
            "title": {"text": "unassigned"},
        },
        "annotations": [
            {
                "text": "incomplete", "x": day, "y": 1, "xref": "x", "yref": "paper", "yanchor": "bottom",
                "xanchor": _side(days.index(day), len(days), look), "showarrow": False, "font": small,
            }
            for day in iso(periods.loc[~periods["complete"] & periods["n_total"].gt(0), "period"])
        ],
        "showlegend": len(sources) > 1,
        "legend": {
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1.03, "yanchor": "bottom", "font": small,
            "itemclick": False, "itemdoubleclick": False, "traceorder": "normal",
        },
    }  # fmt: skip
    return data, layout


def _side(at: int, of: int, look: Theme) -> str:
    """Return which end of a word stands on a bar, so that the edge of the picture does not cut it."""
    if of <= (30 if look.width is None else 10):
        return "center"
    return {0: "left", of - 1: "right"}.get(at, "center")


def _ceiling(periods: pd.DataFrame) -> float:
    """Return the end of the axis of unassigned papers; thin periods set none."""
    shares = periods.loc[~periods["thin"], "unassigned"]
    return round(min(1.0, float(shares.max()) * 1.2), 4) or 0.1


def _colours(sources: list[str], look: Theme) -> list[str]:
    """Return a colour per source: one alone in the accent, the groups of the rest in greys."""
    if len(sources) == 1:
        return [look.accent]
    rest = {SEVERAL: look.muted, OTHER: look.grey, NO_SOURCE: look.hairline}
    free = iter(look.series)
    return [rest[name] if name in rest else next(free, look.grey) for name in sources]


def _bars(rows: pd.DataFrame, name: str, colour: str, look: Theme) -> dict[str, Any]:
    whole = rows["complete"].tolist()
    return {
        "type": "bar",
        "x": iso(rows["period"]),
        "y": rows["n_papers"].tolist(),
        "name": name,
        "marker": {
            "color": colour,
            "line": {"width": 0},
            "pattern": {
                "shape": ["" if complete else "/" for complete in whole],
                "fillmode": "replace",
                "fgcolor": colour,
                "bgcolor": look.ground,
                "size": 6 * look.scale,
            },
        },
        "customdata": [
            [plot_text(label) if complete else f"{plot_text(label)}, incomplete", total]
            for label, complete, total in zip(rows["period_label"], whole, rows["n_total"].tolist())
        ],
        "hovertemplate": HOVER,
    }


def _line(periods: pd.DataFrame, look: Theme) -> list[dict[str, Any]]:
    """Return the line of the unassigned share, and its points: hollow where incomplete, small where thin."""
    values = rounded(periods["unassigned"], 5)
    days, complete = iso(periods["period"]), periods["complete"].tolist()
    few = periods["thin"].tolist()
    many = len(days) > 24
    common = {
        "type": "scatter", "name": "unassigned", "xaxis": "x", "yaxis": "y2", "showlegend": False, "x": days,
    }  # fmt: skip
    line = {
        **common,
        "y": [value if whole and not thin_ else None for value, whole, thin_ in zip(values, complete, few)],
        "mode": "lines",
        "line": {"color": look.text, "width": 2 * look.scale},
        "hoverinfo": "skip",
    }
    points = {
        **common,
        "y": values,
        "mode": "markers",
        "marker": {
            "symbol": ["circle" if whole else "circle-open" for whole in complete],
            "size": [
                round((8 if not whole else 3 if thin_ or many else 6) * look.scale, 1)
                for whole, thin_ in zip(complete, few)
            ],
            "color": look.text,
            "line": {"color": look.text, "width": 1.5},
        },
        "customdata": [
            [plot_text(label) if whole else f"{plot_text(label)}, incomplete", n, total]
            for label, whole, n, total in zip(
                periods["period_label"],
                complete,
                periods["n_unassigned"].tolist(),
                periods["n_total"].tolist(),
            )
        ],
        "hovertemplate": HOVER_LINE,
    }
    return [line, points]


def _say(drawn: pd.DataFrame, periods: pd.DataFrame, trends: Trends) -> tuple[str, str]:
    """Return alternative text and caption: papers, periods without papers, and how many are unassigned."""
    every, total = trends.every, int(periods["n_total"].sum())
    empty = periods.loc[periods["n_total"] == 0, "period_label"].tolist()
    names = [name for name in drawn["source"].unique() if name not in GROUPS]
    by = f", {counted(len(names), 'source')} shown" if names else ""
    span = f"{periods['period_label'].iloc[0]} to {periods['period_label'].iloc[-1]}"
    blank = f"{counted(len(empty), every)} of {len(periods):,} without papers"
    if empty:
        more = len(empty) - MOST_EMPTY
        blank += f": {', '.join(empty[:MOST_EMPTY])}{f' and {more:,} more' if more > 0 else ''}"
    alt = f"Bars of the papers per {every}, {span}: {counted(total, 'paper')}; {blank}."
    n_unassigned = int(periods["n_unassigned"].sum())
    said = [
        f"{counted(total, 'paper')} counted, {span}{by}; {blank}.",
        f"Below: the share of each {every}'s papers in no topic, {percent(n_unassigned / total)} in all"
        + _extremes(periods)
        + ".",
    ]
    if SEVERAL in set(drawn["source"]):
        said.append("A paper found in more than one source is in a bar of its own.")
    if periods["thin"].any():
        n_thin = int((periods["thin"] & periods["n_total"].gt(0)).sum())
        said.append(
            f"{counted(n_thin, 'period')} with fewer than {FEW} papers: small points, no line, may leave the "
            "panel."
        )
    missing = {name: int(trends.left_out[name].sum()) for name in ("n_undated", "n_too_coarse")}
    if missing["n_undated"]:
        said.append(f"{counted(missing['n_undated'], 'paper')} without a date not drawn.")
    if missing["n_too_coarse"]:
        said.append(f"{counted(missing['n_too_coarse'], 'paper')} dated too coarsely not drawn.")
    if not periods["complete"].all():
        unfinished = ", ".join(periods.loc[~periods["complete"], "period_label"])
        said.append(f"Incomplete, hatched and hollow: {unfinished}.")
    return alt, " ".join(said)


def _extremes(periods: pd.DataFrame) -> str:
    """Say between which shares of unassigned papers the complete periods lie."""
    usable = periods[periods["firm"]]
    if len(usable) < 2:
        return ""
    shares = usable["unassigned"]
    low, high = usable.loc[shares.idxmin()], usable.loc[shares.idxmax()]
    return (
        f", from {percent(low['unassigned'])} ({low['period_label']}) to {percent(high['unassigned'])} "
        f"({high['period_label']})"
    )
