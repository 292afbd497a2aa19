"""Followed themes on disk: Parquet tables and one JSON file, readable by pandas alone."""

import json
from pathlib import Path

import pandas as pd

from trends.core.cache import whole_folder, write_json
from trends.core.watch import Watch

TABLES = ("table", "members", "near")
TUPLES = ("phrases", "exemplars")


def save_watch(watch: Watch, folder: Path) -> None:
    """Write followed themes as a folder, whole or not at all; a folder of that name is replaced."""
    with whole_folder(folder) as temporary:
        for name in TABLES:
            getattr(watch, name).to_parquet(temporary / f"{name}.parquet")
        write_json(temporary / "watch.json", {"themes": list(watch.themes), "fingerprint": watch.fingerprint})


def open_watch(folder: Path) -> Watch:
    """Read followed themes from a folder.

    Raises
    ------
    OSError, ValueError, KeyError
        A file is absent or damaged.
    """
    about = json.loads((folder / "watch.json").read_text(encoding="utf-8"))
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    for column in TUPLES:
        values = [tuple(value.tolist()) for value in tables["table"][column]]
        tables["table"][column] = pd.Series(values, index=tables["table"].index, dtype=object)
    return Watch(**tables, themes=tuple(about["themes"]), fingerprint=about["fingerprint"])
