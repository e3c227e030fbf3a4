"""One training step: rows in, new weights out.

    rows -> raw outputs (M, n, k) -> one loss value per row -> mean of each member
         -> gradient (M, P) -> clip -> optimizer -> average

``gradients`` is the part before the arrow to the gradient; it is called eagerly, or
traced and compiled (``train/native/program.py``). The members share the rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import final

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.func import functional_call, vmap
from torch.nn.modules.batchnorm import _BatchNorm

from dovetail.losses import Loss
from dovetail.optim import Spec
from dovetail.train import noise
from dovetail.train.members import Members
from dovetail.train.rows import Rows


def mean(each: Tensor, shares: Float[Tensor, " n"] | None) -> Tensor:
    """The mean over rows, the last axis; ``shares`` are the rows' parts in it."""
    return each.mean(-1) if shares is None else each @ shares


@final
@dataclass(frozen=True)
class Objective:
    """The mean loss of each member; members of one loss stand side by side."""

    losses: tuple[Loss, ...]

    def __call__(
        self,
        raw: Float[Tensor, "m n k"],
        target: Tensor,
        weights: Float[Tensor, " n"] | None,
    ) -> Float[Tensor, " m"]:
        """``weights`` are the rows' shares in the mean; None: all alike."""
        found = [mean(each, weights) for each in self._per_row(raw, target)]
        return found[0] if len(found) == 1 else torch.cat(found)

    def rows(self, raw: Float[Tensor, "m n k"], target: Tensor) -> Float[Tensor, "m n"]:
        """One value per member and row."""
        return torch.cat(self._per_row(raw, target))

    def _per_row(self, raw: Tensor, target: Tensor) -> list[Tensor]:
        """(members, n) for each run of members with one loss."""
        found = []
        first = 0
        for loss, alike in groupby(self.losses):
            count = len(list(alike))
            own = raw[first : first + count]
            first += count
            if count == 1:
                per_row = loss.rows(own[0], target).unsqueeze(0)
            else:
                repeated = target.unsqueeze(0).expand(count, *target.shape)
                per_row = loss.rows(own.flatten(0, 1), repeated.flatten(0, 1))
                per_row = per_row.view(count, -1)
            found.append(per_row)
        return found


