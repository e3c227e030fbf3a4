"""The head nearly every task has: a linear layer that starts as a constant."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


def linear(in_features: int, bias: Float[Tensor, " k"]) -> nn.Linear:
    """``Linear(in_features, k)`` with zero weights and the given bias.

    Step 0 then predicts the best constant whatever the features are, so the first
    loss is the null model's and training starts from the baseline.

    >>> linear(4, torch.tensor([0.5, -0.5]))(torch.ones(1, 4)).tolist()
    [[0.5, -0.5]]
    """
    layer = nn.Linear(in_features, len(bias))
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.copy_(bias)
    return layer
