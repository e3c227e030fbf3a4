"""A moving average of the weights, which anneals a run at whatever point it ends.

    decay(t) = min(0.999, (1 + t) / (10 + t))        average <- decay average + (1 - decay) w

The window is about a tenth of the steps so far, at most a thousand. So the best epoch
may come anywhere in the schedule, also where the learning rate is still large.
Sources: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging",
1992; Tarvainen and Valpola, "Mean teachers are better role models", 2017.
"""  # noqa: E501

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

LONGEST = 0.999


class Average:
    """The averaged parameters of one network; buffers are the network's own."""

    def __init__(self, network: nn.Module) -> None:
        self._weights: list[Tensor] = [
            p for p in network.parameters() if p.requires_grad
        ]
        self._averages: list[Tensor] = [w.detach().clone() for w in self._weights]
        self._steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights after a step in."""
        decay = min(LONGEST, (1 + self._steps) / (10 + self._steps))
        self._steps += 1
        torch._foreach_lerp_(self._averages, self._weights, 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Inside, the network has the averaged weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        kept: list[Tensor] = [w.clone() for w in self._weights]
        torch._foreach_copy_(self._weights, self._averages)
        torch._foreach_copy_(self._averages, kept)
