"""Are this project's topics steady, and do they stay so as a corpus grows? And what does the student cost?

    python -m benchmarks.topics stability|seeds|labels|growth|double|student|abstracts|bbc... [--papers N]

Each part runs alone; without a name all run. Texts stay encoded in the folder of `benchmarks.environments`,
so that only the first run takes long. Results go to `benchmarks/results/topics.json`, the chart of `growth`
beside it.
"""

import argparse
import inspect
import itertools
import json
import math
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import corpora, metrics
from benchmarks.environments import RESULTS
from benchmarks.growth_chart import draw
from benchmarks.peers.__main__ import encoding_python
from benchmarks.peers.environments import DETAILS, PEERS
from benchmarks.peers.figures import mean, rounded
from benchmarks.peers.runs import Wanted, embeddings_of, make, warm_cache

INTO = RESULTS / "topics.json"
CORPUS = "arxiv_2025"
ALL = 13_640
SEEDS = range(5)
DOUBLED = {CORPUS: (2_000, 4_000, 8_000, ALL), "conference": (2_000, 4_000, 8_000, 16_000)}
GROWTH = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 91_906)
NUMBERS = (10, 20, 30, 50, 75, 100)
PROTOCOL = (10, 20, 30, 40, 50)
LABELLING = ("bertopic", "keynmf", "gmm")
FOLLOWED = (
    *("reinforcement learning", "diffusion models", "large language models", "graph neural networks"),
    *("reasoning", "transformers", "federated learning", "retrieval", "agents", "vision-language models"),
    *("speech", "robot", "segmentation", "privacy", "fairness", "causal", "time series", "benchmark"),
    *("adversarial", "attention"),
)


def main() -> None:
    """Run the parts asked for, print what they find and keep it."""
    parts: dict[str, Callable[[int], dict]] = {
        "stability": stability,
        "seeds": seeds,
        "labels": labels,
        "growth": growth,
        "double": double,
        "student": student,
        "abstracts": abstracts,
        "bbc": bbc,
    }
    parser = argparse.ArgumentParser(prog="python -m benchmarks.topics", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*parts, []], metavar="PART", help="what to measure; all by default"
    )
    parser.add_argument("--papers", type=int, default=0, help="fewer papers, to try a part out; not kept")
    asked = parser.parse_args()
    os.environ["TRENDS_CACHE"] = str(warm_cache())
    for part in asked.parts or parts:
        print(f"\n## {part}", flush=True)
        found = rounded(parts[part](asked.papers))
        print(json.dumps(found, indent=1))
        if not asked.papers:
            known = json.loads(INTO.read_text(encoding="utf-8")) if INTO.exists() else {}
            INTO.write_text(json.dumps(known | {part: found}, indent=1) + "\n", encoding="utf-8")


# --- the parts ------------------------------------------------------------------------------------------


def stability(n_papers: int = 0) -> dict[str, Any]:
    """Fit five seeds, and five draws of nine tenths of the papers, each with a seed of its own."""
    papers = corpora.table(corpora.read(CORPUS, n_papers or 6_000))
    fits, draws, drawn = [], [], []
    for seed in SEEDS:
        fits.append(Fit(papers, seed=seed))
        drawn.append(papers.iloc[corpora.drawn(len(papers), seed)])
        draws.append(Fit(drawn[-1], seed=seed))
        print(f"seed {seed}: {fits[-1].n_topics} topics; of nine tenths {draws[-1].n_topics}", flush=True)
    every = [*fits, *draws]
    labels = [metrics.label_figures(fit.labels) for fit in every]
    return {
        "papers": len(papers),
        "over seeds": agreement(fits),
        "over draws of nine tenths": agreement(draws),
        "words over draws, topics kept": words_alone(drawn, fits[0]),
        "topics": [fit.n_topics for fit in every],
        "labels unique, least": min(one["unique"] for one in labels),
        "words a label, mean": mean([one["words_mean"] for one in labels]),
        "words a label, most": max(one["words_most"] for one in labels),
    }


