"""Several training steps as one compiled program, kept on disk for the next run.

    trace     the step's tensor operations, forward, backward and update, as one graph
    compile   ahead of time, by torch's compiler and the machine's C++ compiler
    keep      under the hash of the graph, the shapes, versions and processor
    run       K steps in one call: no Python and no autograd between the operations

The program is the eager step (``step.py``, ``update.py``) run once on tensors that
record, so both hold the same mathematics. What it cannot see are Python's own side
effects; ``traceable`` refuses code that may have some, and its loss is compared with
the eager step's: once, and at each epoch where code of a user's own is part of it.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, final

import torch
from torch import Tensor
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from dovetail.train import noise
from dovetail.train.members import Members
from dovetail.train.native.captured import captured
from dovetail.train.native.kept import program
from dovetail.train.rows import Rows
from dovetail.train.step import Objective, leaves_of, losses_of
from dovetail.train.update import FlatUpdate

FUSED = 20_000  # multiplications of a product that is not worth a call


def _product(a: Tensor, b: Tensor) -> Any:
    """a @ b, of matrices or stacks of them; a small one as a sum of products, which the
    compiler joins with what comes before and after it: a call of the library costs more
    than the arithmetic (measured: 1.7 times the steps of a 10-20-5 network)."""
    if a.shape[-2] * a.shape[-1] * b.shape[-1] * a[..., 0, 0].numel() > FUSED:
        return NotImplemented
    return (a.unsqueeze(-1) * b.unsqueeze(-3)).sum(-2)


def _sum_of_products(c: Tensor, a: Tensor, b: Tensor, **scales: float) -> Any:
    if scales.get("alpha", 1) != 1 or scales.get("beta", 1) != 1:
        return NotImplemented
    product = _product(a, b)
    return product if product is NotImplemented else c + product


_aten = torch.ops.aten
SMALL_PRODUCTS: dict[Any, Callable[..., Any]] = {
    _aten.mm.default: _product,
    _aten.bmm.default: _product,
    _aten.addmm.default: _sum_of_products,
    _aten.baddbmm.default: _sum_of_products,
}


@final
class Program:
    """K steps of a fixed batch size in one call, in place on the members' buffers.

    ``covers`` is how many steps of an epoch have that size, or can be filled up to it
    with rows whose share is 0; those beyond the last whole program are eager.
    ``compared`` turns true where its loss was the eager step's; of a step that is
    ``known``, all of it torch's code and ours, once is enough.
    """

    def __init__(
        self,
        members: Members,
        update: FlatUpdate,
        objective: Objective,
        precision: str,
        rows: Rows,
        *,
        steps: int,
        covers: int,
        cutting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Where it has to be compiled, inside ``cutting()``."""
        self.members, self.update = members, update
        self.objective, self.precision, self.steps = objective, precision, steps
        self.covers = covers - covers % steps  # of an epoch; the rest are eager
        self.compared = False
        self.known = not noise.draws(members.networks[0], objective.losses)
        self._inputs = list(self._state().values())
        example = self._example(rows)
        graph = traced(self._steps, example)  # where it refuses, a capture would not
        if members.weights.device.type == "cuda":
            block = example[len(self._inputs) :]
            self._run = captured(self._steps, self._inputs, block)
        else:
            self._run = program(graph, example, cutting)

    def __call__(self, block: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Losses and norms before clipping, (K, M) both.

        Every part of ``block`` has the K steps first: numbers, categories and target
        (K, B, ...), shares (K, B), keys (K, M, layers, 3), table (K, M, C).
        """
        losses, norms = self._run([*self._inputs, *block])
        return losses, norms

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
            weights.new_zeros(count, len(weights), layers, 3, dtype=torch.int64),
            weights.new_zeros(count, len(weights), self.update.columns),
        ]  # fmt: skip

    def _steps(self, *arguments: Tensor) -> tuple[Tensor, Tensor]:
        """The function that is traced."""
        names = list(self._state())
        state = dict(zip(names, arguments[: len(names)], strict=True))
        numbers, categories, target, shares, keys, table = arguments[len(names) :]
        losses, norms = [], []
        for k in range(self.steps):
            part = Rows(numbers[k], categories[k], target[k])
            loss, norm = self._step(state, part, shares[k], keys[k], table[k])
            losses.append(loss)
            norms.append(norm)
        return torch.stack(losses), torch.stack(norms)

    def _step(
        self, state: dict[str, Tensor], part: Rows, shares: Tensor, keys: Tensor,
        numbers: Tensor,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
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
        return loss.detach(), loss.detach() if norms is None else norms


def traced(function: Callable[..., Any], example: Sequence[Tensor]) -> GraphModule:
    """The tensor operations of ``function`` as a graph."""
    with torch.no_grad():
        graph: GraphModule = make_fx(
            function, tracing_mode="fake", decomposition_table=SMALL_PRODUCTS
        )(*example)
    for node in graph.graph.nodes:
        if torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()):
            raise RuntimeError(
                f"the network or the loss draws noise of its own ({node.target})"
            )
    return graph
