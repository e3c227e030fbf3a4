"""Copies of a run's tensors, to go back to.

A snapshot has the names of the state, and tensors of its own. What is frozen stays as
it was in all but the rarest networks (one that moves a teacher's weights in its
forward), so it is compared with the tensors of before the first step, ``first``, and
these stand in every snapshot while they are equal: a large frozen backbone is held and
written once.
"""

from collections.abc import Collection, Mapping

import torch
from torch import Tensor


def copied(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A snapshot with nothing shared."""
    return {name: value.detach().clone() for name, value in state.items()}


@torch.no_grad()
def renewed(
    old: Mapping[str, Tensor],
    state: Mapping[str, Tensor],
    first: Mapping[str, Tensor],
    frozen: Collection[str],
) -> dict[str, Tensor]:
    """A snapshot of ``state``, in the memory of an older one where it fits."""
    new = {}
    for name, value in state.items():
        if name in frozen and torch.equal(value, first[name]):
            new[name] = first[name]
            continue
        room = old.get(name)
        if room is None or room is first.get(name) or not _alike(room, value):
            room = torch.empty_like(value)
        new[name] = room.copy_(value)
    return new


@torch.no_grad()
def keep(
    best: dict[str, Tensor],
    state: Mapping[str, Tensor],
    first: Mapping[str, Tensor],
    number: int,
) -> None:
    """Take member ``number`` of ``state`` (M, ...) into the snapshot ``best``."""
    for name, value in state.items():
        if best[name] is first.get(name):
            if torch.equal(value[number], best[name][number]):
                continue
            best[name] = best[name].clone()
        best[name][number] = value[number]


def changed(
    state: Mapping[str, Tensor], first: Mapping[str, Tensor], frozen: Collection[str]
) -> dict[str, Tensor]:
    """``state`` without what is frozen and still as it was: what there is to write."""
    return {
        name: value
        for name, value in state.items()
        if name not in frozen
        or not (value is first[name] or torch.equal(value, first[name]))
    }


@torch.no_grad()
def restored(state: Mapping[str, Tensor], snapshot: Mapping[str, Tensor]) -> None:
    """Write a snapshot back into the tensors it was taken from."""
    for name, value in state.items():
        value.copy_(snapshot[name])


def _alike(one: Tensor, other: Tensor) -> bool:
    return (one.shape, one.dtype, one.device) == (
        other.shape,
        other.dtype,
        other.device,
    )
