"""The largest rows of a chart as a small table: what a slide shows where neither chart nor picture can be."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from trends.core.escape import office_text
from trends.plot._words import percent, ratio
from trends.slides._figures import Chart

ROWS = 9
COLUMN = 36
LINE = 88
"""Letters of a line of type of 18 pt across a slide, with the margins of cells."""


def rows_of(chart: Chart, most: int = ROWS) -> pd.DataFrame:
    """Return the largest rows as text, columns named for people; one line of a slide each."""
    made = PICKS.get(chart.name, _lines)(chart.table).head(most)
    needed = {name: max([len(name), *made[name].map(lambda value: len(str(value)))]) for name in made}
    widest = max(needed, key=lambda name: needed[name])
    room = {name: min(n, COLUMN) for name, n in needed.items()}
    room[widest] = max(COLUMN // 2, LINE - sum(n for name, n in room.items() if name != widest))
    return pd.DataFrame({name: [office_text(value, room[name]) for value in made[name]] for name in made})


def _lines(table: pd.DataFrame) -> pd.DataFrame:
    """Topics of the last complete period, the largest first."""
    rows = table[table["share"].notna() & table["complete"].astype(bool)]
    rows = rows[rows["period"] == rows["period"].max()] if len(rows) else rows
    return _with_shares(rows.sort_values(["share", "label"], ascending=[False, True]))


def _cells(table: pd.DataFrame) -> pd.DataFrame:
    """Topic and period, the largest shares first."""
    rows = table[table["share"].notna() & table["n_total"].ge(20)]
    return _with_shares(rows.sort_values(["share", "label", "period"], ascending=[False, True, True]))


def _with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    interval = [
        f"{percent(low)} to {percent(high)}" if pd.notna(low) and pd.notna(high) else ""
        for low, high in zip(rows.get("share_low", rows["share"]), rows.get("share_high", rows["share"]))
    ]
    return pd.DataFrame(
        {
            "topic": rows["label"],
            "period": rows["period_label"] + rows["complete"].map({True: "", False: ", incomplete"}),
            "share of papers": rows["share"].map(percent),
            "95% interval": interval,
        }
    )


def _bursts(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.sort_values(["weight", "label"], ascending=[False, True])
    return pd.DataFrame(
        {
            "topic": rows["label"],
            "burst": rows["when"],
            "share of papers": rows["share_inside"].map(percent),
            "otherwise": rows["share_outside"].map(percent),
        }
    )


def _growth(table: pd.DataFrame) -> pd.DataFrame:
    interval = [
        f"{ratio(low)} to {ratio(high)}" for low, high in zip(table["growth_low"], table["growth_high"])
    ]
    return pd.DataFrame(
        {"topic": table["label"], "odds ratio per year": table["growth"].map(ratio), "95% interval": interval}
    )


def _coverage(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.groupby("source", sort=False)["n_papers"].sum().sort_values(ascending=False, kind="stable")
    return pd.DataFrame({"source": rows.index, "papers": [f"{n:,}" for n in rows]})


def _map(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.groupby(["topic_id", "label"]).size().sort_values(ascending=False, kind="stable")
    return pd.DataFrame(
        {"topic": rows.index.get_level_values("label"), "papers on the map": [f"{n:,}" for n in rows]}
    )


def _terms(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.groupby(["topic_id", "label"], sort=False)["term"].agg(", ".join)
    return pd.DataFrame({"topic": rows.index.get_level_values("label"), "heaviest terms": rows.to_numpy()})


def _similarity(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.sort_values(["cosine", "topic_id", "other_id"], ascending=[False, True, True])
    return pd.DataFrame(
        {
            "topic": rows["label"],
            "most like it": rows["other_label"],
            "cosine": [f"{value:.2f}" for value in rows["cosine"]],
        }
    )


def _hierarchy(table: pd.DataFrame) -> pd.DataFrame:
    tips = table[table["left"].isna() & table["theme_id"].notna()]
    groups = tips.groupby("theme_id", sort=False).agg(topics=("label", ", ".join), n=("n_papers", "sum"))
    groups = groups.sort_values("n", ascending=False, kind="stable")
    return pd.DataFrame({"topics of a theme": groups["topics"], "papers": [f"{n:,}" for n in groups["n"]]})


PICKS: dict[str, Callable[[Any], pd.DataFrame]] = {
    "coverage": _coverage,
    "growth": _growth,
    "heatmap": _cells,
    "bursts": _bursts,
    "map": _map,
    "terms": _terms,
    "similarity": _similarity,
    "hierarchy": _hierarchy,
}