def seeds(n_papers: int = 0) -> dict[str, Any]:
    """Fit five seeds at 10 to 50 topics of 2,048 abstracts: what S3's benchmark has published figures for.

    There (Kardos, Kostkan, Vermillet, Nielbo, Enevoldsen and Rocca 2025) the abstracts are other ones of
    machine learning, words are counted with stop words, and ten words of paired topics are .862 alike for
    KeyNMF, .860 for NMF, .803 for Top2Vec, .767 for BERTopic and .448 for a Gaussian mixture.
    """
    papers = corpora.table(corpora.read(CORPUS, n_papers or 2_048))
    table = {}
    for settings in granularities(PROTOCOL):
        fits = [Fit(papers, seed=seed, **settings) for seed in range(42, 47)]
        table[str(fits[0].n_topics)] = agreement(fits) | {"topics": [fit.n_topics for fit in fits]}
        print(settings, table[str(fits[0].n_topics)], flush=True)
    figures = ("words, overlap", "words, of_all", "terms, overlap", "document ari")
    means = {figure: mean([row[figure] for row in table.values()]) for figure in figures}
    return {"papers": len(papers), "mean": means, **table}


def words_alone(draws: Sequence[Any], fit: "Fit") -> float:
    """Say how far the words of topics agree between draws of papers if the topics themselves are kept.

    No way of finding topics can be steadier than this in its words, chosen as `cluster` chooses them.
    """
    from trends.core.words import documents, word_counts
    from trends.topics._terms import class_terms

    found = []
    for papers in draws:
        counts = word_counts(documents(papers))
        topics = np.array([fit.members[name] for name in papers.index])
        terms = class_terms(counts, fit.vectors.loc[papers.index].to_numpy(), topics, fit.centroids)
        found.append([{word for word, _ in topic} for topic in terms])
    return mean(
        [
            len(a & b) / max(len(a | b), 1)
            for one, other in itertools.combinations(found, 2)
            for a, b in zip(one, other, strict=True)
        ]
    )


def labels(n_papers: int = 0) -> dict[str, Any]:
    """Who reads a label, does he find its topic? The encoder reads every tool's labels, at 10 to 100 topics.

    `first` and `reciprocal_rank` as in `metrics.recognised`, by the vectors that all peers share. Their
    labels are four words that are frequent in a topic, so that our first four terms are asked, too.
    """
    import trends as tr
    from trends.embeddings._encoders import find_encoder

    reader, table = find_encoder("minilm"), {}
    for n in [n_papers] if n_papers else (2_000, 6_000):
        papers = corpora.table(corpora.read(CORPUS, n))
        embeddings = tr.embed(papers)
        make(Wanted("encode", CORPUS, n, 0, (), "main"), encoding_python([*LABELLING]))
        vectors = np.load(embeddings_of(CORPUS, n))

        def told(shown: Sequence[str], ids: Sequence[int], vectors: np.ndarray = vectors) -> dict[str, float]:
            plain = [label.replace("_", " ") for label in shown]
            return {"n_topics": len(shown)} | metrics.recognised(reader.encode(plain), ids, vectors)

        points: dict[str, list[dict[str, float]]] = {}
        for seed, settings in itertools.product(range(3), [{}, *granularities()]):
            fit = Fit(papers, seed=seed, embeddings=embeddings, **settings)
            ids = [fit.members[name] for name in papers.index]
            four = [" ".join(terms[:4]) for terms in fit.terms]
            points.setdefault("trends", []).append(told(fit.labels, ids))
            points.setdefault("trends, four terms", []).append(told(four, ids))
        for peer in LABELLING:
            outcome = make(Wanted(peer, CORPUS, n, 0, NUMBERS, "curve", PEERS[peer].options))
            points[peer] = [told(fit["shown"], fit["labels"]) for fit in outcome.get("fits", [])]
            print(f"{n} {peer} done {outcome.get('error', '')}", flush=True)
        table[str(n)] = {
            name: {
                key: dict(
                    zip(
                        map(str, NUMBERS),
                        metrics.at_numbers([(p["n_topics"], p[key]) for p in some], NUMBERS),
                    )
                )
                for key in ("first", "reciprocal_rank")
            }
            for name, some in points.items()
        }
    return table


