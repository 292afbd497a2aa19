"""One fingerprint for tables, arrays and parameters, equal across processes and hash seeds."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def fingerprint(*parts: Any) -> str:
    """Return the sha256 (64 hex digits) of tables, arrays, text, numbers, and lists or mappings of them.

    Order matters in sequences and rows and not in mappings. Two equal tables give equal fingerprints
    whatever process made them.
    """
    digest = hashlib.sha256()
    for part in parts:
        _feed(digest, part)
    return digest.hexdigest()


def papers_hash(papers: pd.DataFrame) -> str:
    """Return the sha256 of a papers table, columns at a time: of 90,000 papers in a second, not in ten."""
    digest = hashlib.sha256()
    for name, column in [("index", papers.index), *papers.items()]:
        digest.update(f"{name}|{column.dtype}|{len(column)}|".encode())
        if column.dtype == object:
            parts = [part if isinstance(part, tuple) else (str(part),) for part in column]
            digest.update(np.array([len(part) for part in parts], dtype="<i8").tobytes())
            _feed_texts(digest, [str(text) for part in parts for text in part])
        elif isinstance(column.dtype, np.dtype):
            digest.update(np.ascontiguousarray(column.to_numpy()).tobytes())
        else:
            _feed_texts(digest, ["" if value != value else str(value) for value in column.tolist()])
    return digest.hexdigest()


def _feed_texts(digest: Any, texts: list[str]) -> None:
    """Hash texts with their lengths, so that no two lists of texts are one."""
    digest.update(np.fromiter(map(len, texts), dtype="<i8", count=len(texts)).tobytes())
    digest.update("".join(texts).encode("utf-8", "surrogatepass"))


def text_hash(text: str) -> str:
    """Return the sha256 of a text; a lone surrogate counts as itself instead of failing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _feed(digest: Any, part: Any) -> None:
    if isinstance(part, pd.DataFrame):
        digest.update(b"table")
        _feed(digest, part.index.to_series())
        for name in part.columns:
            _feed(digest, str(name))
            _feed(digest, part[name])
    elif isinstance(part, pd.Series | pd.Index):
        _feed(digest, _plain(part))
    elif isinstance(part, np.ndarray):
        digest.update(f"array{part.dtype.str}{part.shape}".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    elif isinstance(part, Mapping):
        digest.update(b"map")
        for key in sorted(part, key=str):
            _feed(digest, str(key))
            _feed(digest, part[key])
    elif isinstance(part, list | tuple):
        digest.update(f"list{len(part)}".encode())
        for item in part:
            _feed(digest, item)
    else:
        text = part if isinstance(part, str) else json.dumps(part, default=str)
        encoded = text.encode("utf-8", "surrogatepass")
        digest.update(f"{type(part).__name__}{len(encoded)}:".encode() + encoded)


def _plain(column: pd.Series | pd.Index) -> Any:
    """Give a column as an array where its bytes are its values, else as a list of Python values."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biufM":
        return column.to_numpy()
    return [None if value is pd.NaT or value is pd.NA else value for value in column.tolist()]
