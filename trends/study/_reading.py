"""Which encoder read a study's papers, and what a study is called."""

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.embeddings import Encoder
from trends.embeddings._encoders import find_encoder

MINILM = "all-MiniLM-L6-v2"
"""What the bundled encoder calls itself."""


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
