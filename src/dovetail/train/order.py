"""The order of the data and every draw: pure functions of seed, epoch and step.

Nothing here reads or moves a global random state, so a run that was interrupted and a
run that was not see the same rows and the same dropout in the same order.
"""

import hashlib

import torch
from jaxtyping import Int64
from torch import Tensor

# Names of streams that never meet. torch's generator and not NumPy's: loading
# numpy.random takes longer than the first hundred steps of a small network.
_ORDER, _NOISE, _READING = "order", "noise", "reading"
_WORDS = 1 << 32


def row_order(seed: int, epoch: int, rows: int) -> Int64[Tensor, " n"]:
    """A permutation of ``rows`` for this epoch.

    >>> bool((row_order(0, 1, 5).sort().values == torch.arange(5)).all())
    True
    """
    return torch.randperm(rows, generator=_generator(_ORDER, seed, epoch))


def noise_keys(
    seed: int, epoch: int, steps: int, layers: int
) -> Int64[Tensor, "steps layers 2"]:
    """Keys of 32 bits for the noise of each step and layer; the first is the step's.

    Layer 0 seeds torch's own generator, for whatever draws from it; the others belong
    to our dropout layers.
    """
    generator = _generator(_NOISE, seed, epoch)
    return torch.randint(_WORDS, (steps, layers, 2), generator=generator)


def reading_seeds(seed: int, epoch: int, steps: int) -> list[int]:
    """Seeds for a user's loader, one for each batch; the first for its order too."""
    generator = _generator(_READING, seed, epoch)
    seeds: list[int] = torch.randint(_WORDS, (steps,), generator=generator).tolist()
    return seeds


def _generator(stream: str, seed: int, epoch: int) -> torch.Generator:
    """A generator of its own, on the host, so that every device sees the same."""
    said = f"{stream} {seed} {epoch}".encode()
    word = int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), "big") >> 1
    return torch.Generator().manual_seed(word)


def cuda_devices(device: torch.device) -> list[torch.device]:
    """The devices whose random state ``fork_rng`` must keep besides the CPU's."""
    return [device] if device.type == "cuda" else []
