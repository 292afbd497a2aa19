"""The products of the bundled model's layers: in its own numbers, or in whole numbers of eight bits.

A processor without bfloat16 multiplies eight-bit numbers two to four times as fast as float32 (DECISIONS.md).
Each row has a scale of its own, so a vector still hangs on its text alone, and sums of whole numbers are the
same on every processor and in any order.
"""

from dataclasses import dataclass
from typing import Any

ROUNDED = "int8"
"""The precision of a model whose products are rounded."""

LARGEST_INPUT, LARGEST_WEIGHT = 127, 63
"""Rows and weights are rounded to whole numbers up to these. Processors without VNNI add two products in 16
bits: 255 x 63 x 2 fits (inputs are lifted by 128 there), 255 x 127 x 2 would be cut off without a word."""


@dataclass(frozen=True, eq=False)
class Product:
    """Weights (outputs x inputs) and bias, multiplied in the type of number that they have."""

    weight: Any
    bias: Any

    def into(self, found: Any, rows: Any) -> Any:
        """Write rows x weights + bias into `found` and return it."""
        import torch

        return torch.addmm(self.bias, rows, self.weight.t(), out=found)

    def added(self, to: Any, rows: Any) -> Any:
        """Add rows x weights, without the bias, to `to` and return it."""
        return to.addmm_(rows, self.weight.t())


@dataclass(frozen=True, eq=False)
class RoundedProduct:
    """Weights rounded to whole numbers, each output's in steps of its own; rows are rounded as they come.

    References
    ----------
    Dettmers, T. et al. (2022). LLM.int8(): 8-bit matrix multiplication for transformers at scale. NeurIPS: a
    scale for each row and each output.
    """

    weight: Any
    step: Any
    bias: Any

    @classmethod
    def of(cls, weight: Any, bias: Any) -> "RoundedProduct":
        """Round float32 weights (outputs x inputs)."""
        whole, step = _rounded(weight, LARGEST_WEIGHT)
        return cls(whole.t(), step.squeeze(1), bias)

    def into(self, found: Any, rows: Any) -> Any:
        """Write rows x weights + bias into `found` and return it."""
        import torch

        return torch.addcmul(self.bias, self._multiplied(rows, found), self.step, out=found)

    def added(self, to: Any, rows: Any) -> Any:
        """Add rows x weights, without the bias, to `to` and return it."""
        return to.addcmul_(self._multiplied(rows), self.step)

    def _multiplied(self, rows: Any, out: Any = None) -> Any:
        import torch

        whole, step = _rounded(rows, LARGEST_INPUT)
        return torch.mul(torch._int_mm(whole, self.weight), step, out=out)


def _rounded(rows: Any, largest: int) -> tuple[Any, Any]:
    """Return rows as int8, the largest number of each being `largest`, and the step of each."""
    import torch

    step = rows.abs().amax(1, keepdim=True).clamp_(min=1e-12).div_(largest)
    return (rows / step).round_().to(torch.int8), step
