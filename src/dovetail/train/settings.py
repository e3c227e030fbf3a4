"""What a run is made of besides its state, as a short document in its checkpoints.

Going on with another optimizer, seed or network would be neither the run that was
begun nor a new one; so what a checkpoint says is compared before it is used.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dovetail.errors import ConfigError
from dovetail.losses import Loss
from dovetail.optim import Spec
from dovetail.train.members import Members

_SHOWN = 3  # differences in a message


def settings(
    members: Members,
    losses: Sequence[Loss],
    specs: Sequence[Spec],
    *,
    seed: int,
    noise_seeds: Sequence[int],
    steps: int,
    total: int,
    clip: float | None,
    average: bool,
) -> dict[str, Any]:
    """JSON; ``steps`` are those of an epoch, ``total`` those of the schedule."""
    found = {
        "seed": seed,
        "noise seed": noise_seeds,
        "optimizer": [spec.to_json() for spec in specs],
        "loss": [loss.to_json() for loss in losses],
        "steps of an epoch": steps,
        "steps of all epochs": total,
        "clip": clip,
        "average": average,
        "weights": {place.name: list(place.shape) for place in members.places},
        "type of weights": str(members.weights.dtype),
        "buffers": {name: list(b.shape) for name, b in members.buffers.items()},
    }
    # As it will be read again: lists for tuples.
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


def check_same(saved: Mapping[str, Any] | None, now: Mapping[str, Any]) -> None:
    """Raise a ConfigError that says what has changed since a checkpoint."""
    if saved is None:
        raise ConfigError(
            "The checkpoint was written by an earlier version of dovetail, which did "
            "not say in it what was trained and how.",
            fix="finish the training with that version, or start again in another "
            "folder",
        )
    found = list(_differences(saved, now, ""))
    if found:
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise ConfigError(
            "The checkpoint is of another training: "
            f"{'; '.join(found[:_SHOWN])}{more}.",
            fix="train as it was begun, or start again in another folder",
        )


def _differences(old: Any, new: Any, name: str) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in {**old, **new}:
            if key not in old or key not in new:
                yield f"{name} {key} is {'new' if key in new else 'missing'}".strip()
            else:
                yield from _differences(old[key], new[key], f"{name} {key}".strip())
    elif _of_members(old) and _of_members(new) and len(old) == len(new) > 1:
        for number, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(*pair, f"{name} of member {number}")
    elif _of_members(old) and _of_members(new) and len(old) == len(new) == 1:
        yield from _differences(old[0], new[0], name)
    elif old != new:
        yield f"{name} was {old}, is {new}"


def _of_members(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)