@final
class Step:
    """The eager step of M members, in place on their buffers."""

    def __init__(
        self,
        members: Members,
        losses: Sequence[Loss],
        specs: Sequence[Spec],
        precision: str,
    ) -> None:
        self.members = members
        self.objective = Objective(tuple(losses))
        self.precision = precision
        self.device = members.weights.device
        self.parameters = members.parameters(0)
        network = members.networks[0]
        self.layers = noise.layers(network)
        self.noise = torch.zeros(
            len(members),
            len(self.layers),
            3,
            dtype=torch.int64,
            device=self.device,
        )
        self.draws = noise.draws(network, (*losses, *specs))
        # Batch norm has no statistics of a single row.
        mixes = any(isinstance(m, _BatchNorm) for m in network.modules())
        self.least = 2 if mixes else 1
        self.keys: Int64[Tensor, "steps m layers 2"]
        self.seeds: list[int] = []
        if len(members) == 1:
            noise.listen(network, self.noise[0])

    def begin_epoch(self, keys: Int64[Tensor, "steps m layers1 2"]) -> None:
        """The keys of the noise of each step; the first layer seeds torch itself."""
        self.seeds = keys[:, 0, 0, 0].tolist()  # on the host: no step waits for them
        self.keys = keys[:, :, 1:].to(self.device)

    def gradients(
        self, part: Rows, shares: Tensor | None, place: int, micro: int | None
    ) -> tuple[Tensor, list[Tensor | None]]:
        """Mean losses (M,) of step ``place`` of the epoch, and each parameter's
        gradient, in several parts if ``micro`` rows are the most that fit (or 2 and 3,
        where a layer takes statistics over them).

        ``shares`` (n,) are the rows' parts in the mean; None: all count alike.
        """
        if self.layers:
            self.noise[:, :, :2] = self.keys[place]
        if micro is None or micro >= len(part):
            return self._of_rows(part, shares, place, 0)
        if shares is None:
            shares = part.target.new_full(
                (len(part),), 1 / len(part), dtype=self.members.weights.dtype
            )
        total: Tensor | None = None
        sums: list[Tensor | None] = []
        # Parts of nearly equal size, none smaller than ``least``.
        count = min(-(-len(part) // micro), max(1, len(part) // self.least))
        cuts = [len(part) * i // count for i in range(count + 1)]
        for first, end in pairwise(cuts):
            some = slice(first, end)
            loss, found = self._of_rows(part[some], shares[some], place, first)
            if total is None:
                total, sums = loss, found
                continue
            total = total + loss
            sums = [
                a if b is None else b if a is None else a + b
                for a, b in zip(sums, found, strict=True)
            ]
        assert total is not None
        return total, sums

    @torch.no_grad()
    def row_losses(self, part: Rows, place: int) -> Float[Tensor, "m n"]:
        """The loss of each row in a step that is not made."""
        kept = {name: b.clone() for name, b in self.members.buffers.items()}
        self.noise[:, :, :2] = self.keys[place]
        self.noise[:, :, 2] = 0
        if self.draws:
            noise.seed(self.seeds[place], self.device)
        raw = raw_of(
            self.members, self.precision,
            leaves_of(self.members, self.members.weights), self.members.buffers,
            self.noise, part,
        )  # fmt: skip
        for name, buffer in self.members.buffers.items():
            buffer.copy_(kept[name])
        return self.objective.rows(raw, part.target)

    def _of_rows(
        self, part: Rows, shares: Tensor | None, place: int, first: int
    ) -> tuple[Tensor, list[Tensor | None]]:
        if self.layers:
            self.noise[:, :, 2] = first
        if self.draws:
            # Parts of a batch must not repeat each other's noise.
            noise.seed(self.seeds[place] + first, self.device)
        if len(self.members) == 1:
            with (
                noise.one_pass(self.layers, len(part)),
                autocast(self.precision, self.device),
            ):
                raw = self.members.networks[0](part.numbers, part.categories)
            each = self.objective.losses[0].rows(plain(raw, self.members), part.target)
            loss = mean(each, shares)
            found = torch.autograd.grad(loss, self.parameters, allow_unused=True)
            return loss.detach().reshape(1), list(found)
        leaves = leaves_of(self.members, self.members.weights)
        loss = losses_of(
            self.members, self.objective, self.precision,
            leaves, self.members.buffers, self.noise, part, shares,
        )  # fmt: skip
        values = torch.autograd.grad(
            loss.sum(), list(leaves.values()), allow_unused=True
        )
        return loss.detach(), list(values)


def leaves_of(members: Members, weights: Tensor) -> dict[str, Tensor]:
    """The parameters of all members (M, *shape), cut loose from the buffer.

    A gradient of views would run back through every cut, over the whole buffer.
    """
    return {
        place.name: place.of(weights).detach().requires_grad_()
        for place in members.places
    }


def losses_of(
    members: Members,
    objective: Objective,
    precision: str,
    leaves: Mapping[str, Tensor],
    buffers: Mapping[str, Tensor],
    keys: Tensor,
    part: Rows,
    shares: Tensor | None,
) -> Float[Tensor, " m"]:
    """The mean losses as a pure function of tensors (buffers change in place)."""
    raw = raw_of(members, precision, leaves, buffers, keys, part)
    return objective(raw, part.target, shares)


def raw_of(
    members: Members,
    precision: str,
    leaves: Mapping[str, Tensor],
    buffers: Mapping[str, Tensor],
    keys: Tensor,
    part: Rows,
) -> Float[Tensor, "m n k"]:
    """The raw outputs of all members as a function of tensors."""
    network = members.networks[0]
    dropouts = members.dropouts
    common = {name: buffers[name][0] for name in members.shared}
    buffers = {n: buffer for n, buffer in buffers.items() if n not in common}

    def of_one(
        own: dict[str, Tensor], state: dict[str, Tensor], keys: Tensor
    ) -> Tensor:
        listening = {f"{name}.noise": keys[i] for i, name in enumerate(dropouts)}
        everything = {**own, **state, **common, **listening}
        with autocast(precision, keys.device):
            found: Tensor = functional_call(
                network, everything, (part.numbers, part.categories)
            )
        return plain(found, members)

    if len(members) == 1:
        with noise.one_pass(dropouts.values(), len(part)):
            return of_one(
                {name: leaf[0] for name, leaf in leaves.items()},
                {name: buffer[0] for name, buffer in buffers.items()},
                keys[0],
            ).unsqueeze(0)
    with noise.one_pass(dropouts.values(), len(part)):
        raw: Tensor = vmap(of_one, randomness="different")(
            dict(leaves), dict(buffers), keys
        )
    return raw


def autocast(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Products in bfloat16 inside, where that was chosen."""
    if precision != "bfloat16":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


@contextmanager
def products_in(precision: str) -> Iterator[None]:
    """float32 products by TF32 inside, where that was chosen: forward and backward."""
    if precision != "tf32":
        yield
        return
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def plain(raw: Tensor, members: Members) -> Tensor:
    """Raw outputs in the precision of the weights: losses are not computed in half."""
    return raw.to(members.weights.dtype)
