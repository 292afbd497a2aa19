"""Encoders: what turns texts into vectors. Every text is encoded once and kept by its content."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from trends.core.cache import Vectors
from trends.core.errors import InputError
from trends.core.hashing import text_hash
from trends.embeddings._minilm import MiniLM
from trends.embeddings._sentences import BEGINNING, BEGUN_WITHIN, SentenceEncoder

CHUNK, CHUNK_OF_BEGINNINGS = 64, 4_800
"""Texts, where the encoder does not say how many, or beginnings, that are read before they are kept."""


@runtime_checkable
class Encoder(Protocol):
    """Anything with a name, a revision that changes when its vectors do, and `encode`."""

    name: str
    revision: str

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return one row per text."""
        ...


@runtime_checkable
class Glancing(Encoder, Protocol):
    """An encoder that can give a cheap impression of texts beside their full vectors."""

    precision: str

    @property
    def most_glanced(self) -> int:
        """Of so many papers beginnings are worth reading."""
        ...

    def word_vectors(self, words: Sequence[str]) -> np.ndarray:
        """Return one row per word: what the encoder knows of it before it reads."""
        ...

    def beginnings(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row per text: the vector of its beginning, which hangs on that text only."""
        ...


def find_encoder(encoder: "str | Encoder") -> Encoder:
    """Return the encoder that a name, hub id, folder or object stands for."""
    if encoder == "minilm":
        return MiniLM()
    if isinstance(encoder, str):
        folder = Path(encoder).expanduser()
        if folder.is_dir():
            return SentenceEncoder(str(folder), folder.name, _folder_revision(folder))
        if "/" not in encoder or encoder.startswith((".", "/", "~")):
            raise InputError(
                f"There is no encoder {encoder!r}: give 'minilm', 'lsa', the folder of a "
                "sentence-transformers model, or its hub id such as 'org/model'."
            )
        return SentenceEncoder(encoder, encoder, "hub")
    if isinstance(encoder, Encoder):
        return encoder
    raise InputError(
        f"An encoder needs name, revision and encode(texts); {type(encoder).__name__} lacks some of them."
    )


def encode_cached(texts: list[str], encoder: Encoder) -> np.ndarray:
    """Return one row per text, reading only texts that were never read by this encoder before."""
    chunk = getattr(encoder, "at_a_time", CHUNK)
    return _read_once(texts, encoder.encode, _store(encoder), chunk, "Encoding papers")


def beginnings_cached(texts: list[str], encoder: Glancing) -> np.ndarray:
    """Return one row per text, the vector of its beginning, reading only beginnings never read before."""
    store = f"{_store(encoder)}/beginnings of {BEGINNING} within {BEGUN_WITHIN}"
    return _read_once(texts, encoder.beginnings, store, CHUNK_OF_BEGINNINGS, "Reading beginnings")


def _store(encoder: Encoder) -> str:
    # Another precision changes the third to fifth digit of a cosine: close enough to compare, too far to mix
    # unawares.
    precision = getattr(encoder, "precision", "float32")
    told = f"@{precision}" if precision != "float32" else ""
    return f"{encoder.name}@{encoder.revision}{told}"


def _read_once(
    texts: list[str], read: Callable[[list[str]], np.ndarray], store: str, size: int, told: str
) -> np.ndarray:
    """Return one row per text, those in the store as they were kept and the others read and kept.

    Texts are read shortest first, in chunks that are kept as they are done: texts of like length waste no
    padding, and a stopped run goes on where it was.
    """
    from tqdm.auto import tqdm

    kept = Vectors(store)
    keys = [text_hash(text) for text in texts]
    rows = kept.read(set(keys))
    missing = {key: text for key, text in zip(keys, texts) if key not in rows}
    order = sorted(missing, key=lambda key: (len(missing[key]), key))
    with tqdm(total=len(order), desc=told, unit="paper", disable=None if order else True) as progress:
        for start in range(0, len(order), size):
            chunk = order[start : start + size]
            texts = [missing[key] for key in chunk]
            made = dict(zip(chunk, np.asarray(read(texts), dtype=np.float32)))
            kept.keep(made)
            rows |= made
            progress.update(len(chunk))
    return np.stack([rows[key] for key in keys])


def _folder_revision(folder: Path) -> str:
    """Return a short hash of a model folder's weights and settings."""
    digest = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.suffix in (".safetensors", ".bin", ".json", ".txt")):
        digest.update(file.relative_to(folder).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
