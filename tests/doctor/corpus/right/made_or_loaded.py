import torch
import torch.nn.functional as F
from torch import nn


class Shares(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(20, 5)

    def forward(self, x):
        return F.softmax(self.out(x), dim=-1)


def train(path, batches):
    net = torch.load(path, weights_only=False) if path else Shares()
    optimizer = torch.optim.Adam(net.parameters())
    for x, kind in batches:
        shares = net(x)
        loss = F.nll_loss(shares.clamp_min(1e-7).log(), kind)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
