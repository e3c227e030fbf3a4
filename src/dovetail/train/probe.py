"""One row through a network, to see shapes and count work; nothing of it stays."""

import torch
from torch import Tensor, nn

from dovetail.train.order import cuda_devices
from dovetail.train.rows import Rows


@torch.no_grad()
def probe(network: nn.Module, rows: Rows) -> Tensor:
    """Raw outputs of the first row, (1, K), by the network as it is used.

    The mode of every module and torch's random state are as they were.
    """
    modes = {module: module.training for module in network.modules()}
    with torch.random.fork_rng(devices=cuda_devices(rows.target.device)):
        network.eval()
        try:
            raw: Tensor = network(rows.numbers[:1], rows.categories[:1])
        finally:
            for module, training in modes.items():
                module.training = training
    return raw
