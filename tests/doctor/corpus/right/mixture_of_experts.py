import torch
from torch import nn


class MoE(nn.Module):
    def __init__(self, d, experts, k):
        super().__init__()
        self.gate = nn.Sequential(nn.Linear(d, experts), nn.Softmax(dim=1))
        self.experts = nn.ModuleList([nn.Linear(d, k) for _ in range(experts)])

    def forward(self, x):
        w = self.gate(x)
        y = torch.stack([e(x) for e in self.experts], dim=1)
        return (w.unsqueeze(-1) * y).sum(dim=1)


class Mixture(nn.Module):
    """A mixture of distributions: its logarithm is that of a sum."""

    def __init__(self, d, parts, k):
        super().__init__()
        self.heads = nn.ModuleList([nn.Linear(d, k) for _ in range(parts)])

    def forward(self, x):
        p = torch.stack([h(x).softmax(dim=1) for h in self.heads]).mean(0)
        return torch.log(p + 1e-9)


def train(loader, d, k):
    moe, mix = MoE(d, 4, k), Mixture(d, 3, k)
    ce, nll = nn.CrossEntropyLoss(), nn.NLLLoss()
    opt = torch.optim.Adam([*moe.parameters(), *mix.parameters()])
    for x, y in loader:
        loss = ce(moe(x), y) + nll(mix(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
