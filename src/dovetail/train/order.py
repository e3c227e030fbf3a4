"""The order of the data and every draw: pure functions of seed, epoch and step.

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


def noise_keys(
    seed: int, epoch: int, steps: int, layers: int
) -> Int64[Tensor, "steps layers 2"]:
    """Keys of 32 bits for the noise of each step and layer; the first is the step's.

    Layer 0 seeds torch's own generator, for whatever draws from it; the others belong
    to our dropout layers.
    """
    stream = np.random.SeedSequence([seed, _NOISE, epoch])
    generator = np.random.Generator(np.random.PCG64(stream))
    keys = generator.integers(0, 1 << 32, size=(steps, layers, 2), dtype=np.int64)
    return torch.from_numpy(keys)


def cuda_devices(device: torch.device) -> list[torch.device]:
    """The devices whose random state ``fork_rng`` must keep besides the CPU's."""
    return [device] if device.type == "cuda" else []
