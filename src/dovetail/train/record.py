"""The losses of an epoch's steps, left on the device until somebody asks.

Reading a number waits for everything before it, and writing each into its place costs
as much as a small step; so they are kept as they come and put together when read.
"""

from typing import final

import torch
from torch import Tensor


@final
class Record:
    """Losses (steps, M), gradient norms (steps, M) and rows of the steps so far.

    ``sizes`` are the rows of every step where they are known beforehand. Norms are
    those before clipping; 0 where nothing is clipped.
    """

    def __init__(self, steps: int, weights: Tensor, sizes: list[int] | None) -> None:
        self.sizes = [0] * steps if sizes is None else sizes
        self._losses = _Series(steps, weights)
        self._norms = _Series(steps, weights)
        self._seen = self._rows = 0
        self._total = torch.zeros((), dtype=torch.float64)

    def add(self, losses: Tensor, norms: Tensor | None) -> None:
        """Of the next k steps, (k, M) each."""
        self._losses.unread.append(losses)
        if norms is not None:
            self._norms.unread.append(norms)

    @property
    def newest(self) -> Tensor:
        """The losses that were added last, (k, M)."""
        return self._losses.unread[-1]

    def losses(self, place: int) -> Tensor:
        """Of the first ``place`` steps."""
        return self._losses.read(place)

    def norms(self, place: int) -> Tensor:
        """Of the first ``place`` steps."""
        return self._norms.read(place)

    def means(self, place: int) -> list[float]:
        """The mean loss per row of each member over the first ``place`` steps."""
        sizes = torch.tensor(self.sizes[:place], dtype=torch.float64)
        seen = self.losses(place).double().cpu()
        found: list[float] = ((seen * sizes[:, None]).sum(0) / sizes.sum()).tolist()
        return found

    def rows(self, place: int) -> int:
        """How many rows the first ``place`` steps had."""
        return sum(self.sizes[:place])

    def running(self, place: int) -> tuple[list[float], int]:
        """As ``means``, and how many rows; only what is new since the last time is
        looked at, so its last bits depend on when that was: to show, not to keep."""
        new = self.losses(place)[self._seen : place].double().cpu()
        sizes = torch.tensor(self.sizes[self._seen : place], dtype=torch.float64)
        self._total = self._total + (new * sizes[:, None]).sum(0)
        self._rows += int(sizes.sum())
        self._seen = place
        return (self._total / self._rows).tolist(), self._rows

    def clear(self) -> None:
        """Another epoch begins."""
        self._seen = self._rows = 0
        self._total = torch.zeros((), dtype=torch.float64)
        self._losses.unread.clear()
        self._norms.unread.clear()

    def load(self, losses: Tensor, norms: Tensor, sizes: list[int]) -> None:
        """Go on after steps that were recorded before."""
        self.sizes[: len(sizes)] = sizes
        for series, values in ((self._losses, losses), (self._norms, norms)):
            series.values[: len(values)] = values.to(series.values.device)


class _Series:
    """One number a step and member; those not yet put in their place beside it."""

    def __init__(self, steps: int, weights: Tensor) -> None:
        self.values = weights.new_zeros(steps, len(weights))
        self.unread: list[Tensor] = []

    def read(self, place: int) -> Tensor:
        if self.unread:
            new = torch.cat(self.unread)
            self.values[place - len(new) : place] = new
            self.unread.clear()
        return self.values[:place]
