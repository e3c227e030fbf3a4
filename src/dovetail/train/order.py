"""The order of the data: a pure function of seed, epoch and step.

Nothing here reads or moves a global random state, so a run that was interrupted and a
run that was not see the same rows and the same dropout in the same order.
"""

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

_ORDER, _NOISE = 0, 1  # two streams that never meet


def row_order(seed: int, epoch: int, rows: int) -> Int64[Tensor, " n"]:
    """A permutation of ``rows`` for this epoch.

    >>> bool((row_order(0, 1, 5).sort().values == torch.arange(5)).all())
    True
    """
    stream = np.random.SeedSequence([seed, _ORDER, epoch])
    order = np.random.Generator(np.random.PCG64(stream)).permutation(rows)
    return torch.from_numpy(order)


def noise_seed(seed: int, epoch: int) -> int:
    """The seed of an epoch's dropout and augmentation."""
    stream = np.random.SeedSequence([seed, _NOISE, epoch])
    return int(stream.generate_state(1, np.uint64)[0] >> 1)


def cuda_devices(device: torch.device) -> list[torch.device]:
    """The devices whose random state ``fork_rng`` must keep besides the CPU's."""
    return [device] if device.type == "cuda" else []
