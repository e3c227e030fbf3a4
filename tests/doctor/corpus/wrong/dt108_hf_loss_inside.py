from dataclasses import dataclass
from typing import Optional

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Output:
    loss: Optional[torch.Tensor]
    probs: torch.Tensor


class SequenceModel(nn.Module):
    def __init__(self, encoder, hidden, labels):
        super().__init__()
        self.encoder = encoder
        self.out_proj = nn.Linear(hidden, labels)

    def forward(self, tokens, labels=None):
        pooled = self.encoder(tokens)[:, 0]
        probs = torch.softmax(self.out_proj(pooled), dim=-1)
        loss = F.nll_loss(probs, labels) if labels is not None else None
        return Output(loss=loss, probs=probs)
