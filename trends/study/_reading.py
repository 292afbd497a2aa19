"""Which encoder read a study's papers, what a study was made from and by, and what it is called."""

import sys
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.records import Topics, Trends
from trends.core.watch import Watch
from trends.embeddings import Encoder
from trends.embeddings._encoders import find_encoder
from trends.topics import versions

PACKAGES = (
    "trends",
    "bertopic",
    "hdbscan",
    "numpy",
    "pandas",
    "plotly",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "torch",
    "umap-learn",
)
"""What the provenance of a result names the versions of."""

MINILM = "all-MiniLM-L6-v2"
"""What the bundled encoder calls itself."""

READERS = ("sentence-transformers", "torch")
"""The packages that run an encoder which is found by its name."""

WHERE = "found_at"
"""Which line of a file a paper stood on: no part of what a study says."""


def said_by(papers: pd.DataFrame) -> pd.DataFrame:
    """Return the papers with what counts for a study's fingerprint."""
    return papers.drop(columns=WHERE, errors="ignore")


def reader_of(
    embeddings: pd.DataFrame, given: "str | Encoder | np.ndarray | pd.DataFrame | None"
) -> "str | Encoder | np.ndarray | pd.DataFrame":
    """Return the encoder that reads later papers as these were read.

    Raises
    ------
    InputError
        None is given and it cannot be found by its name.
    """
    name = str(embeddings.attrs.get("encoder", "given"))
    if given is not None:
        return given
    found = "lsa" if name == "lsa" else encoder_of(name, None)
    if found is None:
        raise InputError(
            f"The papers of this study were read by {name!r}, which cannot be found by its name; "
            "pass it as encoder (where vectors were given: those of the later papers)."
        )
    return found


def encoder_of(name: str, given: "str | Encoder | None") -> Encoder | None:
    """Return the encoder of that name if it can be found again; None for vectors that no encoder made."""
    if given is not None and given != "lsa":
        return find_encoder(given)
    if name == MINILM:
        return find_encoder("minilm")
    return find_encoder(name) if "/" in name else None


def versions_of(embeddings: pd.DataFrame, before: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return package -> version of what finds topics now, and of what read the papers.

    `before` is given where the vectors were not made anew: the versions that made them stay.
    """
    name = str(embeddings.attrs.get("encoder", "given"))
    if before is not None:
        read_by = {package: before[package] for package in READERS if package in before}
    else:
        named = name == MINILM or "/" in name
        read_by = {package: version(package) for package in READERS if named}
    return versions() | read_by


def title_of(papers: pd.DataFrame, sampled: bool, n_papers: int | None = None) -> str:
    """Name a study after what was read; `n_papers` are all, where the table holds only some."""
    if sampled:
        return "Sparse methods in machine learning: the embedded sample"
    names = sorted({str(entry["file"]) for entry in papers.attrs.get("reading", []) if entry.get("n_read")})
    n_papers = len(papers) if n_papers is None else n_papers
    if not names:
        return f"Trends in {n_papers:,} papers"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"Trends in {n_papers:,} papers from {names[0]}{more}"


def provenance_of(
    papers: pd.DataFrame,
    parameters: Mapping[str, Any],
    encoder: Mapping[Any, Any],
    topics: Topics,
    trends: Trends,
    study: str,
    watch: Watch | None = None,
) -> dict[str, Any]:
    """Return what a result was made from and by; `study` is the fingerprint of the whole."""
    return {
        "files": [
            {name: entry.get(name) for name in ("file", "format", "sha256", "n_present", "n_read")}
            for entry in papers.attrs.get("reading", [])
        ],
        "parameters": dict(parameters),
        "encoder": dict(encoder),
        "topics": dict(topics.parameters),
        "followed_themes": [] if watch is None else [dict(theme) for theme in watch.themes],
        "versions": {"python": ".".join(map(str, sys.version_info[:3]))}
        | {name: version(name) for name in PACKAGES},
        "fingerprints": {"study": study, "topics": topics.fingerprint, "trends": trends.fingerprint}
        | ({} if watch is None else {"watch": watch.fingerprint}),
    }
