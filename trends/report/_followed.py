"""The section of followed themes: how much of each there is, how it moves, and how well it was found."""

import numpy as np
import pandas as pd

from trends import plot
from trends.core.errors import InputError
from trends.core.records import Trends
from trends.core.watch import Watch
from trends.report._report import Section
from trends.report._wording import count, papers_word, percent
from trends.timeline import compared, period_label

NEAR = 3
EXEMPLARS = 3

TITLE = "Followed themes"

UNDATED = {"status": "too few to say", "reason": "no paper has a date that can be counted."}
"""What is said of a theme where no paper of the corpus stands in a period."""


def followed_section(papers: pd.DataFrame, watch: Watch, followed: Trends) -> Section:
    """Return the section: a chart of shares and a card for every theme, those without papers too.

    `table`, by theme_id, holds what a card shows: label, phrases, n_papers, kinds (how its papers were
    found), latest (its share in the last complete period), status, reason, quality (precision and recall in
    words), note, exemplars, near and papers (paper ids), and series, totals, complete for its sparkline.
    """
    if len(followed.shares) and set(followed.calls.index) != set(watch.table.index):
        raise InputError(
            "followed must be what was measured of the themes of watch: measure(count_themes(papers, watch))."
        )
    if not len(watch.table):
        return Section("followed", TITLE, "No themes are followed.")
    among = compared(papers, watch)
    left_out = set(papers.index[~among])
    members = watch.members.groupby("theme_id")["paper_id"].agg(tuple).to_dict()
    rows = []
    for theme_id, theme in watch.table.iterrows():
        call = followed.calls.loc[theme_id] if theme_id in followed.calls.index else UNDATED
        series = followed.shares[(followed.shares["topic_id"] == theme_id) & (followed.shares["n_total"] > 0)]
        series = series.sort_values("period")
        near = watch.near[watch.near["theme_id"] == theme_id]
        near = near.loc[~(near["score"] < theme["reach"]), "paper_id"]
        status = str(call["status"])
        reason = str(call["reason"]).removeprefix(f"{status.capitalize()}: ")
        rows.append(
            {
                "label": theme["label"],
                "phrases": theme["phrases"],
                "n_papers": int(theme["n_papers"]),
                "kinds": _kinds(
                    theme,
                    int(series["n_papers"].sum()),
                    len(left_out.intersection(members.get(theme_id, ()))),
                ),
                "latest": _latest(series, followed.every),
                "status": status,
                "reason": reason.replace("this topic", "this theme"),
                "quality": _quality(theme),
                "note": theme["note"],
                "exemplars": tuple(i for i in theme["exemplars"] if i in papers.index)[:EXEMPLARS],
                "near": tuple(i for i in near if i in papers.index)[:NEAR],
                "papers": tuple(i for i in members.get(theme_id, ()) if i in papers.index),
                "series": tuple(series["share"]),
                "totals": tuple(series["n_total"]),
                "complete": tuple(series["complete"]),
            }
        )
    heading = f"Share of {followed.whole} by followed theme, per {followed.every}"
    return Section(
        "followed",
        TITLE,
        _text(watch) + _counted(followed, among),
        figure=plot.shares(followed, noun="theme", title=heading),
        table=pd.DataFrame(rows, index=watch.table.index),
        kind="followed",
    )


def _text(watch: Watch) -> str:
    n = len(watch.table)
    empty = int((watch.table["n_papers"] == 0).sum())
    without = f" {count(empty)} of them {'has' if empty == 1 else 'have'} no paper here." if empty else ""
    return (
        f"{'This theme was' if n == 1 else f'These {count(n)} themes were'} asked for and not found by "
        f"clustering.{without} A paper is in a theme if it says one of its phrases or was given as an "
        "example, or if it is as like these papers as half of them are to each other. A paper may be in "
        "several themes, and in a topic as well."
    )


def _counted(followed: Trends, among: np.ndarray) -> str:
    """Say which papers are counted, where some have an abstract and some have none."""
    if among.all():
        return ""
    n_of = f"{count(among.sum())} of {count(len(among))}"
    return (
        f" Over time only {followed.whole} are counted ({n_of}), since a title says a phrase more seldom "
        "than an abstract does."
    )


def _kinds(theme: pd.Series, n_counted: int, n_left_out: int) -> str:
    """Say how the papers of a theme were found, and how many of them no period counts."""
    if not theme["n_papers"]:
        return "No paper of this theme is here."
    n_given = theme["n_papers"] - theme["n_by_phrase"] - theme["n_by_likeness"]
    parts = [
        f"{count(n)} {how}"
        for n, how in (
            (theme["n_by_phrase"], "by phrase"),
            (theme["n_by_likeness"], "by likeness"),
            (n_given, "given as example" + "s" * (n_given != 1)),
        )
        if n
    ]
    undated = max(int(theme["n_papers"]) - n_counted - n_left_out, 0)
    late = f"; {count(undated)} without a date that can be counted" if undated else ""
    other = f"; {count(n_left_out)} not counted over time" if n_left_out else ""
    return f"{papers_word(theme['n_papers'])}: {', '.join(parts)}{other}{late}."


def _latest(series: pd.DataFrame, every: str) -> str:
    whole = series[series["complete"]]
    if not len(whole):
        return ""
    row = whole.iloc[-1]
    return (
        f"{period_label(row['period'], every)}: {percent(row['share'])} of papers "
        f"({percent(row['share_low'])} to {percent(row['share_high'])}), "
        f"{count(row['n_papers'])} of {count(row['n_total'])}."
    )


def _quality(theme: pd.Series) -> str:
    """Say precision and recall in words, and whether they were counted or estimated."""
    if theme["estimate"] == "none":
        if not theme["n_papers"]:
            return ""
        return "How many papers are right or missed is not known."
    estimated = "an estimated " if theme["estimate"] == "estimated" else ""
    right, found = (
        f"{theme[name]:.0%} ({theme[f'{name}_low']:.0%} to {theme[f'{name}_high']:.0%})"
        if np.isfinite(theme[name])
        else ""
        for name in ("precision", "recall")
    )
    parts = []
    if right:
        parts.append(f"{estimated}{right} of these papers belong to the theme")
    if found:
        parts.append(f"{estimated}{found} of the theme’s papers are among them")
    said = " and ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else ""
