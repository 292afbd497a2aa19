"""Papers whose trends are known: does the whole flow, from text to call, find them, and do its peers?

python -m benchmarks.planted.papers [--seeds N] [--papers N]

`texts` writes titles and abstracts; how many papers a theme has in a month follows a set curve. A planted
theme is found again as the topics most of whose papers are its own. All tools get the same texts, dates
and vectors of MiniLM, and every rule of `readings` reads the topics of both trends and BERTopic, so that
topics and statistics can be told apart.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import trends as tr
from benchmarks.environments import RESULTS
from benchmarks.planted.readings import RULES, call_measured, call_slope
from benchmarks.planted.texts import off_topic_paper, theme_paper

OFF_TOPIC = "off topic"
"""What papers of no theme are filed under; they take the share that the themes leave."""

FIRST, YEARS = "2020-01-01", 5
LAST_DAY = "2024-12-31"

CORPUS_GROWTH = 1.35
"""The corpus grows by so much a year: four and a half times in all."""

SWING = 0.4
"""A month has up to this part more or fewer papers than its trend."""

CONFERENCES, CONFERENCE = (5, 11), 1.6
"""Months (from 0) with so many times the papers."""

CLUMP = 3
"""Half of the papers come so many at a time, of one theme on one day."""

MENTIONED = 0.15
"""This part of the papers mentions another theme, in proportion to how common that theme then is."""

DETECTED = 2.24
"""Standard errors of a slope at p .025: what Benjamini and Hochberg's q of .05 asks where half of the themes move."""


@dataclass(frozen=True)
class Curve:
    """The share of one theme over time: its odds change by a constant ratio a year.

    Attributes
    ----------
    theme
        One of `texts.WORDS`.
    share
        At the middle of the time.
    growth
        Odds ratio per year.
    absent
        Years from the beginning without any paper.
    """

    theme: str
    share: float
    growth: float = 1.0
    absent: float = 0.0

    @property
    def kind(self) -> str:
        """Give what the curve is: rising, emerging, falling or flat."""
        if self.growth == 1:
            return "flat"
        if self.absent:
            return "emerging"
        return "rising" if self.growth > 1 else "falling"

    def shares(self, years: np.ndarray) -> np.ndarray:
        """Give the share at each moment, in years from the beginning."""
        odds = self.share / (1 - self.share) * self.growth ** (years - YEARS / 2)
        return np.where(years < self.absent, 0.0, odds / (1 + odds))


CURVES = (
    Curve("image diffusion", 0.055, 1.4),
    Curve("sparse attention", 0.03, 1.6),
    Curve("visual token pruning", 0.015, 2.0),
    Curve("retrieval-augmented generation", 0.008, 2.5),
    Curve("sparse autoencoders", 0.01, 2.5, absent=YEARS / 3),
    Curve("reinforcement learning", 0.07, 0.7),
    Curve("adversarial image generation", 0.045, 0.6),
    Curve("recurrent translation", 0.022, 0.5),
    Curve("mixture of experts", 0.09),  # the trap: by count it grows with the corpus, and is large
    *(
        Curve(theme, 0.055)
        for theme in (
            "graph networks", "speech recognition", "federated learning", "protein structure",
            "3D reconstruction",
        )
    ),
)  # fmt: skip
"""Five themes rise, three fall, six stay; the themes' shares sum to .6 to .85."""


