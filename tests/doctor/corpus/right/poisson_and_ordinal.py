import torch
import torch.nn.functional as F
from torch import nn


class Ordinal(nn.Module):
    """Cumulative links: K-1 cut points, one score."""

    def __init__(self, d, k):
        super().__init__()
        self.score = nn.Linear(d, 1)
        self.cuts = nn.Parameter(torch.linspace(-1, 1, k - 1))

    def forward(self, x):
        return self.cuts - self.score(x)


def ordinal_loss(z, y):
    p = torch.sigmoid(z)
    p = F.pad(p, (1, 0), value=0.0)
    p = F.pad(p, (0, 1), value=1.0)
    mass = (p[:, 1:] - p[:, :-1]).clamp_min(1e-8)
    return -mass.gather(1, y[:, None]).log().mean()


def train(loader, d, k):
    net = Ordinal(d, k)
    rate = nn.Linear(d, 1)
    pois = nn.PoissonNLLLoss()
    opt = torch.optim.Adam([*net.parameters(), *rate.parameters()])
    for x, y, n in loader:
        loss = ordinal_loss(net(x), y) + pois(rate(x).squeeze(1), n)
        opt.zero_grad()
        loss.backward()
        opt.step()
