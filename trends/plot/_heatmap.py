"""Heat map: topics by periods, the colour is the share."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from trends.core.escape import plot_text
from trends.core.records import Trends
from trends.plot._dress import dress, nothing, rounded, top_margin
from trends.plot._series import COLUMNS, FEW, firm, highlighted, iso, leading, left_out, series, thin, ticks
from trends.plot._theme import Theme, theme_named
from trends.plot._words import counted, doubted, names_of, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 22
LETTERS = 34
HOVER = (
    "<b>%{customdata[3]}</b><br>%{customdata[2]}: %{z:.1%}"
    "<br>%{customdata[0]} of %{customdata[1]} papers<extra></extra>"
)


def heatmap(
    trends: Trends,
    *,
    top: int = 40,
    only: Iterable[int | str] | None = None,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw topics by periods, coloured by the share of all papers of the period.

    Rows are ordered by the complete period in which the topic's share peaks, earliest first, so that what
    came and went reads from top left to bottom right. A period without papers is blank; a zero has the
    darkest colour. Periods before the first with 20 papers are not drawn.

    Parameters
    ----------
    trends
        Shares by topic and period.
    top
        How many topics to show, largest first; as many as fit on a slide.
    only
        Topics, by id or label, to show instead; -1 shows the unassigned papers.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        `plot.table` gives topic_id, label, period, period_label, n_papers, n_total, share, share_low,
        share_high, complete and shaky, in the order of the rows, and holds the periods not drawn too.

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` below 1.
    """
    look = theme_named(theme)
    fits = 40 if look.height is None else 14
    drawn = _select(trends, top if only is not None else min(top, fits), only)
    heading = title if title is not None else f"Share of all papers by topic and {trends.every}"
    if not drawn["share"].notna().any():
        return nothing(
            fig, look, chart="heatmap", title=heading, columns=COLUMNS,
            sentence="There is no share to draw: no topic has papers in any period.",
        )  # fmt: skip
    shown = drawn[~leading(drawn)]
    data, layout = _draw(shown, look, trends.every)
    n_topics = drawn["topic_id"].nunique()
    alt, caption = _say(trends, shown, left_out(drawn))
    return dress(
        fig, look, data, layout, chart="heatmap", title=heading, alt=alt, caption=caption, table=drawn,
        height=round(n_topics * ROW + 70 + top_margin(look)) + (80 if n_topics < 4 else 0),
    )  # fmt: skip


def _select(trends: Trends, top: int, only: Iterable[int | str] | None) -> pd.DataFrame:
    """Return the series of the chosen topics, ordered by peak period, then id."""
    full = series(trends)
    chosen = highlighted(full.groupby("topic_id")["n_papers"].sum(), top, only, trends.labels)
    if not chosen:
        return full.iloc[:0]
    full = full[full["topic_id"].isin(chosen)]
    # An incomplete period, or one with few papers, may not decide where a topic peaks.
    peaks = full[firm(full)].sort_values(["share", "period"], ascending=[False, True], kind="stable")
    peak = peaks.drop_duplicates("topic_id").set_index("topic_id")["period"]
    ordered = full.join(peak.rename("peak"), on="topic_id")
    return ordered.sort_values(["peak", "topic_id", "period"])[COLUMNS].reset_index(drop=True)


def _draw(drawn: pd.DataFrame, look: Theme, every: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    periods = drawn[["period", "period_label", "complete"]].drop_duplicates("period").sort_values("period")
    rows = list(drawn.groupby("topic_id", sort=False))
    short = names_of(drawn, LETTERS)
    small = {"size": look.type(12), "color": look.muted}
    cells = {
        "type": "heatmap",
        "x": iso(periods["period"]),
        "y": [short[topic_id] for topic_id, _ in rows],
        "z": [rounded(row["share"], 5) for _, row in rows],
        "customdata": [
            list(map(list, zip(row["n_papers"].tolist(), row["n_total"].tolist(),
                               row["period_label"].map(plot_text), row["label"].map(plot_text))))
            for _, row in rows
        ],
        "meta": {"rows": [int(topic_id) for topic_id, _ in rows]},
        "colorscale": "Cividis",
        "zmin": 0,
        "zmax": round(float(drawn.loc[firm(drawn), "share"].max()), 5) or 1,
        "xgap": 1,
        "ygap": 1,
        "hoverongaps": False,
        "hovertemplate": HOVER,
        "colorbar": {
            "title": {"text": f"share of all papers<br>of the {every}", "font": small},
            "tickformat": ".3~%",
            "tickfont": small,
            "nticks": 5,
            "thickness": 12 * look.scale,
            "outlinewidth": 0,
            "len": 1,
            "ypad": 0,
        },
    }  # fmt: skip
    layout = {
        "xaxis": {
            "type": "category",
            "title": {"text": every},
            "showgrid": False,
            **ticks(periods, every, 9 if look.width is None else 4),
        },
        "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False},
        "annotations": [
            {
                "text": "incomplete", "x": day, "y": 1, "xref": "x", "yref": "paper", "yanchor": "bottom",
                "showarrow": False, "font": small,
            }
            for day in iso(periods.loc[~periods["complete"], "period"])
        ],
    }  # fmt: skip
    return [cells], layout


def _say(trends: Trends, drawn: pd.DataFrame, unseen: str) -> tuple[str, str]:
    n_topics, n_all = drawn["topic_id"].nunique(), trends.shares["topic_id"].drop_duplicates()
    left = int((n_all >= 0).sum()) - int((drawn["topic_id"].drop_duplicates() >= 0).sum())
    pool = drawn[firm(drawn)]
    best = pool.loc[pool["share"].idxmax()]
    highest = (
        f"Highest: {best['label']} in {best['period_label']}, {percent(best['share'])} "
        f"({best['n_papers']:,} of {counted(int(best['n_total']), 'paper')})."
    )
    alt = (
        f"Heat map of the share of all papers per {trends.every} for {counted(n_topics, 'topic')}. {highest}"
    )
    said = [
        f"Share of all papers of each {trends.every} for {counted(n_topics, 'topic')}"
        f"{f', {left} smaller not shown' if left else ''}; rows in order of the peak period.",
        highest,
        f"The darkest colour is zero; a {trends.every} without papers is blank.",
    ]
    periods = drawn.drop_duplicates("period")
    if not periods["complete"].all():
        unfinished = ", ".join(periods.loc[~periods["complete"], "period_label"])
        said.append(f"Incomplete and not used for peaks: {unfinished}.")
    n_thin = int(thin(periods).sum())
    if n_thin:
        said.append(
            f"{counted(n_thin, 'period')} with fewer than {FEW} papers set{'s' if n_thin == 1 else ''} "
            "no peak and no end of the colour scale."
        )
    said += doubted(drawn)
    if unseen:
        said.append(unseen)
    return alt, " ".join(said)
