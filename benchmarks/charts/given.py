"""The study of a corpus, and what of it every tool is handed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

import trends as tr
from benchmarks.environments import DATA
from benchmarks.planted.readings import popularity_of
from trends.core.tables import UNASSIGNED

CORPORA = ("sample", "hf_daily")
N_DAILY = 2_000


def study_of(corpus: str, folder: Path) -> "tr.Study":
    """Give the study of a corpus, made once and kept in the folder."""
    if not (folder / "study.json").exists():
        study = tr.run() if corpus == "sample" else tr.run(daily(), title="2,000 of the Daily Papers")
        study.save(folder)
    return tr.open(folder)


def daily() -> pd.DataFrame:
    """Give 2,000 of the Daily Papers, the same each time."""
    papers = tr.load(DATA / "hf_daily" / "hf_daily.jsonl.gz")
    drawn = np.random.default_rng(0).choice(len(papers), N_DAILY, replace=False)
    return papers.iloc[np.sort(drawn)]


def hand_over(study: "tr.Study", folder: Path) -> None:
    """Write papers, topics, places, vectors and BERTrend's popularity for tools of other environments."""
    folder.mkdir(parents=True, exist_ok=True)
    papers = study.papers.join(study.topics.members[["topic_id", "x", "y"]]).sort_index()
    rows = [
        {
            "id": str(paper.Index),
            "title": paper.title,
            "text": f"{paper.title.rstrip(' .')}. {paper.abstract}",
            "date": paper.date.date().isoformat(),
            "topic_id": int(paper.topic_id),
            "x": float(paper.x),
            "y": float(paper.y),
        }
        for paper in papers.dropna(subset=["date", "x", "y"]).itertuples()
    ]
    (folder / "papers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    np.save(folder / "vectors.npy", study.embeddings.loc[[row["id"] for row in rows]].to_numpy(np.float32))
    counts = study.counts.table.set_index(["topic_id", "period"])["n_papers"]
    wide = counts.unstack().drop(UNASSIGNED)  # noqa: PD010 - nothing is to be aggregated
    told = {
        "labels": {str(topic): label for topic, label in study.topics.labels.items()},
        "periods": [period.date().isoformat() for period in wide.columns],
        "popularity": {
            str(topic): [round(float(value), 4) for value in row]
            for topic, row in zip(wide.index, popularity_of(wide.to_numpy(float)))
        },
    }
    (folder / "topics.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
