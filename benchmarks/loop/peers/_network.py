"""The tutorial's network in torch, and what its loops share."""

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.loop.cases import Case


def network(case: Case, seed: int) -> nn.Sequential:
    """The same weights for each peer that trains a torch module."""
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for inputs, outputs in case.layers:
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def tensors(numbers: np.ndarray, target: np.ndarray) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(numbers), torch.from_numpy(target)


@torch.inference_mode()
def logits(module: nn.Module, numbers: np.ndarray) -> np.ndarray:
    return module.eval()(torch.from_numpy(numbers)).numpy()
