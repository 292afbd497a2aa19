"""Papers whose trends are known: does the whole flow, from text to call, find them, and do its peers?

python -m benchmarks.planted.papers [--seeds N] [--papers N] [--known N]

`texts` writes titles and abstracts; how many papers a theme has in a month follows a set curve. All tools
get the same texts, dates and vectors of MiniLM, and most rules of `readings` read the topics of trends and
those of BERTopic, so that what topics and what statistics do can be told apart. Further seeds are read by
every rule with the theme of each paper known, which is statistics alone and takes a second each.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import trends as tr
from benchmarks.environments import RESULTS
from benchmarks.planted.readings import RULES, call_measured, call_slope
from benchmarks.planted.scores import GROUPS, counted, judged, merged, themes_of
from benchmarks.planted.texts import OFF_TOPIC, off_topic_paper, theme_paper
from trends.core.words import documents

RESULTS_FILE = RESULTS / "planted_papers.json"

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

MENTIONED, BLENDED = 0.15, 0.3
"""Parts of the papers that mention another theme, or take two of five sentences from one; which, goes by how
common it then is."""

DETECTED = 2.24
"""Standard errors of a slope at p .025, which a q of .05 asks where half of the themes move."""


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
        most = shares[:-1].sum(axis=0).max()
        raise ValueError(f"The curves' shares sum to {most:.2f}; they must stay below 1.")
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
    other, chance = None, random.random()
    if chance < MENTIONED + BLENDED:
        drawn = int(random.choice(len(shares), p=shares / shares.sum()))
        other = None if drawn == theme else names[drawn]
    while True:
        if names[theme] == OFF_TOPIC:
            title, abstract = off_topic_paper(random)
        else:
            title, abstract = theme_paper(names[theme], other, chance < BLENDED, random)
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

FINER = 0.8
"""Detail of a second reading, in which themes come in several topics."""

SHUFFLES = 20
"""How often the dates are shuffled among the papers of a seed."""


def read(papers: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Load planted papers as a user's table; give them and the planted theme of each by paper_id."""
    loaded = tr.load(papers[["title", "abstract", "date"]])
    theme = papers.set_index("title")["theme"].reindex(loaded["title"])
    return loaded, pd.Series(theme.to_numpy(), index=loaded.index, name="theme")


def bertopic(
    papers: pd.DataFrame, vectors: np.ndarray, seed: int, n_bins: int
) -> tuple[pd.Series, pd.DataFrame]:
    """Fit BERTopic with its defaults and a seed; give each paper's topic and its topics over time."""
    from bertopic import BERTopic
    from umap import UMAP

    texts = documents(papers).tolist()
    layout = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed, n_jobs=1)
    model = BERTopic(umap_model=layout)
    labels, _ = model.fit_transform(texts, embeddings=vectors)
    over_time = model.topics_over_time(texts, list(papers["date"]), nr_bins=n_bins)
    table = over_time.rename(columns={"Topic": "topic_id", "Timestamp": "period", "Frequency": "n_papers"})
    return pd.Series(labels, index=papers.index), table[["topic_id", "period", "n_papers"]]


def measured(seed: int, n_papers: int) -> dict[str, Any]:
    """Plant one corpus, go the whole way with each tool, and score every rule on the topics of each."""
    planted, truth = plant_papers(seed, n_papers=n_papers)
    papers, theme = read(planted)
    embeddings = tr.embed(papers, exact=True)
    topics = tr.label(papers, tr.cluster(papers, embeddings, seed=seed))
    counts = tr.count(papers, topics, observed_until=LAST_DAY)
    table = counts.table.assign(complete=counts.table["period"].map(counts.periods["complete"]))
    topic = topics.members["topic_id"].reindex(papers.index)
    theirs, over_time = bertopic(papers, embeddings.to_numpy(), seed, len(counts.periods))
    their_table = counted(papers, theirs, counts.periods)
    their_themes, theme_of = themes_of(theirs, theme), themes_of(topic, theme)
    results = {f"trends, {name}": judged(rule, table, theme_of, truth) for name, rule in RULES.items()}
    finer = tr.cluster(papers, embeddings, detail=FINER, seed=seed).members["topic_id"].reindex(papers.index)
    fine_table, fine_themes = counted(papers, finer, counts.periods), themes_of(finer, theme)
    results["trends finer, measure"] = judged(call_measured, fine_table, fine_themes, truth)
    results["BERTopic, topics_over_time"] = judged(call_slope, over_time, their_themes, truth)
    for name in ("share slope", "BERTrend-like", "BERTrend-like, weak", "measure"):
        results[f"BERTopic, {name}"] = judged(RULES[name], their_table, their_themes, truth)
    return {
        "papers": len(papers),
        "every": counts.every,
        "least power": round(float(truth["power"].min()), 3),
        "results": results,
        "followed": followed(papers, embeddings, theme, counts.every),
        "themes": themes_told(table, topic, theme, theme_of, truth),
        "topics": {
            "trends": told(topic, theme, theme_of),
            "trends finer": told(finer, theme, fine_themes),
            "BERTopic": told(theirs, theme, their_themes),
        },
        "calls on shuffled dates": shuffled(papers, topic, counts.periods, seed),
    }


def told(topic: pd.Series, theme: pd.Series, theme_of: pd.Series) -> dict[str, Any]:
    """Say how many topics there are and how well they keep to the planted themes."""
    inside = topic[topic != -1]
    pure = (inside.map(theme_of) == theme.reindex(inside.index)).mean()
    return {
        "topics": len(theme_of),
        "unassigned": round(1 - len(inside) / len(topic), 3),
        "in a topic of their theme": round(float(pure), 3),
    }


