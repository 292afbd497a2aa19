"""Toy papers and an offline encoder, for tests and for trying things out in a second.

The papers are made of words drawn from small vocabularies, one per theme, so the truth is known.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

from trends.core.tables import PRECISION_TYPE
from trends.core.words import tokens

THEMES = {
    "graph networks": "graph node edge message passing neighbourhood adjacency molecule",
    "speech recognition": "speech audio phoneme transcript speaker acoustic utterance voice",
    "protein folding": "protein residue folding amino backbone structure enzyme binding",
    "reinforcement learning": "reward policy agent exploration episode action environment return",
}
"""Each theme's words; a paper's text repeats some of them among words that all themes share."""

SHARED = "training learning evaluation baseline accuracy data domain scale"


SAMPLE_THEMES = {
    "sparse attention": ("sparse attention",),
    "sparse autoencoders": ("sparse autoencoder",),
    "visual token pruning": ("visual token", "token pruning", "token reduction"),
    "mixture of experts": ("mixture-of-experts", "mixture of experts", "experts", "moe"),
    "sparse retrieval": ("sparse retriev", "retriev"),
    "3D": ("3d", "point cloud", "gaussian splatting"),
}
"""Themes that the embedded sample is known to hold, and the ways in which a label may say so."""


def papers(
    n_papers: int = 80, *, seed: int = 0, start: str = "2021-01-01", days: int = 1_400
) -> pd.DataFrame:
    """Return toy papers: theme by turns, day-precise dates spread evenly over `days` from `start`."""
    random = np.random.default_rng(seed)
    names = list(THEMES)
    rows = []
    for number in range(n_papers):
        theme = names[number % len(names)]
        words = THEMES[theme].split()
        drawn = [*random.choice(words, 24), *random.choice(SHARED.split(), 8)]
        random.shuffle(drawn)
        rows.append(
            {
                "paper_id": f"toy:{number:04d}",
                "title": f"{theme.capitalize()} with {words[number % len(words)]} number {number}",
                "abstract": " ".join(drawn) + ".",
                "date": pd.Timestamp(start) + pd.Timedelta(days=int(number * days / max(n_papers, 1))),
                "tags": (theme.replace(" ", "-"),),
            }
        )
    table = pd.DataFrame(rows, columns=["paper_id", "title", "abstract", "date", "tags"]).set_index(
        "paper_id"
    )
    table["date"] = table["date"].astype("datetime64[us]")
    table["date_precision"] = pd.Series(["day"] * n_papers, index=table.index).astype(PRECISION_TYPE)
    return table


def exports(folder: str | Path) -> Path:
    """Write toy papers as exports of Zotero, Scopus and a day of Daily Papers into a folder; return it."""
    made = Path(folder)
    made.mkdir(parents=True, exist_ok=True)
    table = papers(60)
    zotero = [
        {
            "id": f"toy{number}",
            "type": "article-journal",
            "title": row.title,
            "abstract": row.abstract,
            "author": [{"family": "Toy", "given": "Ann"}, {"family": "Model", "given": "Bo"}],
            "issued": {"date-parts": [[row.date.year, row.date.month]]},
            "keyword": row.tags[0],
        }
        for number, row in enumerate(table[:40].itertuples())
    ]
    (made / "My Library.json").write_text(json.dumps(zotero), encoding="utf-8")
    scopus = pd.DataFrame(
        {
            "Authors": "Toy A.; Model B.",
            "Title": table["title"][30:],
            "Year": table["date"][30:].dt.year,
            "Source title": "Journal of Toys",
            "DOI": [f"10.1000/toy.{number}" for number in range(30)],
            "Abstract": table["abstract"][30:],
            "Author Keywords": table["tags"][30:].str[0],
        }
    )
    scopus.to_csv(made / "scopus.csv", index=False, encoding="utf-8-sig")
    daily = [
        {
            "id": f"2401.{number:05d}",
            "title": row.title,
            "summary": row.abstract,
            "publishedAt": f"2024-01-{number + 1:02d}T00:00:00.000Z",
            "upvotes": number,
        }
        for number, row in enumerate(table[:20].itertuples())
    ]
    answer = json.dumps([{"title": paper["title"], "paper": paper} for paper in daily])
    (made / "2024-01.json").write_text(answer, encoding="utf-8")
    return made


class HashingEncoder:
    """An encoder without a model: each word adds a fixed direction of its own."""

    revision = "1"

    def __init__(self, dimensions: int = 64) -> None:
        self.name = f"hashing-{dimensions}"
        self.dimensions = dimensions

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return (texts x dimensions) float32."""
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> np.ndarray:
        total = np.zeros(self.dimensions)
        for word in tokens(text):
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "little")
            total += np.random.default_rng(seed).standard_normal(self.dimensions)
        return total.astype(np.float32)
