"""Lines: the share of all papers that each topic has in each period."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trends.core.escape import plot_text
from trends.core.records import Trends
from trends.core.tables import UNASSIGNED
from trends.plot._dress import dress, nothing, rounded, start, top_margin
from trends.plot._series import COLUMNS, FEW, firm, highlighted, iso, series, thin, ticks
from trends.plot._spread import spread
from trends.plot._theme import DASHES, INCOMPLETE_DASH, SYMBOLS, Theme, theme_named, topic_slots
from trends.plot._words import EM, breakable, counted, percent, width

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 440
BOTTOM = 64
LABEL_LETTERS = 22
DAYS = {"week": 7, "month": 30, "quarter": 91, "year": 365}

HOVER = (
    "<b>%{fullData.name}</b><br>%{customdata[0]}: %{y:.1%}<br>%{customdata[1]} of %{customdata[2]} papers"
    "<br>95% interval %{customdata[3]:.1%} to %{customdata[4]:.1%}<extra></extra>"
)
HOVER_INCOMPLETE = (
    "<b>%{fullData.name}</b><br>%{customdata[0]}, incomplete: %{y:.1%}"
    "<br>%{customdata[1]} of %{customdata[2]} papers"
    "<br>95% interval %{customdata[3]:.1%} to %{customdata[4]:.1%}<extra></extra>"
)
HOVER_CONTEXT = "<b>%{fullData.name}</b><br>%{y:.1%}<extra></extra>"


def shares(
    trends: Trends,
    *,
    top: int = 8,
    only: Iterable[int] | None = None,
    interval: bool = True,
    theme: str = "light",
    title: str | None = None,
    fig: "go.Figure | None" = None,
) -> "go.Figure":
    """Draw the share of all papers per period, one line per topic, a few of them highlighted.

    Parameters
    ----------
    trends
        Shares by topic and period.
    top
        How many topics to highlight, largest first, at most five on a slide; the others are thin and grey.
    only
        Topic ids to highlight instead. -1 draws the unassigned papers, which are otherwise only counted
        in the caption.
    interval
        Draw the 95 % intervals of the highlighted topics as bands, where the period is complete.
    theme
        "light", "dark", "slide" or "print".
    title
        Text above the chart; by default the measure with its denominator.
    fig
        A figure to draw on top of; a copy of it is used.

    Returns
    -------
    plotly.graph_objects.Figure
        Incomplete periods are dotted and hollow, periods without papers are gaps. `plot.table` gives
        topic_id, label, period, period_label, n_papers, n_total, share, share_low, share_high, complete
        and highlighted.

    Raises
    ------
    InputError
        An unknown theme or topic, or `top` below 1.

    References
    ----------
    The interval of the change named in the caption joins the intervals of both shares by square-and-add:
    Newcombe, R. G. (1998), Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17, 873-890, method 10.
    """
    look = theme_named(theme)
    drawn = _select(trends, top if only is not None else min(top, look.most_series), only)
    heading = title if title is not None else f"Share of all papers by topic, per {trends.every}"
    figure = start(fig)
    if drawn.empty or not drawn["share"].notna().any():
        why = "has topics but no papers in any period" if len(drawn) else "holds no dated papers in topics"
        return nothing(
            figure, look, chart="shares", title=heading, columns=[*COLUMNS, "highlighted"],
            sentence=f"There is no share to draw: the table {why}.",
        )  # fmt: skip
    right = _draw(figure, drawn, look, trends.every, interval)
    alt, caption = _say(trends, drawn, interval)
    dress(
        figure, look, chart="shares", title=heading, alt=alt, caption=caption, table=drawn, height=HEIGHT,
        margin={"r": right},
    )  # fmt: skip
    figure.update_layout(showlegend=False)
    figure.update_xaxes(showgrid=False)
    return figure


def _select(trends: Trends, top: int, only: Iterable[int] | None) -> pd.DataFrame:
    """Return the series of every topic, with a mark on the highlighted; -1 only if highlighted."""
    full = series(trends)
    chosen = highlighted(full.groupby("topic_id")["n_papers"].sum(), top, only)
    full["highlighted"] = full["topic_id"].isin(chosen)
    return full[(full["topic_id"] != UNASSIGNED) | full["highlighted"]].reset_index(drop=True)


def _draw(figure: "go.Figure", drawn: pd.DataFrame, look: Theme, every: str, interval: bool) -> float:
    """Add grey lines, bands, lines, ends and labels; return the right margin in px that the labels need."""
    for _, line in drawn[~drawn["highlighted"]].groupby("topic_id"):
        figure.add_scatter(
            x=iso(line["period"]),
            y=rounded(line["share"], 5),
            name=plot_text(line["label"].iloc[0]),
            mode="lines+markers" if line["share"].notna().sum() == 1 else "lines",
            line={"color": look.grey, "width": 1 * look.scale},
            marker={"size": 4 * look.scale, "color": look.grey},
            opacity=0.55,
            hovertemplate=HOVER_CONTEXT,
        )
    front = drawn.assign(thin=thin(drawn))[drawn["highlighted"]]
    slots = topic_slots(front["topic_id"].unique())
    if interval:
        for topic_id, line in front.groupby("topic_id"):
            # Many bands lie over one another; the more there are, the fainter each.
            _band(figure, line, look.band(slots[topic_id]), 1.0 if len(slots) <= 4 else 0.6)
    for topic_id, line in front.groupby("topic_id"):
        _line(figure, line, slots[topic_id], look)
    return _axes_and_labels(figure, drawn, front, slots, look, every)


def _band(figure: "go.Figure", line: pd.DataFrame, colour: str, opacity: float) -> None:
    """Add one filled outline per unbroken run of complete periods with enough papers."""
    usable = line[["share_low", "share_high"]].notna().all(axis="columns") & line["complete"] & ~line["thin"]
    days: list[str | None] = []
    values: list[float | None] = []
    for _, run in line[usable].groupby((~usable).cumsum()[usable]):
        if len(run) > 1:
            gap: list[None] = [None] if days else []
            days += [*gap, *iso(run["period"]), *iso(run["period"])[::-1]]
            values += [*gap, *rounded(run["share_high"], 5), *rounded(run["share_low"], 5)[::-1]]
    if days:
        figure.add_scatter(
            x=days, y=values, fill="toself", fillcolor=colour, mode="lines", line={"width": 0},
            name=plot_text(line["label"].iloc[0]), hoverinfo="skip", opacity=opacity,
        )  # fmt: skip


def _line(figure: "go.Figure", line: pd.DataFrame, slot: int | None, look: Theme) -> None:
    colour = look.colour(slot)
    symbol = SYMBOLS[slot] if slot is not None else "circle"
    known = line[line["share"].notna()]
    customdata = [
        [label, n, total, low, high]
        for label, n, total, low, high in zip(
            line["period_label"].map(plot_text),
            line["n_papers"].tolist(),
            line["n_total"].tolist(),
            rounded(line["share_low"], 5),
            rounded(line["share_high"], 5),
        )
    ]
    firm_line = line["complete"] & ~line["thin"]
    # Where few papers make the share jump, the line is thin; it joins the firm line at its first point.
    loose = line["thin"] | line["thin"].shift(1, fill_value=False) | line["thin"].shift(-1, fill_value=False)
    if line["thin"].any():
        figure.add_scatter(
            x=iso(line["period"]),
            y=rounded(line["share"].where(loose & line["complete"]), 5),
            name=plot_text(line["label"].iloc[0]),
            mode="lines+markers",
            line={"color": colour, "width": 1 * look.scale},
            marker={"symbol": symbol, "size": 3 * look.scale, "color": colour},
            opacity=0.45,
            customdata=customdata,
            hovertemplate=HOVER,
        )
    figure.add_scatter(
        x=iso(line["period"]),
        y=rounded(line["share"].where(firm_line), 5),
        name=plot_text(line["label"].iloc[0]),
        mode="lines+markers",
        line={
            "color": colour,
            "width": 2 * look.scale,
            "dash": DASHES[slot] if slot is not None else "solid",
        },
        marker={
            "symbol": symbol,
            "size": 6 * look.scale,
            "color": colour,
            "maxdisplayed": 0 if firm_line.sum() <= 12 else 7,
        },
        customdata=customdata,
        hovertemplate=HOVER,
    )
    # The last known point and every incomplete one get a marker of their own, the latter hollow.
    near = ~line["complete"] | ~line["complete"].shift(1, fill_value=True)
    near |= ~line["complete"].shift(-1, fill_value=True)
    last = line["period"] == known["period"].max()
    shown = line["share"].where(near | last)
    sizes = np.where(last | ~line["complete"], 8 * look.scale, 0).round(1).tolist()
    symbols = [symbol if whole else f"{symbol}-open" for whole in line["complete"]]
    kept = (near | last).tolist()
    figure.add_scatter(
        x=[day for day, keep in zip(iso(line["period"]), kept) if keep],
        y=[value for value, keep in zip(rounded(shown, 5), kept) if keep],
        name=plot_text(line["label"].iloc[0]),
        mode="lines+markers",
        line={"color": colour, "width": 2 * look.scale, "dash": INCOMPLETE_DASH},
        marker={
            "symbol": [value for value, keep in zip(symbols, kept) if keep],
            "size": [value for value, keep in zip(sizes, kept) if keep],
            "color": colour,
            "line": {"color": colour, "width": 2},
        },
        customdata=[value for value, keep in zip(customdata, kept) if keep],
        hovertemplate=HOVER if known["complete"].iloc[-1:].all() else HOVER_INCOMPLETE,
        cliponaxis=False,
    )


def _axes_and_labels(
    figure: "go.Figure",
    drawn: pd.DataFrame,
    front: pd.DataFrame,
    slots: dict[int, int | None],
    look: Theme,
    every: str,
) -> float:
    """Scale the axes to the highlighted lines and name each at its end; return the right margin."""
    periods = drawn[["period", "period_label"]].drop_duplicates("period")
    first, last = periods["period"].iloc[0], periods["period"].iloc[-1]
    span = max(last - first, pd.Timedelta(days=DAYS[every]))
    end = last + span * 0.04
    top_share = (
        front.loc[firm(front), "share"].max() if front["share"].notna().any() else drawn["share"].max()
    )
    ceiling = float(top_share) * 1.15 or 1.0
    figure.update_xaxes(
        type="date",
        range=[_moment(first - span * 0.015), _moment(end)],
        **ticks(periods, every, 9 if look.width is None else 7),
    )
    figure.update_yaxes(
        range=[0, round(ceiling, 5)],
        tickformat=".3~%",
        nticks=6,
        title={"text": f"share of all papers of the {every}"},
    )
    figure.update_xaxes(title={"text": every})

    last_rows = front[front["share"].notna()].groupby("topic_id").tail(1)
    size = look.font_size * 13 / 14
    plot_height = (look.height or HEIGHT) - top_margin(look) - BOTTOM * look.scale
    texts = [breakable(label, LABEL_LETTERS) for label in last_rows["label"]]
    sizes = [size * 1.3 * (text.count("<br>") + 1) + 2 for text in texts]
    wanted = (last_rows["share"] / ceiling * plot_height).tolist()
    places = spread(wanted, sizes, 0, plot_height)
    for row, text, place in zip(last_rows.itertuples(), texts, places):
        at = round(place / plot_height * ceiling, 6)
        figure.add_shape(
            type="line", xref="x", yref="y", layer="above",
            x0=_moment(row.period + span * 0.008), y0=round(row.share, 6), x1=_moment(end), y1=at,
            line={"color": look.colour(slots[row.topic_id]), "width": 1.25 * look.scale},
        )  # fmt: skip
        figure.add_annotation(
            name="direct-label", text=text, x=_moment(end), y=at, xref="x", yref="y", showarrow=False,
            xanchor="left", yanchor="middle", align="left", xshift=2,
            font={"size": size, "color": look.text},
        )  # fmt: skip
    letters = max(
        (min(width(line), LABEL_LETTERS) for text in texts for line in text.split("<br>")), default=0
    )
    return round(letters * size * EM + 20 * look.scale)


def _moment(time: pd.Timestamp) -> str:
    return time.strftime("%Y-%m-%d %H:%M")


def _say(trends: Trends, drawn: pd.DataFrame, interval: bool) -> tuple[str, str]:
    """Return alternative text and caption: what is drawn, of what, and the largest change."""
    front = drawn[drawn["highlighted"]]
    periods = drawn.drop_duplicates("period")
    total = int(periods["n_total"].sum())
    span = f"{periods['period_label'].iloc[0]} to {periods['period_label'].iloc[-1]}"
    change = _largest_change(front)
    n_lines = front["topic_id"].nunique()
    alt = (
        f"Line chart of the share of all papers per {trends.every} for {counted(n_lines, 'topic')}, {span}. "
        f"{change}"
    )
    said = [
        f"Share of all papers of each {trends.every} for {counted(n_lines, 'topic')}, {span}, "
        f"{counted(total, 'paper')} in all.",
        change,
    ]
    if interval:
        said.append("Bands are 95% intervals.")
    n_thin = int(thin(periods).sum())
    if n_thin:
        said.append(
            f"{counted(n_thin, 'period')} with fewer than {FEW} papers: thin lines without bands, which may "
            "leave the chart."
        )
    rest = drawn["topic_id"].nunique() - n_lines
    if rest:
        said.append(f"{counted(rest, 'other topic')} in grey.")
    open_periods = periods[~periods["complete"]]["period_label"].tolist()
    if open_periods:
        said.append(f"Incomplete, dotted and hollow: {', '.join(open_periods)}.")
    if (periods["n_total"] == 0).any():
        said.append(f"{counted(int((periods['n_total'] == 0).sum()), 'period')} without papers left blank.")
    if UNASSIGNED not in set(front["topic_id"]):
        unassigned = trends.shares.loc[trends.shares["topic_id"] == UNASSIGNED, "n_papers"].sum()
        if unassigned and total:
            said.append(f"Not drawn: unassigned papers, {percent(unassigned / total)} of all.")
    return alt, " ".join(said)


def _largest_change(front: pd.DataFrame) -> str:
    """Say which highlighted topic surely changed most from the first to the last complete period."""
    usable = front[firm(front) & front["complete"]]
    days = sorted(usable["period"].unique())
    if len(days) < 2:
        return "Too few complete periods to speak of change."
    first = usable[usable["period"] == days[0]].set_index("topic_id")
    last = usable[usable["period"] == days[-1]].set_index("topic_id").reindex(first.index)
    change = last["share"] - first["share"]
    low = change - np.hypot(last["share"] - last["share_low"], first["share_high"] - first["share"])
    high = change + np.hypot(last["share_high"] - last["share"], first["share"] - first["share_low"])
    # Ranked by the bound nearest to no change, so that small and noisy topics do not win.
    sure = np.maximum(low, -high).sort_index()
    span = f"{first['period_label'].iloc[0]} to {last['period_label'].iloc[0]}"
    if not sure.gt(0).any():
        return f"No highlighted topic's change from {span} exceeds its 95% interval."
    best = sure.idxmax()
    return (
        f"Clearest change: {first.loc[best, 'label']}, {percent(first.loc[best, 'share'])} to "
        f"{percent(last.loc[best, 'share'])}, {span} ({change[best] * 100:+.1f} points, 95% interval "
        f"{low[best] * 100:+.1f} to {high[best] * 100:+.1f})."
    )