def growth(n_papers: int = 0) -> dict[str, Any]:
    """Time papers to labelled topics on ever more papers, each size in a process and a cache of its own."""
    sizes = [size for size in GROWTH if not n_papers or size <= n_papers]
    table = {}
    for size in sizes:
        run = Wanted("trends", "conference", size, 0, (None,), "main")
        made = run.outcome() or make(run)
        if "error" in made:
            table[str(size)] = {"error": made["error"]}
            continue
        labels = np.array(made["fits"][0]["labels"])
        # The encoding is bounded by the student's sample, so what grows is told apart.
        rest = made["seconds"]["total"] - made["seconds"]["encode"]
        table[str(size)] = made["seconds"] | {
            "total without encoding": rest,
            "processor seconds": made["processor seconds"],
            "peak memory, MiB": round(made["peak memory"] / 1024**2),
            "topics": len(set(labels.tolist()) - {-1}),
            "coverage": float((labels >= 0).mean()),
        }
        print(f"{size:>7,} papers: {made['seconds']['total']:.0f} s", flush=True)
    good = {int(size): row for size, row in table.items() if "error" not in row}
    exponents = {
        what: exponent([(size, row[what]) for size, row in good.items()])
        for what in ("total", "total without encoding", "processor seconds")
    }
    if not n_papers:
        points = [(size, row["total"]) for size, row in good.items()]
        svg = draw(points, exponents["total"])
        (RESULTS / "growth.svg").write_text(svg, encoding="utf-8")
    return {"papers": table, "exponent": exponents}


