"""The rows of a table as tensors: inputs, encoded target, weights."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import Any, Self

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from dovetail.errors import DataError
from dovetail.train.mode import evaluating

# Rows of one forward pass without gradient: so few stay in a processor's cache.
CHUNK, CHUNK_ON_CPU = 8_192, 512


@dataclass(frozen=True)
class Rows:
    """n rows on one device; ``weights`` is None where every row counts once."""

    numbers: Float[Tensor, "n f"]
    categories: Int64[Tensor, "n c"]
    target: Tensor
    weights: Float[Tensor, " n"] | None = None

    def __len__(self) -> int:
        return len(self.target)

    def __getitem__(self, part: slice | Tensor) -> "Rows":
        weights = None if self.weights is None else self.weights[part]
        return Rows(
            self.numbers[part], self.categories[part], self.target[part], weights
        )

    def empty(self, rows: int) -> "Rows":
        """Room for so many rows of this kind."""
        kinds = (self.numbers, self.categories, self.target, self.weights)
        room = (None if k is None else k.new_zeros(rows, *k.shape[1:]) for k in kinds)
        return Rows(*room)  # type: ignore[arg-type]

    def fill(self, rows: "Rows", order: Tensor | None = None) -> None:
        """Write ``rows`` in here from the start on, in that order."""
        for room, given in (
            (self.numbers, rows.numbers),
            (self.categories, rows.categories),
            (self.target, rows.target),
            (self.weights, rows.weights),
        ):
            if room is None or given is None:
                continue
            if order is None:
                room[: len(given)] = given
            else:
                torch.index_select(given, 0, order, out=room[: len(order)])

    def repeat_last(self, rows: int) -> None:
        """Write the last of the first ``rows`` rows over all that follow."""
        for room in (self.numbers, self.categories, self.target, self.weights):
            if room is not None:
                room[rows:] = room[rows - 1]

    def split(self, starts: list[int]) -> "list[Rows]":
        """The parts between one start and the next, as views."""
        sizes = [end - first for first, end in pairwise(starts)]
        weights: Iterable[Tensor | None] = repeat(None)
        if self.weights is not None:
            weights = self.weights.split_with_sizes(sizes)
        parts = zip(
            self.numbers.split_with_sizes(sizes),
            self.categories.split_with_sizes(sizes),
            self.target.split_with_sizes(sizes),
            weights,
            strict=False,
        )
        return [Rows(*part) for part in parts]

    @classmethod
    def of(cls, batch: Any) -> "Rows":
        """A batch of a loader: ``Rows``, (x, target) or (x, target, weights)."""
        if isinstance(batch, Rows):
            return batch
        if isinstance(batch, tuple | list) and len(batch) in (2, 3):
            numbers, target, *weights = batch
            if all(isinstance(part, Tensor) for part in batch):
                none = torch.zeros(len(target), 0, dtype=torch.int64)
                return cls(numbers, none, target, *weights)
        raise DataError(
            f"The loader gives a {type(batch).__name__}; needed: Rows, or tensors "
            "(x, target) or (x, target, weights).",
            fix="let it yield one of these, with at least one batch",
        )

    def to(self, device: torch.device) -> Self:
        """The same rows on a device."""
        return type(self)(
            self.numbers.to(device),
            self.categories.to(device),
            self.target.to(device),
            None if self.weights is None else self.weights.to(device),
        )


@torch.inference_mode()
def raw_outputs(
    network: nn.Module,
    numbers: Float[Tensor, "n f"],
    categories: Int64[Tensor, "n c"],
) -> Float[Tensor, "n k"]:
    """Raw outputs of all rows, on the CPU, in chunks so that memory stays bounded.

    The network is in evaluation mode meanwhile and goes back to the mode it was in.
    """
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    chunk = CHUNK_ON_CPU if device.type == "cpu" else CHUNK
    with evaluating(network):
        parts = [
            network(
                numbers[i : i + chunk].to(device), categories[i : i + chunk].to(device)
            ).cpu()
            for i in range(0, max(1, len(numbers)), chunk)
        ]
    return torch.cat(parts)
