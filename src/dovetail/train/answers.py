"""Raw outputs that a row owes to itself alone.

A matrix product may round otherwise for another number of rows: kernels are chosen by
shape. Here every product has the same shape: rows go through the network in blocks of
``BLOCK``, the last one filled up. So a row has the same answer, bit for bit, served
alone, in any order and in a table of any length.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

# What fits in the caches is quickest, too: with 64 rows a table takes two thirds of the
# time it takes in blocks of 8,192, and a single row a millisecond.
BLOCK = 64


@torch.inference_mode()
def row_outputs(
    network: nn.Module,
    numbers: Float[Tensor, "n f"],
    categories: Int64[Tensor, "n c"],
) -> Float[Tensor, "n k"]:
    """Raw outputs of all rows, on the CPU; each follows from its row alone.

    The network is in evaluation mode meanwhile and goes back to the mode it was in.
    """
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    # Memory of torch's own is aligned; that of a caller may not be, and kernels differ.
    block = (
        numbers.new_zeros(BLOCK, numbers.shape[1], device=device),
        categories.new_zeros(BLOCK, categories.shape[1], device=device),
    )
    parts: list[Tensor] = []
    was_training = network.training
    network.eval()
    try:
        for start in range(0, max(1, len(numbers)), BLOCK):
            rows = min(BLOCK, len(numbers) - start)
            for room, given in zip(block, (numbers, categories), strict=True):
                room[:rows] = given[start : start + rows]
                if rows:
                    room[rows:] = room[rows - 1]  # a user's module may refuse zeros
            parts.append(network(*block)[:rows].cpu())
    finally:
        network.train(was_training)
    return torch.cat(parts)
