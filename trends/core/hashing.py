"""One fingerprint for tables, arrays and parameters, equal across processes and hash seeds."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

MODULUS = 1 << 256


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
    """Return the sha256 of a papers table: of its columns and papers, in whatever order these stand."""
    return hash_of_rows(papers.columns, rows_sum(papers))


def hash_of_rows(columns: Iterable[str], total: int) -> str:
    """Return the `papers_hash` of the papers whose `rows_sum` is known."""
    return text_hash(json.dumps([list(columns), f"{total % MODULUS:064x}"]))


def rows_sum(papers: pd.DataFrame) -> int:
    """Return the sum of the sha256 of each row, so that papers can be added and taken away (AdHash).

    Bellare, M. and Micciancio, D. (1997). A new paradigm for collision-free hashing: incrementality at
    reduced cost. EUROCRYPT '97. It tells tables apart; it is no seal against a forger.
    """
    columns = [_plain_cells(column) for column in (papers.index.to_series(), *(c for _, c in papers.items()))]
    sha256, dumps, total = hashlib.sha256, json.dumps, 0
    for row in zip(*columns):
        total += int.from_bytes(sha256(dumps(row).encode("ascii")).digest(), "big")
    return total % MODULUS


def _plain_cells(column: pd.Series) -> list[Any]:
    """Return a column as values that JSON has, dates as their number; what is absent in a text is ""."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        return np.asarray(column.to_numpy().view(np.int64)).tolist()
    if isinstance(column.dtype, np.dtype) and column.dtype != object:
        return column.to_list()
    if column.dtype == object:
        return [list(map(str, v)) if isinstance(v, tuple) else str(v) for v in column]
    return ["" if value != value else str(value) for value in column.tolist()]


def text_hash(text: str) -> str:
    """Return the sha256 of a text; a lone surrogate counts as itself instead of failing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def permanent_numbers(keys: Iterable[str], n: int) -> np.ndarray:
    """Return (keys x n, at most 8) uint64, at random but for the key: those of a key never change.

    Samples of two corpora that go by them share what the corpora share.

    References
    ----------
    Ohlsson, E. (1995). Coordination of samples using permanent random numbers. In Business Survey Methods,
    Wiley, 153-169.
    """
    drawn = (
        hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8 * n).digest() for key in keys
    )
    return np.frombuffer(b"".join(drawn), dtype="<u8").reshape(-1, n)


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
