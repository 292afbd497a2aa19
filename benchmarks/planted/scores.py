"""From topics back to planted themes: which topics are whose, and whether they are called rightly.

A planted theme is found again as the topics most of whose papers are its own.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.planted.texts import OFF_TOPIC

RIGHT = {"rising": 1, "emerging": 1, "falling": -1, "flat": 0}
"""What a call should be: up, down, none."""

GROUPS = {"risers": ("rising", "emerging"), "fallers": ("falling",), "flat": ("flat",)}

Rule = Callable[[pd.DataFrame], pd.Series]


def counted(papers: pd.DataFrame, topic: pd.Series, periods: pd.DataFrame) -> pd.DataFrame:
    """Count the papers of each topic, -1 too, by given periods, zeros included."""
    starts = periods.index
    place = starts.searchsorted(papers["date"], side="right") - 1
    topic_ids, row = np.unique(topic.reindex(papers.index).to_numpy(), return_inverse=True)
    n_papers = np.zeros((len(topic_ids), len(starts)), int)
    np.add.at(n_papers, (row, place), 1)
    return pd.DataFrame(
        {
            "topic_id": np.repeat(topic_ids, len(starts)),
            "period": np.tile(starts, len(topic_ids)),
            "n_papers": n_papers.ravel(),
            "n_total": np.tile(n_papers.sum(axis=0), len(topic_ids)),
            "complete": np.tile(periods["complete"], len(topic_ids)),
        }
    )


def themes_of(topic: pd.Series, theme: pd.Series) -> pd.Series:
    """Give the planted theme that most papers of each topic have."""
    assigned = topic[topic != -1]
    return theme.reindex(assigned.index).groupby(assigned).agg(lambda found: found.value_counts().index[0])


def merged(table: pd.DataFrame, theme_of: pd.Series, names: Sequence[str]) -> pd.DataFrame:
    """Add up the topics of each theme; the theme's place in `names` is its topic_id."""
    place = table["topic_id"].map(theme_of.map({name: k for k, name in enumerate(names)})).fillna(-1)
    rest = {name: "first" for name in ("n_total", "complete") if name in table.columns}
    by = table.assign(topic_id=place.astype(int)).groupby(["topic_id", "period"], as_index=False)
    return by.agg({"n_papers": "sum"} | rest)


def scored(
    by_topic: pd.Series, by_theme: pd.Series, theme_of: pd.Series, truth: pd.DataFrame
) -> dict[str, Any]:
    """Score calls (1 up, -1 down, 0 none) of topics and of themes, whose topics were added up.

    A group's number is that of its themes called rightly by their added topics; "by topics" counts those with
    a topic called rightly and none called the other way, or, of flat ones, those with any topic called. A
    theme without a topic is missed.
    """
    result: dict[str, Any] = {}
    wrong = []
    for group, kinds in GROUPS.items():
        themes = truth.index[truth["kind"].isin(kinds)]
        said = by_theme.reindex(themes)
        aim = RIGHT[kinds[0]]
        each = {theme: by_topic.reindex(theme_of.index[theme_of == theme]) for theme in themes}
        if aim:
            result[group] = int((said == aim).sum())
            result[f"{group} by topics"] = sum(
                bool((calls == aim).any() and not (calls == -aim).any()) for calls in each.values()
            )
            wrong += [theme for theme in themes if said[theme] != aim]
        else:
            result[f"{group} called"] = int((said.fillna(0) != 0).sum())
            result[f"{group} called by topics"] = sum(bool((calls != 0).any()) for calls in each.values())
            wrong += [theme for theme in themes if said.fillna(0)[theme] != 0]
    rest = by_topic.reindex(theme_of.index[theme_of == OFF_TOPIC])
    result |= {"off topic called": int((rest != 0).sum()), "off topic": len(rest), "wrong": wrong}
    return result


def judged(rule: Rule, table: pd.DataFrame, theme_of: pd.Series, truth: pd.DataFrame) -> dict[str, Any]:
    """Score what a rule calls in a table of topics, and in that of the themes, whose topics are added up."""
    names = list(truth.index)
    by_theme = rule(merged(table, theme_of, names))
    by_theme = by_theme[by_theme.index >= 0].rename(index=dict(enumerate(names)))
    by_topic = rule(table)
    return scored(by_topic[by_topic.index >= 0], by_theme, theme_of, truth)
