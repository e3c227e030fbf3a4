"""Backbone and head as one module: columns of a table to raw outputs."""

from jaxtyping import Float, Int64
from torch import Tensor, nn


class Network(nn.Module):
    """numbers (n, f), categories (n, c) -> backbone (n, d) -> head (n, k), raw."""

    def __init__(self, backbone: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(
        self, numbers: Float[Tensor, "n f"], categories: Int64[Tensor, "n c"]
    ) -> Float[Tensor, "n k"]:
        """Raw outputs: logits or link space, never probabilities."""
        return self.head(self.backbone(numbers, categories))  # type: ignore[no-any-return]
