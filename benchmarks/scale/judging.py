"""How much of what was planted a run found: topics, calls and bursts."""

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.metrics import agreement
from benchmarks.planted.readings import call_measured
from benchmarks.planted.scores import judged, themes_of
from benchmarks.planted.texts import OFF_TOPIC
from benchmarks.scale.corpus import theme_of_papers, themes
from benchmarks.scale.runs import Run, corpus_of, members_of


def topics_judged(topic: pd.Series, theme: pd.Series) -> dict[str, Any]:
    """Compare topics of papers with the planted themes; those off topic are a class of their own.

    Parameters
    ----------
    topic
        The topic of each paper by paper_id, -1 in none.
    theme
        The planted theme of each paper as a number, the largest off topic.
    """
    theme = theme.reindex(topic.index)
    figures = agreement(topic.to_numpy(), theme.to_numpy())
    on = (theme != theme.max()).to_numpy()
    on_topic = agreement(topic.to_numpy()[on], theme.to_numpy()[on])
    inside = topic.to_numpy()[~on] != -1
    return {
        "topics": figures["n_topics"],
        "covered": round(figures["coverage"], 3),
        "ami": round(figures["ami"], 3),
        "ami, papers on a theme": round(on_topic["ami"], 3),
        "covered, papers off topic": round(float(inside.mean()), 3),
    }


def trends_judged(run: Run) -> dict[str, Any]:
    """Say which planted trends and bursts a run called rightly, and how many topics off theme it called."""
    folder = corpus_of(run.n_papers)
    truth, number = themes(folder), theme_of_papers(folder)
    topic = members_of(run)["topic_id"]
    theme = pd.Series(truth.index.to_numpy()[number.reindex(topic.index)], index=topic.index)
    theme_of = themes_of(topic, theme)
    counts = pd.read_parquet(run.folder / "counts.parquet")
    periods = pd.read_parquet(run.folder / "periods.parquet").set_index("period")
    table = counts.assign(complete=counts["period"].map(periods["complete"]))
    calls = judged(call_measured, table, theme_of, truth)
    planted = truth["kind"].value_counts()
    moving = int(planted[["rising", "emerging", "falling"]].sum())
    right = calls["risers"] + calls["fallers"]
    return {
        "themes": len(truth) - 1,
        "themes with a topic": int(pd.Index(theme_of.unique()).difference([OFF_TOPIC]).size),
        "moving": moving,
        "moving called rightly": right,
        "share called rightly": round(right / moving, 3),
        "flat": int(planted["flat"]),
        "flat called moving": calls["flat called"],
        "topics off topic": calls["off topic"],
        "called wrongly": calls["wrong"],
        "bursts": bursts_judged(pd.read_parquet(run.folder / "bursts.parquet"), theme_of, truth),
    }


def bursts_judged(bursts: pd.DataFrame, theme_of: pd.Series, truth: pd.DataFrame) -> dict[str, int]:
    """Count planted bursts that a burst of one of their theme's topics meets, and bursts of flat themes."""
    planted = truth[truth["kind"] == "bursting"].reindex(bursts["topic_id"].map(theme_of))
    meets = np.asarray(bursts["start"] <= planted["burst_end"].to_numpy()) & np.asarray(
        bursts["end"] >= planted["burst_start"].to_numpy()
    )
    themes_met = planted.index[meets].nunique()
    flat = bursts["topic_id"].map(theme_of).map(truth["kind"]) == "flat"
    return {
        "planted": int((truth["kind"] == "bursting").sum()),
        "found": int(themes_met),
        "of flat themes": int(flat.sum()),
    }