def double(n_papers: int = 0) -> dict[str, Any]:
    """Count topics of half of the papers and of all, up to all; halves are drawn from the wholes."""
    wholes = [
        (corpus, size)
        for corpus, sizes in DOUBLED.items()
        for size in sizes
        if not n_papers or size <= n_papers
    ]
    found: dict[str, Any] = {}
    for corpus, whole in wholes or [(CORPUS, n_papers)]:
        papers = corpora.table(corpora.read(corpus, whole))
        changes = []
        for seed in range(3):
            half = np.sort(np.random.default_rng(seed).choice(len(papers), len(papers) // 2, False))
            few, many = Fit(papers.iloc[half], seed=seed).n_topics, Fit(papers, seed=seed).n_topics
            changes.append({"half": few, "whole": many, "change": many / few - 1 if few else math.nan})
        found[f"{corpus}, {whole // 2:,} to {whole:,}"] = changes
        print(corpus, whole, changes, flush=True)
    largest = [abs(change["change"]) for changes in found.values() for change in changes]
    return {"papers": found, "largest change": max(largest)}


def student(n_papers: int = 0) -> dict[str, Any]:
    """Compare AMI of the student's topics with that of the transformer's at equal numbers of topics."""
    import trends as tr

    rows = corpora.read(CORPUS, n_papers or ALL)
    papers, truth = corpora.table(rows), [row["label"] for row in rows]
    embeddings = {"student": tr.embed(papers), "exact": tr.embed(papers, exact=True)}
    points: dict[str, list[dict[str, Any]]] = {}
    for name, vectors in embeddings.items():
        for seed, settings in itertools.product(range(3), granularities()):
            topics = tr.cluster(papers, vectors, seed=seed, **settings)
            ids = topics.members["topic_id"].reindex(papers.index)
            known = metrics.agreement(ids.tolist(), truth)
            points.setdefault(name, []).append({"seed": seed, "asked": settings} | known)
        print(f"{name} done", flush=True)
    table: dict[str, Any] = {}
    for measure in ("ami", "ami_assigned"):
        curves = {
            name: metrics.at_numbers([(p["n_topics"], p[measure]) for p in some if p["n_topics"]], NUMBERS)
            for name, some in points.items()
        }
        ratios = [a / b if a and b else None for a, b in zip(curves["student"], curves["exact"], strict=True)]
        named = {name: dict(zip(map(str, NUMBERS), values, strict=True)) for name, values in curves.items()}
        ratio = dict(zip(map(str, NUMBERS), ratios, strict=True))
        table[measure] = named | {"ratio": ratio, "mean ratio": mean(ratios)}
    fidelity = {k: embeddings["student"].attrs.get(k) for k in ("n_taught", "cosine", "neighbour_overlap")}
    return {"papers": len(papers), "fidelity": fidelity, "at topics": table, "points": points}


def abstracts(n_papers: int = 0) -> dict[str, Any]:
    """Take every other abstract away: do topics gather the papers without, brought level or not?

    Each of our readers with its level and as it would be without, at several numbers of topics, and beside
    them BERTopic as its users run it and a Gaussian mixture on the same vectors. `changing` are topics that
    `measure` calls growing, emerging or declining where dates are drawn so that nothing changes in 24 months
    but the share of papers without abstracts, which falls from .9 to .1.
    """
    import trends as tr
    from trends.core.words import bare, documents
    from trends.embeddings import open_student, save_student
    from trends.embeddings._encoders import find_encoder
    from trends.timeline import compared

    corpus, n = f"{CORPUS}_half", n_papers or 6_000
    rows = corpora.read(corpus, n)
    papers, truth = corpora.table(rows), [row["label"] for row in rows]
    lacks = bare(papers)

    fall = np.linspace(0.9, 0.1, 24)
    random = np.random.default_rng(0)
    months = np.array(
        [random.choice(24, p=weights / weights.sum()) for weights in abs(fall - ~lacks[:, None])]
    )

    def told(ids: Sequence[int]) -> dict[str, float]:
        changes = {"changing": changing(np.asarray(ids), months, np.bincount(months))}
        return metrics.agreement(ids, truth) | metrics.gathered(ids, lacks.tolist()) | changes

    themes = [{"name": phrase, "phrases": [phrase]} for phrase in FOLLOWED]
    watch = tr.watch(papers, tr.embed(papers), themes)
    theme, place = watch.members["theme_id"].to_numpy(), papers.index.get_indexer(watch.members["paper_id"])
    among = compared(papers, watch)
    followed = {
        "themes": len(themes),
        "changing, every paper counted": changing(theme, months[place], np.bincount(months)),
        "changing, compared papers counted": changing(
            theme[among[place]], months[place[among[place]]], np.bincount(months[among])
        ),
    }
    print(followed, flush=True)

    points: dict[str, list[dict[str, Any]]] = {}
    for name, options in {"student": {}, "exact": {"exact": True}, "lsa": {"encoder": "lsa"}}.items():
        level = tr.embed(papers, **options)
        encoder = None if name == "lsa" else find_encoder("minilm")
        with tempfile.TemporaryDirectory() as folder:
            rule = open_student(save_student(level, Path(folder) / "rule"))
        as_read = level.copy()
        as_read.loc[:] = rule.apply(documents(papers).tolist(), encoder)
        as_read.attrs = {"encoder": "given", "revision": ""}
        for told_as, vectors in ((f"{name}, as read", as_read), (f"{name}, level", level)):
            for settings in granularities():
                topics = tr.cluster(papers, vectors, seed=0, **settings)
                ids = topics.members["topic_id"].reindex(papers.index).tolist()
                points.setdefault(told_as, []).append({"asked": settings} | told(ids))
            print(f"{told_as} done", flush=True)
    peers = {"bertopic": (None,), "gmm": NUMBERS}
    make(Wanted("encode", corpus, n, 0, (), "main"), encoding_python([*peers]))
    for peer, asked in peers.items():
        outcome = make(Wanted(peer, corpus, n, 0, asked, "curve", PEERS[peer].options))
        points[peer] = [{"asked": fit["asked"]} | told(fit["labels"]) for fit in outcome.get("fits", [])]
        print(f"{peer} done {outcome.get('error', '')}", flush=True)
    measures = (
        "n_topics",
        "ami",
        "spread",
        "by_chance",
        "unassigned_of_kind",
        "unassigned_of_others",
        "changing",
    )
    means = {
        name: {key: mean([row[key] for row in some]) for key in measures} for name, some in points.items()
    }
    return {
        "papers": n,
        "without abstract": int(lacks.sum()),
        "followed": followed,
        "mean": means,
        "points": points,
    }


def changing(ids: np.ndarray, months: np.ndarray, totals: np.ndarray) -> int:
    """Count the groups whose share is said to change over months (0, 1, ...) of so many papers in all.

    `ids` and `months` say of each paper that counts in which group it is, -1 for none, and of which month.
    """
    import pandas as pd

    import trends as tr

    periods = pd.date_range("2024-01-01", periods=len(totals), freq="MS")
    counts = pd.crosstab(ids, months).reindex(columns=range(len(totals)), fill_value=0)
    counts = counts[counts.index >= 0]
    table = pd.DataFrame(
        {
            "topic_id": np.repeat(counts.index, len(periods)),
            "period": np.tile(periods, len(counts)),
            "n_papers": counts.to_numpy().ravel(),
            "n_total": np.tile(totals, len(counts)),
        }
    )
    calls = tr.measure(table, bursts=False, forecast=False).calls
    return int(calls["status"].isin(["emerging", "growing", "declining"]).sum())


def bbc(n_papers: int = 0) -> dict[str, Any]:
    """Score BBC News by the BERTopic paper's protocol: ten words, NPMI on the same texts, 10 to 50 topics."""
    import trends as tr

    rows = corpora.read("bbc_news", n_papers or None)
    papers, texts = corpora.table(rows), [corpora.text(row) for row in rows]
    truth = [row["label"] for row in rows]
    embeddings = tr.embed(papers)
    points = []
    for seed, settings in itertools.product(range(3), granularities(PROTOCOL)):
        fit = Fit(papers, seed=seed, embeddings=embeddings, **settings)
        ids = [fit.members[name] for name in papers.index]
        row = {"asked": settings, "seed": seed} | metrics.agreement(ids, truth)
        row |= {"npmi": metrics.npmi(fit.words, texts), "diversity": metrics.diversity(fit.words)}
        row |= {"terms_npmi": metrics.npmi(fit.terms, texts), "terms_diversity": metrics.diversity(fit.terms)}
        points.append(row)
    table: dict[str, Any] = {}
    for measure in ("npmi", "diversity", "terms_npmi", "terms_diversity", "ami", "coverage"):
        values = metrics.at_numbers([(p["n_topics"], p[measure]) for p in points if p["n_topics"]], PROTOCOL)
        table[measure] = dict(zip(map(str, PROTOCOL), values, strict=True)) | {"mean": mean(values)}
    return {"papers": len(papers), "to beat": {"npmi": 0.170, "diversity": 0.802}, **table, "points": points}


# --- fits -----------------------------------------------------------------------------------------------


class Fit:
    """Topics of some papers, as plain values: members by paper id, words, terms and labels by topic."""

    def __init__(self, papers: Any, *, seed: int, embeddings: Any = None, **settings: Any) -> None:
        import trends as tr

        vectors = tr.embed(papers) if embeddings is None else embeddings
        topics = tr.cluster(papers, vectors, seed=seed, **settings)
        named = tr.label(papers, topics)
        self.n_topics = len(topics.table)
        self.vectors, self.centroids = vectors, topics.centroids
        self.members = dict(zip(topics.members.index, map(int, topics.members["topic_id"]), strict=True))
        self.words = [list(words) for words in topics.table["terms"]]
        self.terms = [list(terms) for terms in named.table["terms"]]
        self.labels = named.table["label"].tolist()


def agreement(fits: Sequence[Fit]) -> dict[str, float | None]:
    """Compare fits pair by pair: papers' topics, the topics' words and the terms that are shown."""
    pairs = []
    for one, other in itertools.combinations(fits, 2):
        pair = {f"document {k}": v for k, v in metrics.document_ari(one.members, other.members).items()}
        words = metrics.word_overlap(one.words, other.words)
        terms = metrics.word_overlap(one.terms, other.terms)
        pair |= {f"words, {key}": value for key, value in words.items()}
        pair |= {f"terms, {key}": value for key, value in terms.items()}
        pairs.append(pair)
    means = {key: mean([pair[key] for pair in pairs]) for key in pairs[0]}
    return means | {"document ari, least": min(pair["document ari"] for pair in pairs)}


def granularities(numbers: Sequence[int] = NUMBERS) -> list[dict[str, Any]]:
    """List what `cluster` is asked for: numbers of topics where it takes them, else details."""
    import trends as tr

    if "n_topics" in inspect.signature(tr.cluster).parameters:
        return [{"n_topics": number} for number in numbers]
    return list(DETAILS)


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Fit log seconds on log papers; the slope is the power with which cost grows."""
    if len(points) < 2:
        return math.nan
    logs = [(math.log(x), math.log(y)) for x, y in points]
    return statistics.linear_regression([x for x, _ in logs], [y for _, y in logs]).slope


if __name__ == "__main__":
    main()
