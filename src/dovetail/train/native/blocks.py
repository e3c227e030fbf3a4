"""What a program is given: the rows, shares, noise and numbers of K steps at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, final

import torch
from torch import Tensor

from dovetail.train.feed import MemoryEpoch
from dovetail.train.update import FlatUpdate

if TYPE_CHECKING:
    from dovetail.train.native.program import Program


@final
@dataclass(frozen=True)
class BlockInputs:
    """What a program needs for every block of an epoch."""

    inputs: list[tuple[Tensor, ...]]  # of each block, (K, ...)

    @classmethod
    def of_epoch(
        cls,
        rows: MemoryEpoch,
        update: FlatUpdate,
        keys: Tensor,
        first: int,
        program: "Program",
    ) -> Self:
        """``first`` is the number of the epoch's first step in the run."""
        weights = update.members.weights
        blocks = rows.blocks(program.covers, program.steps, weights.dtype)
        count, length = blocks.shares.shape[:2]
        steps = count * length
        rates = update.rates(first, steps, update.total, update.scale)
        table = torch.from_numpy(update.table(first, rates)).to(weights)
        layers = keys.shape[2]
        placed = keys.new_zeros(steps, len(update.members), layers, 3)
        placed[: program.covers, :, :, :2] = keys[: program.covers]
        parts = (
            blocks.rows.numbers, blocks.rows.categories, blocks.rows.target,
            blocks.shares,
            placed.view(count, length, *placed.shape[1:]),
            table.view(count, length, *table.shape[1:]),
        )  # fmt: skip
        return cls(list(zip(*(part.unbind() for part in parts), strict=True)))
