"""sentence-transformers models: whole texts, or a glance at them."""

import copy
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from trends.core.errors import DependencyError
from trends.core.threads import side_by_side
from trends.core.vectors import unit_rows

ON_GPU = 512
"""Texts in a batch on a GPU."""

STEP = 32
"""On a CPU texts are filled up to a multiple of so many word pieces."""

TOGETHER = {"bfloat16": 1_536, "float16": 1_536, "int8": 512, "float32": 512}
"""The pieces of a batch by precision: more of them do not fit where a core keeps its numbers (float32, a
third more time for whole texts), fewer leave the unit for bfloat16 waiting."""

GLANCED = {"bfloat16": 20_000, "float16": 20_000, "float32": 3_000}
"""Of so many papers beginnings are read, by precision: a quarter of a minute of reading (DECISIONS.md)."""

BEGINNING, BEGUN_WITHIN = 32, 300
"""The word pieces of a text that `beginnings` reads, its title and first sentence, and the characters among
which they are looked for."""


class SentenceEncoder:
    """A sentence-transformers model by hub id or folder; loaded when the first text needs it.

    `precision` is "float16" on an NVIDIA GPU, "bfloat16" on a processor that multiplies such matrices in
    hardware, by AMX or AVX512_BF16 (a text then takes a third of the time), elsewhere "float32", where half
    precision is no faster; vectors of these differ in the fifth digit of a cosine. `at_a_time` texts are
    worth reading in one call of `encode`.
    """

    def __init__(self, source: str, name: str, revision: str) -> None:
        self.source, self.name, self.revision = source, name, revision
        self.precision = _precision()
        self.at_a_time = 16 * ON_GPU if self.precision == "float16" else 64

    @property
    def most_glanced(self) -> int:
        """Of so many papers beginnings are worth reading."""
        return GLANCED[self.precision]

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return float32 unit rows of the model's dimension; on a GPU where there is one.

        On a CPU each text is read alone and by one thread, several texts side by side. That is as fast as
        batches (100 abstracts on two cores: 4.4 s against 5.1 s), and a vector then depends on its text
        only, not on the texts that shared its batch or on the number of threads. On a GPU the texts of a
        batch are filled up to its longest, and the last digits of a vector depend on that.
        """
        model = _load_sentence_model(self.source, self.precision)
        if model.device.type != "cpu":
            found = model.encode(texts, batch_size=ON_GPU, show_progress_bar=False, convert_to_numpy=True)
            return unit_rows(found.astype(np.float32))
        # The tokenizer is not safe to share between threads, and takes no time.
        read = [model.preprocess([text]) for text in texts]
        return each_alone(lambda features: _vectors(model, features, self.precision == "bfloat16"), read)

    def word_vectors(self, words: Sequence[str]) -> np.ndarray:
        """Return the sum of the input vectors of each word's pieces (words x dimensions, float32)."""
        model = _load_sentence_model(self.source, self.precision)
        read = model.tokenizer(list(words), add_special_tokens=False, verbose=False)["input_ids"]
        return summed(read, model[0].auto_model.get_input_embeddings().weight.detach().float().cpu().numpy())

    def beginnings(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit row per text: the model's vector of its first `BEGINNING` word pieces."""
        model = _begun_model(self.source, self.precision)
        cut = [text[:BEGUN_WITHIN] for text in texts]
        read = model.tokenizer(cut, truncation=True, max_length=BEGINNING, verbose=False)["input_ids"]

        def vectors(batch: list[list[int]], n_pieces: int) -> np.ndarray:
            features = model.tokenizer.pad(
                {"input_ids": batch}, padding="max_length", max_length=n_pieces, return_tensors="pt"
            )
            return _vectors(model, features, half=False)

        return in_batches(read, vectors, TOGETHER[self.precision])


def in_batches(
    read: Sequence[list[int]], vectors: Callable[[list[list[int]], int], np.ndarray], together: int
) -> np.ndarray:
    """Return the rows that `vectors` gives batches of texts' word pieces, in the order of the texts.

    `vectors` is told up to how many pieces the texts of a batch are to be filled up; a batch has `together`
    pieces. Batches of one such number are all of one shape, and one thread reads each: a row depends on its
    text only, to the last bit.
    Texts that need filling up have batches of their own, since models take another way where no text does.
    """
    alike: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for k, ids in enumerate(read):
        n_pieces = -(-len(ids) // STEP) * STEP
        alike[n_pieces, len(ids) == n_pieces].append(k)
    batches = [
        (n_pieces, texts[k : k + together // n_pieces])
        for (n_pieces, _), texts in sorted(alike.items(), reverse=True)
        for k in range(0, len(texts), together // n_pieces)
    ]

    def rows(batch: tuple[int, list[int]]) -> np.ndarray:
        n_pieces, texts = batch
        n_texts = together // n_pieces
        return vectors([read[k] for k in (texts * n_texts)[:n_texts]], n_pieces)[: len(texts)]

    order = np.concatenate([np.array(texts, dtype=np.int64) for _, texts in batches])
    return each_alone(rows, batches)[np.argsort(order)]


def each_alone(vectors: Callable[[Any], np.ndarray], batches: Sequence[Any]) -> np.ndarray:
    """Return the rows of batches, each read by one thread, as many side by side as there are cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return np.concatenate(list(side_by_side(vectors, batches)))
    finally:
        torch.set_num_threads(before)


def unit(rows: np.ndarray) -> np.ndarray:
    """Scale rows to length one as the models do, once in torch and once more for what that rounds off."""
    import torch

    found = torch.nn.functional.normalize(torch.from_numpy(rows), p=2, dim=1).numpy()
    return found / np.linalg.norm(found, axis=1, keepdims=True).clip(min=1e-12)


def summed(read: Sequence[Sequence[int]], vectors: np.ndarray) -> np.ndarray:
    """Return the sum of the vectors of each word's pieces (words x dimensions, float32)."""
    from scipy.sparse import csr_array

    columns = np.concatenate([*(np.array(ids, dtype=np.int32) for ids in read), np.zeros(0, dtype=np.int32)])
    starts = np.cumsum([0, *map(len, read)])
    pieces = csr_array((np.ones(len(columns), np.float32), columns, starts), shape=(len(read), len(vectors)))
    return np.asarray(pieces @ vectors, dtype=np.float32)


def _vectors(model: Any, batch: Any, half: bool) -> np.ndarray:
    """Return the unit rows of one batch."""
    import torch

    batch = {k: v.to(model.device) if isinstance(v, torch.Tensor) else v for k, v in batch.items()}
    with torch.inference_mode(), torch.autocast(model.device.type, torch.bfloat16, enabled=half):
        found = model(batch)["sentence_embedding"].float().cpu().numpy()
    return found / np.linalg.norm(found, axis=1, keepdims=True).clip(min=1e-12)


def _precision() -> str:
    """Return the precision in which this machine reads texts.

    The kernel and the files of torch are asked rather than torch, which a run on kept vectors need not load.
    """
    if _has_gpu():
        return "float16"
    return "bfloat16" if processor_has("amx_bf16", "avx512_bf16") else "float32"


def _has_gpu() -> bool:
    """Tell whether there is an NVIDIA card, not hidden by CUDA_VISIBLE_DEVICES, and a torch made for it."""
    from importlib.util import find_spec

    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "all") in ("", "-1")
    if hidden or not Path("/proc/driver/nvidia/version").exists():
        return False
    torch = find_spec("torch")
    return (
        torch is not None
        and torch.origin is not None
        and (Path(torch.origin).parent / "lib" / "libtorch_cuda.so").exists()
    )


def processor_has(*features: str) -> bool:
    """Tell whether the kernel names one of these features of the processor; no where it names none."""
    return not _features().isdisjoint(features)


@cache
def _features() -> frozenset[str]:
    try:
        return frozenset(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return frozenset()


@cache
def _load_sentence_model(source: str, precision: str) -> Any:
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    if precision == "float16" and not torch.cuda.is_available():
        raise DependencyError(
            "There is an NVIDIA card that torch cannot use (see torch.cuda.init()); mend its driver, or set "
            "CUDA_VISIBLE_DEVICES to -1 to go on without it."
        )
    try:
        model = SentenceTransformer(source, local_files_only=Path(source).is_dir()).eval()
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DependencyError(f"The model {source!r} could not be loaded: {reason}") from error
    if precision == "float16":
        model = model.half()
    if precision == "bfloat16":
        # The weights of the products only, once and not for each text; sums and norms stay in float32.
        for part in model.modules():
            if isinstance(part, torch.nn.Linear):
                part.to(torch.bfloat16)
    return model


@cache
def _begun_model(source: str, precision: str) -> Any:
    """Return the model that reads beginnings: all of it half as precise where products are."""
    import torch

    model = _load_sentence_model(source, precision)
    return copy.deepcopy(model).to(torch.bfloat16) if precision == "bfloat16" else model
