"""Rules that make vectors, kept as a folder: safetensors for arrays, JSON for the rest, no pickle."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from trends.core import cache
from trends.core.errors import InputError

MANIFEST, ARRAYS = "rule.json", "rule.safetensors"
FORMAT = 3
"""2: of students that read the beginnings of some papers; 3: of rules that bring papers without an abstract
level with the others."""


def write(folder: Path, kind: str, arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> Path:
    """Write a rule as a folder, whole or not at all, and return it; a rule of that name is replaced.

    Raises
    ------
    InputError
        The folder exists and holds no such rule.
    """
    from safetensors.numpy import save_file

    if folder.exists() and not (folder / MANIFEST).is_file():
        raise InputError(f"{folder} exists and holds no student; give another folder, or remove it first.")
    with cache.whole_folder(folder) as temporary:
        contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        save_file(contiguous, temporary / ARRAYS)
        cache.write_json(temporary / MANIFEST, {"kind": kind, "format": FORMAT, "about": dict(about)})
    return folder


def read(folder: Path) -> tuple[str, dict[str, np.ndarray], dict[str, Any]]:
    """Return a rule's kind, arrays and plain values.

    Raises
    ------
    InputError
        The folder holds no rule, a damaged one, or one of a later version.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    if not (folder / MANIFEST).is_file():
        raise InputError(f"{folder} holds no student: it has no {MANIFEST}.")
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        written, kind, about = int(manifest["format"]), str(manifest["kind"]), dict(manifest["about"])
        arrays = load_file(folder / ARRAYS)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise InputError(
            f"The student {folder} is damaged ({type(error).__name__}); remove it and embed its papers again."
        ) from error
    if written > FORMAT:
        raise InputError(
            f"{folder} was written in format {written} by a later version of trends; "
            f"this one reads up to format {FORMAT}: upgrade trends to open it."
        )
    return kind, arrays, about


def cached(name: str) -> Path:
    """Return the folder in which the rule of that name is kept, which need not exist."""
    return cache.folder() / "students" / name


def is_cached(name: str) -> bool:
    """Tell whether a rule of that name is kept."""
    return (cached(name) / MANIFEST).is_file()
