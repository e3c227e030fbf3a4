"""Several training steps as one compiled program, kept on disk for the next run.

    trace     the step's tensor operations, forward, backward and update, as one graph
    compile   ahead of time, by torch's compiler and the machine's C++ compiler
    keep      under the hash of the graph, the shapes, versions and processor
    run       K steps in one call: no Python and no autograd between the operations

The program is the eager step (``step.py``, ``update.py``) run once on tensors that
record, so both hold the same mathematics. What it cannot see are Python's own side
effects; ``traceable`` refuses code that may have some, and the loop compares its loss
with the eager step's at each epoch.
"""

from collections.abc import Callable, Sequence
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from dovetail.train import noise
from dovetail.train.feed import MemoryFeed
from dovetail.train.members import Members
from dovetail.train.programs import program
from dovetail.train.rows import Rows
from dovetail.train.step import Objective, leaves_of, losses_of
from dovetail.train.update import FlatUpdate


@final
class Program:
    """K steps of a fixed batch size in one call, in place on the members' buffers.

    A step whose ``active`` is false leaves everything as it was, so that an epoch need
    not be a multiple of K; rows whose share is 0 fill up its last batch.
    """

    def __init__(
        self,
        members: Members,
        update: FlatUpdate,
        objective: Objective,
        precision: str,
        feed: MemoryFeed,
        *,
        steps: int,
    ) -> None:
        self.members, self.update = members, update
        self.objective, self.precision, self.steps = objective, precision, steps
        self.covers = self._covered(feed)  # steps of an epoch; the rest are eager
        self._inputs = list(self._state().values())
        example = self._example(feed.rows[: feed.batch])
        graph = traced(self._steps, example)
        self._run = program(graph, example)

    def __call__(self, block: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Losses and norms before clipping, (K, M) both.

        Every part of ``block`` has the K steps first: numbers, categories and target
        (K, B, ...), shares (K, B), active (K,), keys (K, M, layers, 3),
        table (K, M, C).
        """
        losses, norms = self._run([*self._inputs, *block])
        return losses, norms

    def _covered(self, feed: MemoryFeed) -> int:
        """All steps of the batch size; a shorter last one too, filled up with rows that
        count for nothing, unless a layer takes statistics over the rows, or may."""
        last = feed.starts[-1] - feed.starts[-2]
        mixes = any(
            isinstance(m, nn.modules.batchnorm._NormBase) or not noise.is_known(type(m))
            for m in self.members.networks[0].modules()
        )
        fits = last == feed.batch or (last < feed.batch and not mixes)
        return feed.steps if fits else feed.steps - 1

    def _state(self) -> dict[str, Tensor]:
        return {**self.members.state(), **self.update.state()}

    def _example(self, rows: Rows) -> list[Tensor]:
        """Arguments of the right shapes, with the state's copies."""
        count, batch = self.steps, len(rows)
        weights = self.members.weights

        def many(value: Tensor) -> Tensor:
            return value.unsqueeze(0).repeat(count, *[1] * value.ndim)

        layers = len(noise.layers(self.members.networks[0]))
        return [
            *(value.detach().clone() for value in self._state().values()),
            many(rows.numbers), many(rows.categories), many(rows.target),
            weights.new_full((count, batch), 1 / batch),
            torch.ones(count, dtype=torch.bool, device=weights.device),
            weights.new_zeros(count, len(weights), layers, 3, dtype=torch.int64),
            weights.new_zeros(count, len(weights), self.update.columns),
        ]  # fmt: skip

    def _steps(self, *arguments: Tensor) -> tuple[Tensor, Tensor]:
        """The function that is traced."""
        names = list(self._state())
        state = dict(zip(names, arguments[: len(names)], strict=True))
        numbers, categories, target, shares, active, keys, table = arguments[
            len(names) :
        ]
        losses, norms = [], []
        for k in range(self.steps):
            part = Rows(numbers[k], categories[k], target[k])
            loss, norm = self._step(
                state, part, shares[k], active[k], keys[k], table[k]
            )
            losses.append(loss)
            norms.append(norm)
        return torch.stack(losses), torch.stack(norms)

    def _step(
        self, state: dict[str, Tensor], part: Rows, shares: Tensor, active: Tensor,
        keys: Tensor, numbers: Tensor,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        before = {name: value.clone() for name, value in state.items()}
        buffers = {name: state[f"buffer.{name}"] for name in self.members.buffers}
        with torch.enable_grad():
            leaves = leaves_of(self.members, state["weights"])
            loss = losses_of(
                self.members, self.objective, self.precision, leaves, buffers, keys,
                part, shares,
            )  # fmt: skip
            found = torch.autograd.grad(
                loss.sum(), list(leaves.values()), allow_unused=True
            )
        gradient = torch.cat(self.members.beside(found), dim=1)
        norms = self.update.apply(state, gradient, numbers)
        if self.steps > 1:
            for name, value in state.items():
                value.copy_(torch.where(active, value, before[name]))
        return loss.detach(), loss.detach() if norms is None else norms


def traced(function: Callable[..., Any], example: Sequence[Tensor]) -> GraphModule:
    """The tensor operations of ``function`` as a graph."""
    with torch.no_grad():
        graph: GraphModule = make_fx(function, tracing_mode="fake")(*example)
    for node in graph.graph.nodes:
        if torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()):
            raise RuntimeError(f"the network draws noise of its own ({node.target})")
    return graph
