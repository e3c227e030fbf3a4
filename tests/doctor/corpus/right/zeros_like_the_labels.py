"""Class labels gathered in a buffer that takes its dtype from the labels given."""

import torch
import torch.nn.functional as F
from torch import nn


class CellHead(nn.Module):
    def __init__(self, width: int, n_classes: int) -> None:
        super().__init__()
        self.scores = nn.Conv2d(width, n_classes, kernel_size=1)

    def forward(self, features):
        return self.scores(features).flatten(2).transpose(1, 2)


def loss_of(head: CellHead, features, notes: list[dict[str, torch.Tensor]]):
    scores = head(features)
    wanted = []
    for per_image, note in zip(scores, notes):
        cells = torch.zeros(
            (per_image.size(0),), dtype=note["labels"].dtype, device=per_image.device
        )
        cells[note["where"]] = note["labels"]
        wanted.append(cells)
    flat = torch.stack(wanted).view(-1)
    return F.cross_entropy(scores.reshape(-1, scores.size(-1)), flat)


def rows_of(head: CellHead, features, labels: torch.Tensor):
    empty = torch.zeros_like(labels)
    empty[labels > 0] = 1
    return F.cross_entropy(head(features)[:, 0], empty)
