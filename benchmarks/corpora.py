"""The real corpora that benchmarks read ($TRENDS_DATA, else ../shared/data); none is part of the project."""

import gzip
import json
from typing import Any

import numpy as np

from benchmarks.environments import DATA

FILES = {
    "arxiv_2025": DATA / "labelled" / "arxiv_2025.jsonl.gz",
    "arxiv_2025_titles": DATA / "labelled" / "arxiv_2025.jsonl.gz",
    "arxiv_2025_half": DATA / "labelled" / "arxiv_2025.jsonl.gz",
    "bbc_news": DATA / "labelled" / "bbc_news.jsonl.gz",
    "conference": DATA / "conference" / "paperlists_abs.jsonl.gz",
}

DRAWN = 0.9
"""The share of the papers in a draw of them."""

PRECISIONS = {10: "day", 7: "month", 4: "year"}


def read(corpus: str, n_papers: int | None = None) -> list[dict[str, Any]]:
    """Give papers as id, title, abstract, date and label ("" where there is none).

    Fewer than all are drawn by `numpy.random.default_rng(0)` and stay in the file's order. Of a corpus of
    titles the abstracts are left out, of a half corpus every other one.
    """
    lacking = {"titles": slice(None), "half": slice(0, None, 2)}.get(corpus.rpartition("_")[2], slice(0))
    with gzip.open(FILES[corpus], "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    if n_papers is not None and n_papers < len(rows):
        drawn = np.sort(np.random.default_rng(0).choice(len(rows), n_papers, replace=False))
        rows = [rows[place] for place in drawn]
    without = set(range(len(rows))[lacking])
    return [
        {
            "id": str(row.get("id") or place),
            "title": (row.get("title") or "").strip(),
            "abstract": "" if place in without else (row.get("abstract") or row.get("text") or "").strip(),
            "date": str(row.get("date") or ""),
            "label": row.get("primary") or row.get("label") or "",
        }
        for place, row in enumerate(rows)
    ]


def drawn(n_papers: int, seed: int) -> np.ndarray:
    """Draw nine tenths of so many papers; their places, in order."""
    return np.sort(np.random.default_rng(seed).choice(n_papers, round(DRAWN * n_papers), replace=False))


def text(row: dict[str, Any]) -> str:
    """Give what every tool reads of a paper: its title, a full stop, its abstract."""
    return ". ".join(part for part in (row["title"].rstrip(" ."), row["abstract"]) if part)


def table(rows: list[dict[str, Any]]) -> Any:
    """Give the papers table of these papers, uncleaned and unmerged, so that all tools read the same."""
    import pandas as pd

    from trends.core.tables import PRECISION_TYPE

    dates = pd.to_datetime([row["date"] or None for row in rows], format="ISO8601").as_unit("us")
    ids = [row["id"] for row in rows]
    if len(set(ids)) < len(ids):  # the same paper at two venues
        ids = [f"{name}#{place}" for place, name in enumerate(ids)]
    return pd.DataFrame(
        {
            "title": pd.Series([row["title"] for row in rows], dtype="str"),
            "abstract": pd.Series([row["abstract"] for row in rows], dtype="str"),
            "date": dates,
            "date_precision": pd.Categorical(
                [PRECISIONS.get(len(row["date"]), "unknown") for row in rows], dtype=PRECISION_TYPE
            ),
            "tags": pd.Series([() for _ in rows], dtype=object),
        }
    ).set_index(pd.Index(ids, name="paper_id"))