def plant_papers(
    seed: int, *, n_papers: int = 3_000, curves: Sequence[Curve] = CURVES, clump: int = CLUMP
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write papers whose themes follow set curves, and say what is true of them.

    Each month's papers are drawn from the shares of its middle, half of them one by one and half in clumps
    of one theme on one day, which makes the variance of counts (1 + clump) / 2 times the binomial one.

    Parameters
    ----------
    seed
        Decides everything.
    n_papers
        About how many papers; the months' sizes are rounded.
    curves
        The themes and their shares; what they leave is off topic.
    clump
        Papers of a clump.

    Returns
    -------
    papers
        title, abstract, date (text, to the day) and theme, which is not for reading; in shuffled order.
    truth
        By theme, off topic last: kind (rising, emerging, falling, flat, rest), growth (odds ratio per year;
        that of the rest is the slope of its share, so no curve), calls (the right ones, as a tuple; none
        for the rest), expected (papers expected), n_papers, power (chance that a slope of so many papers is
        found; NaN where there is none to find).

    Raises
    ------
    ValueError
        The curves leave no share for papers off topic.
    """
    random = np.random.default_rng(seed)
    years = (np.arange(12 * YEARS) + 0.5) / 12
    shares = np.array([curve.shares(years) for curve in curves])
    shares = np.vstack([shares, 1 - shares.sum(axis=0)])
    if (shares < 0).any():
        raise ValueError(f"The curves' shares sum to {shares[:-1].sum(axis=0).max():.2f}; they must stay below 1.")
    names = [*(curve.theme for curve in curves), OFF_TOPIC]
    sizes = _sizes(n_papers, years, random)
    rows: list[tuple[str, str, str, str]] = []
    taken: set[str] = set()
    for month, size in enumerate(sizes):
        for theme, day in _drawn(shares[:, month], size, month, clump, random):
            title, abstract = _unused(names, theme, shares[:-1, month], taken, random)
            rows.append((title, abstract, day, names[theme]))
    papers = pd.DataFrame(rows, columns=["title", "abstract", "date", "theme"])
    papers = papers.iloc[random.permutation(len(papers))].reset_index(drop=True)
    return papers, _truth(curves, names, shares, sizes, years, clump, papers)


def _sizes(n_papers: int, years: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Give the papers of each month: growth, conferences, and a swing."""
    season = np.where(np.isin(np.arange(len(years)) % 12, CONFERENCES), CONFERENCE, 1.0)
    weights = CORPUS_GROWTH**years * season * random.uniform(1 - SWING, 1 + SWING, len(years))
    return np.maximum(1, np.round(n_papers * weights / weights.sum())).astype(int)


def _drawn(
    shares: np.ndarray, size: int, month: int, clump: int, random: np.random.Generator
) -> list[tuple[int, str]]:
    """Draw the theme and day of each paper of a month."""
    n_clumps = size // (2 * clump)
    lengths = [clump] * n_clumps + [1] * (size - clump * n_clumps)
    start = np.datetime64(FIRST, "M") + month
    n_days = int(((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(int))
    themes = random.choice(len(shares), len(lengths), p=shares)
    days = start.astype("datetime64[D]") + random.integers(n_days, size=len(lengths))
    return [(int(k), str(day)) for k, day, n in zip(themes, days, lengths) for _ in range(n)]


def _unused(
    names: list[str], theme: int, shares: np.ndarray, taken: set[str], random: np.random.Generator
) -> tuple[str, str]:
    """Write a paper whose title no other has."""
    mentioned = None
    if random.random() < MENTIONED:
        other = int(random.choice(len(shares), p=shares / shares.sum()))
        mentioned = None if other == theme else names[other]
    while True:
        if names[theme] == OFF_TOPIC:
            title, abstract = off_topic_paper(random)
        else:
            title, abstract = theme_paper(names[theme], mentioned, random)
        if title.casefold() not in taken:
            taken.add(title.casefold())
            return title, abstract


def _truth(
    curves: Sequence[Curve],
    names: list[str],
    shares: np.ndarray,
    sizes: np.ndarray,
    years: np.ndarray,
    clump: int,
    papers: pd.DataFrame,
) -> pd.DataFrame:
    right = {
        "rising": ("growing", "emerging"),
        "emerging": ("emerging", "growing"),
        "falling": ("declining",),
        "flat": ("steady", "too few to say"),
    }
    kinds = [curve.kind for curve in curves]
    rest = np.polyfit(years, np.log(shares[-1] / (1 - shares[-1])), 1, w=np.sqrt(sizes))[0]
    table = pd.DataFrame(
        {
            "kind": [*kinds, "rest"],
            "growth": [*(curve.growth for curve in curves), np.exp(rest)],
            "calls": [*(right[kind] for kind in kinds), ()],
            "expected": shares @ sizes,
            "power": _power(np.log([*(curve.growth for curve in curves), 1.0]), shares, sizes, years, clump),
        },
        index=pd.Index(names, name="theme"),
    )
    table["n_papers"] = papers["theme"].value_counts().reindex(names, fill_value=0).astype(int)
    return table


def _power(
    slopes: np.ndarray, shares: np.ndarray, sizes: np.ndarray, years: np.ndarray, clump: int
) -> np.ndarray:
    """Give the chance of finding a slope: the normal approximation with the clumps' dispersion.

    The standard error is that of a logistic slope with the expected weights, which are uneven in time; with
    even ones it is sqrt(12 dispersion / papers) / years.
    """
    from scipy.stats import norm

    weights = sizes * shares * (1 - shares)
    middle = (weights @ years) / weights.sum(axis=1)
    spread = (weights * (years - middle[:, None]) ** 2).sum(axis=1)
    error = np.sqrt((1 + clump) / 2 / spread)
    return np.where(slopes == 0, np.nan, norm.cdf(np.abs(slopes) / error - DETECTED))


FOLLOWED = [
    {"name": "sparse attention", "phrases": ["sparse attention", "attention sparsity"]},
    {"name": "sparse autoencoders", "phrases": ["sparse autoencoder"]},
    {"name": "visual token pruning", "phrases": ["token pruning", "token reduction"]},
    {"name": "mixture of experts", "phrases": ["mixture of experts", "MoE"]},
]
"""The themes of the watch list, by a phrase or two of their names."""

SHUFFLES = 20
"""How often the dates are shuffled among the papers of a seed."""

RIGHT = {"rising": 1, "emerging": 1, "falling": -1, "flat": 0}
"""What a call should be: up, down, none."""

GROUPS = {"risers": ("rising", "emerging"), "fallers": ("falling",), "flat": ("flat",)}

Rule = Callable[[pd.DataFrame], pd.Series]


def read(papers: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Load planted papers as a user's table; give them and the planted theme of each by paper_id."""
    loaded = tr.load(papers[["title", "abstract", "date"]])
    theme = papers.set_index("title")["theme"].reindex(loaded["title"])
    return loaded, pd.Series(theme.to_numpy(), index=loaded.index, name="theme")


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


def scored(by_topic: pd.Series, by_theme: pd.Series, theme_of: pd.Series, truth: pd.DataFrame) -> dict[str, Any]:
    """Score calls (1 up, -1 down, 0 none) of topics and of themes, whose topics were added up.

    `found` are themes called rightly by their added topics; `by topics` those with a topic called rightly
    and none called the other way, or, of flat ones, those with any topic called. A theme without a topic is
    missed.
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


def judged(
    rule: Rule, table: pd.DataFrame, theme_of: pd.Series, truth: pd.DataFrame, over: Rule | None = None
) -> dict[str, Any]:
    """Score what a rule calls in a table of topics; `over` reads the added topics where that is another."""
    names = list(truth.index)
    by_theme = (over or rule)(merged(table, theme_of, names))
    by_theme = by_theme[by_theme.index >= 0].rename(index=dict(enumerate(names)))
    by_topic = rule(table)
    return scored(by_topic[by_topic.index >= 0], by_theme, theme_of, truth)


def bertopic(papers: pd.DataFrame, vectors: np.ndarray, seed: int, n_bins: int) -> tuple[pd.Series, pd.DataFrame]:
    """Fit BERTopic with its defaults and a seed; give each paper's topic and its topics over time."""
    from bertopic import BERTopic
    from umap import UMAP

    texts = tr.core.words.documents(papers).tolist()
    layout = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed, n_jobs=1)
    model = BERTopic(umap_model=layout, embedding_model=_NoEncoder())
    labels, _ = model.fit_transform(texts, embeddings=vectors)
    over_time = model.topics_over_time(texts, list(papers["date"]), nr_bins=n_bins)
    table = over_time.rename(columns={"Topic": "topic_id", "Timestamp": "period", "Frequency": "n_papers"})
    return pd.Series(labels, index=papers.index), table[["topic_id", "period", "n_papers"]]
