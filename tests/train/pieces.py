"""Runs that are interrupted and go on, to be compared with those that were not."""

import random
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dovetail import losses, optim
from dovetail.errors import Interrupted
from dovetail.train import Checkpoints, Plan, Rows, Stop, Trained, train
from tests.train.engine import Own, loss_on, mlp, state_of

SQUARED = losses.Squared()


class Interrupting(Own):
    """Sends a signal to ``stop`` in the passes of training named in ``at``."""

    def __init__(self, inner: nn.Module, trouble: int = 0) -> None:
        super().__init__(inner)
        self.stop: Stop | None = None
        self.at: set[int] = set()
        self.trouble, self.passes = trouble, 0

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        out = self.inner(numbers)
        if self.training:
            self.passes += 1
            if self.passes in self.at and self.stop is not None:
                self.stop.signal = signal.SIGTERM
            if self.passes == self.trouble:
                out = out * torch.nan
        return out


Result = tuple[dict[str, Tensor], Trained]


def whole_run(
    make: Callable[[int], nn.Module], spec: optim.Spec, read: Callable[[], Any],
    given: Plan, data: Rows, trouble: int = 0, loss: losses.Loss = SQUARED,
) -> tuple[Result, int]:  # fmt: skip
    network = Interrupting(make(0), trouble)
    trained = train(
        network, loss, spec, read(), given, score=loss_on(network, data),
        metric="mse",
    )  # fmt: skip
    return (state_of(network), trained), network.passes


def run_in_pieces(
    make: Callable[[int], nn.Module], spec: optim.Spec, read: Callable[[], Any],
    given: Plan, data: Rows, folder: Path, at: list[int], trouble: int = 0,
    loss: losses.Loss = SQUARED,
) -> Result:  # fmt: skip
    """A new network, a new reader and another random state after each interruption."""
    made, interruptions = 0, 0
    while True:
        torch.manual_seed(random.randrange(2**30))
        network = Interrupting(make(interruptions), trouble and trouble - made)
        network.stop, network.at = Stop(), {i - made for i in at if i > made}
        checkpoints = Checkpoints(folder)
        try:
            trained = train(
                network, loss, spec, read(), given, score=loss_on(network, data),
                metric="mse", checkpoints=checkpoints, stop=network.stop,
            )  # fmt: skip
        except Interrupted:
            made += network.passes
            interruptions += 1
            continue
        finally:
            checkpoints.close()
        assert interruptions == len(at)
        return state_of(network), trained


def equal(one: Result, other: Result) -> None:
    for name, value in one[0].items():
        bits = [v.reshape(-1).view(torch.uint8) for v in (value, other[0][name])]
        assert torch.equal(*bits), name
    assert replace(one[1], choices=None) == replace(other[1], choices=None)


def dropping(seed: int, dtype: torch.dtype = torch.float64) -> nn.Module:
    # Two sizes of networks: muon wants a hidden matrix, dropout its noise.
    return mlp(seed, dropout=0.3, norm=True, dtype=dtype).module