def themes_told(
    table: pd.DataFrame, topic: pd.Series, theme: pd.Series, theme_of: pd.Series, truth: pd.DataFrame
) -> dict[str, dict[str, Any]]:
    """Give, theme by theme, what was planted and what came of it in the added topics of trends."""
    names = list(truth.index)
    calls = tr.measure(merged(table, theme_of, names)).calls.rename(index=dict(enumerate(names)))
    found = topic.map(theme_of)
    rows: dict[str, dict[str, Any]] = {}
    for name, row in truth.iterrows():
        rows[name] = {
            "kind": row["kind"],
            "planted growth": round(float(row["growth"]), 2),
            "papers": int(row["n_papers"]),
            "power": None if np.isnan(row["power"]) else round(float(row["power"]), 3),
            "topics": int((theme_of == name).sum()),
            "recall": round(float((found[theme == name] == name).mean()), 3),
        }
        if name in calls.index:
            call = calls.loc[name]
            rows[name] |= {
                "status": str(call["status"]),
                **{
                    part: round(float(call[part]), 3) for part in ("growth", "growth_low", "growth_high", "q")
                },
                "dispersion": round(float(call["dispersion"]), 2),
            }
    return rows


def followed(papers: pd.DataFrame, embeddings: pd.DataFrame, theme: pd.Series, every: str) -> dict[str, Any]:
    """Follow the themes of the watch list: what is called of each, and how many of its papers are right."""
    watch = tr.watch(papers, embeddings, FOLLOWED)
    calls = tr.measure(
        tr.count_themes(papers, watch, every=every, observed_until=LAST_DAY), every=every
    ).calls
    rows = {}
    for theme_id, call in calls.iterrows():
        name = call["label"]
        ids = watch.members.loc[watch.members["theme_id"] == theme_id, "paper_id"]
        right = (theme.reindex(ids) == name).sum()
        rows[name] = {
            "status": str(call["status"]),
            **{part: round(float(call[part]), 3) for part in ("growth", "growth_low", "growth_high")},
            "precision": round(float(right / max(1, len(ids))), 3),
            "recall": round(float(right / (theme == name).sum()), 3),
        }
    return rows


def shuffled(papers: pd.DataFrame, topic: pd.Series, periods: pd.DataFrame, seed: int) -> dict[str, float]:
    """Deal the dates out anew and count the calls of each rule: how many topics a table, on average."""
    random = np.random.default_rng([seed, 1])
    called = dict.fromkeys(RULES, 0)
    for _ in range(SHUFFLES):
        dealt = papers.assign(date=random.permutation(papers["date"].to_numpy()))
        table = counted(dealt, topic, periods)
        for name, rule in RULES.items():
            calls = rule(table)
            called[name] += int((calls[calls.index >= 0] != 0).sum())
    return {name: round(n / SHUFFLES, 2) for name, n in called.items()}


def known(seed: int, n_papers: int) -> dict[str, dict[str, Any]]:
    """Score every rule where each theme is one topic without a fault, by quarter."""
    planted, truth = plant_papers(seed, n_papers=n_papers)
    papers = planted.assign(date=pd.to_datetime(planted["date"]))
    place = {name: k for k, name in enumerate(truth.index)}
    starts = pd.date_range(FIRST, LAST_DAY, freq="QS", name="period", unit="us")
    table = counted(papers, papers["theme"].map(place), pd.DataFrame({"complete": True}, index=starts))
    theme_of = pd.Series({k: name for name, k in place.items()})
    return {name: judged(rule, table, theme_of, truth) for name, rule in RULES.items()}


def summed(results: Sequence[dict[str, dict[str, Any]]]) -> dict[str, dict[str, int]]:
    """Add up the scores of all seeds."""
    names = [name for name in next(iter(results[0].values())) if name != "wrong"]
    return {
        tool: {name: sum(result[tool][name] for result in results) for name in names} for tool in results[0]
    }


def main() -> dict[str, Any]:
    """Measure, print a table and return all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted.papers")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--papers", type=int, default=3_000)
    parser.add_argument("--known", type=int, default=100)
    asked = parser.parse_args()
    seeds: dict[str, dict[str, Any]] = {}
    for seed in range(asked.seeds):
        seeds[f"seed {seed}"] = measured(seed, asked.papers)
        _show(f"seeds 0 to {seed}", told_of([found["results"] for found in seeds.values()]))
    result: dict[str, Any] = told_of([found["results"] for found in seeds.values()])
    if asked.known:
        alone = told_of([known(seed, asked.papers) for seed in range(asked.known)])
        _show(f"themes known, {asked.known} seeds", alone)
        result["themes known"] = {"seeds": asked.known} | alone
    RESULTS_FILE.write_text(json.dumps(result | seeds, indent=1) + "\n", encoding="utf-8")
    return result | seeds


def _show(name: str, found: dict[str, Any]) -> None:
    print(name, found["planted"])
    print(pd.DataFrame(found["found"]).T.to_string(), flush=True)


def told_of(results: Sequence[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Give how many themes were planted in all seeds, and what each rule made of them."""
    kinds = pd.Series([curve.kind for curve in CURVES])
    planted = {group: int(kinds.isin(of).sum()) * len(results) for group, of in GROUPS.items()}
    return {"planted": planted, "found": summed(results)}


if __name__ == "__main__":
    main()
