import torch
from torch import nn
import torch.nn.functional as F

from .blocks import AttentionGate


class AttUNet(nn.Module):
    def __init__(self, n_class=1):
        super().__init__()
        self.enc = nn.Conv2d(3, 32, 3, padding=1)
        self.mid = nn.Conv2d(32, 32, 3, padding=1)
        self.gate = AttentionGate(32, 32, 16)
        self.last = nn.Conv2d(64, n_class, 1)

    def forward(self, x):
        a = F.relu(self.enc(x))
        b = F.relu(self.mid(F.max_pool2d(a, 2)))
        b = F.interpolate(b, scale_factor=2)
        return self.last(torch.cat([self.gate(b, a), b], 1))
