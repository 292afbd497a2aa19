"""Topics on disk: Parquet tables, safetensors centroids and one JSON file; readable by pandas alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.cache import whole_folder, write_json
from trends.core.records import Topics
from trends.topics._bertopic import model_maker
from trends.topics._ledger import upgraded

TABLES = ("table", "members", "ledger")
TUPLES = ("terms", "term_weights", "exemplars")


def save_topics(topics: Topics, folder: Path) -> None:
    """Write topics as a folder, whole or not at all; a folder of that name is replaced."""
    from safetensors.numpy import save_file

    with whole_folder(folder) as temporary:
        for name in TABLES:
            # A dictionary of values that are nearly all different takes more time and room than the values.
            repeated = ["topic_id", "how"] if name == "members" else True
            getattr(topics, name).to_parquet(temporary / f"{name}.parquet", use_dictionary=repeated)
        arrays = {"centroids": topics.centroids, "cutoffs": topics.cutoffs}
        save_file(
            {name: np.ascontiguousarray(array) for name, array in arrays.items()},
            temporary / "centroids.safetensors",
        )
        about = {"parameters": dict(topics.parameters), "fingerprint": topics.fingerprint}
        write_json(temporary / "topics.json", about)


def open_topics(folder: Path, papers: pd.DataFrame, embeddings: pd.DataFrame) -> Topics | None:
    """Read topics from a folder, or return None where it is absent or damaged.

    The BERTopic is fitted again, on these papers and vectors under the frozen centroids, when first asked
    for: reading topics imports neither torch nor bertopic.
    """
    return read_topics(folder, lambda centroids, cutoffs: model_maker(papers, embeddings, centroids, cutoffs))


def read_topics(
    folder: Path, maker: Callable[[np.ndarray, np.ndarray], Callable[[], Any]] | None = None
) -> Topics | None:
    """Read topics as `open_topics` does; `maker` gives what fits the BERTopic of centroids and cut-offs."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        about = json.loads((folder / "topics.json").read_text(encoding="utf-8"))
        tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}
        arrays = load_file(folder / "centroids.safetensors")
    except (OSError, ValueError, KeyError, SafetensorError):
        return None
    for column in TUPLES:
        values = [tuple(value.tolist()) for value in tables["table"][column]]
        tables["table"][column] = pd.Series(values, index=tables["table"].index, dtype=object)
    ledger = upgraded(tables["ledger"], tables["table"], about["fingerprint"])
    return Topics(
        table=tables["table"],
        members=tables["members"],
        centroids=arrays["centroids"],
        cutoffs=arrays["cutoffs"],
        ledger=ledger,
        parameters=about["parameters"],
        fingerprint=about["fingerprint"],
        make_model=maker(arrays["centroids"], arrays["cutoffs"]) if maker and len(tables["table"]) else None,
    )
