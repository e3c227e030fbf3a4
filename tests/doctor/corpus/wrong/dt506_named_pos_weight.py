import torch
import torch.nn.functional as F
from torch import nn


class Loss(nn.Module):
    def __init__(self, num_neg, num_pos):
        super().__init__()
        self.pos_weight = torch.tensor(num_neg / num_pos)

    def forward(self, logits, target):
        return F.binary_cross_entropy_with_logits(logits, target, weight=self.pos_weight)
