"""Masks are drawn in bytes and get the dtype of what they are compared with."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def drawn(boxes, shape) -> np.ndarray:
    mask = np.zeros(shape, dtype=np.uint8)
    for at, (x0, y0, x1, y1) in enumerate(boxes):
        mask[at, y0:y1, x0:x1] = 1
    return mask


class Segmenter(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, width, 3, padding=1)
        self.out = nn.Conv2d(width, 1, 1)

    def forward(self, images):
        return self.out(torch.relu(self.body(images)))

    def loss(self, images, boxes):
        scores = self(images)[:, 0]
        masks = torch.from_numpy(drawn(boxes, scores.shape)).to(dtype=scores.dtype)
        return F.binary_cross_entropy_with_logits(scores, masks.to(scores.device))

    def loss_of_typed(self, images, boxes, like=None):
        scores = self(images)[:, 0]
        kind = like.dtype if like is not None else np.float32
        masks = torch.from_numpy(drawn(boxes, scores.shape).astype(kind))
        return F.binary_cross_entropy_with_logits(scores, masks)

    def other_loss(self, images, boxes):
        scores = self(images)[:, 0]
        masks = torch.from_numpy(drawn(boxes, scores.shape)).to(scores)
        halves = torch.from_numpy(drawn(boxes, scores.shape)).to(scores.dtype)
        return F.binary_cross_entropy_with_logits(
            scores, masks
        ) + F.binary_cross_entropy_with_logits(scores, halves)
