"""Raw outputs that a row owes to itself alone.

A matrix product rounds otherwise for another number of rows, and at another place among
them: kernels are chosen by shape. So rows go through the network in blocks of one
shape, the last one filled up, are computed in float64 and rounded to float32 at the
end. What is left of a difference, some 1e-16 of the value, changes that rounding in one
of a hundred million answers: a row has the same bits served alone, in any order, in a
table of any length.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.func import functional_call

from dovetail.train.mode import evaluating

# A table of 100,000 rows takes twice the time of float32 in blocks of 8,192, one row
# three milliseconds; larger blocks are kinder to tables, smaller ones to single rows.
BLOCK = 128


@torch.inference_mode()
def row_outputs(
    network: nn.Module,
    numbers: Float[Tensor, "n f"],
    categories: Int64[Tensor, "n c"],
    *,
    precise: bool = True,
) -> Float[Tensor, "n k"]:
    """Raw outputs of all rows, on the CPU; each follows from its row alone.

    ``precise=False`` computes in float32, as a user's own module may have to: a row's
    last bits can then differ with its place in a block.

    The network is in evaluation mode meanwhile and goes back to the mode it was in.
    """
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    kind = torch.float64 if precise else torch.float32
    state = {
        name: tensor.to(kind)
        for name, tensor in (*network.named_parameters(), *network.named_buffers())
        if precise and tensor.is_floating_point()
    }
    # Memory of torch's own is aligned; that of a caller may not be, and kernels differ.
    block = (
        torch.zeros(BLOCK, numbers.shape[1], dtype=kind, device=device),
        categories.new_zeros(BLOCK, categories.shape[1], device=device),
    )
    parts: list[Tensor] = []
    with evaluating(network):
        for start in range(0, max(1, len(numbers)), BLOCK):
            rows = min(BLOCK, len(numbers) - start)
            for room, given in zip(block, (numbers, categories), strict=True):
                room[:rows] = given[start : start + rows]
                if rows:
                    room[rows:] = room[rows - 1]  # a user's module may refuse zeros
            raw = functional_call(network, state, block) if precise else network(*block)
            parts.append(raw[:rows].float().cpu())
    return torch.cat(parts)
