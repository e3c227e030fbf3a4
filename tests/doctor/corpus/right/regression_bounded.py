import torch
from torch import nn


class Depth(nn.Module):
    """Pixels are scaled to [0, 1] by the loader."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 3, padding=1))

    def forward(self, x):
        return torch.sigmoid(self.net(x))


class Rate(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.lin = nn.Linear(d, 1)

    def forward(self, x):
        return nn.functional.softplus(self.lin(x)).squeeze(1)


def train(images, rows, d):
    a, b = Depth(), Rate(d)
    opt = torch.optim.Adam([*a.parameters(), *b.parameters()])
    pois = nn.PoissonNLLLoss(log_input=False)
    for (x, y), (r, n) in zip(images, rows):
        loss = nn.functional.mse_loss(a(x), y) + pois(b(r), n)
        opt.zero_grad()
        loss.backward()
        opt.step()
