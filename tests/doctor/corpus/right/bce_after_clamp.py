import torch
from torch import nn
import torch.nn.functional as F


class Cosine(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.a, self.b = nn.Linear(d, 16), nn.Linear(d, 16)

    def forward(self, x, y):
        c = F.cosine_similarity(self.a(x), self.b(y))
        return (c + 1) / 2


class Hard(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.lin = nn.Linear(d, 1)

    def forward(self, x):
        return F.hardsigmoid(self.lin(x)).squeeze(1)


class Raw(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.lin = nn.Linear(d, 1)

    def forward(self, x):
        return self.lin(x).squeeze(1)


def train(loader, d):
    cos, hard, raw = Cosine(d), Hard(d), Raw(d)
    bce = nn.BCELoss()
    params = [*cos.parameters(), *hard.parameters(), *raw.parameters()]
    opt = torch.optim.Adam(params)
    for x, y, t in loader:
        loss = bce(cos(x, y).clamp(0, 1), t) + bce(hard(x), t)
        loss = loss + bce(torch.sigmoid(raw(x)), t)
        loss = loss + F.binary_cross_entropy(raw(x).clamp(1e-6, 1 - 1e-6), t)
        opt.zero_grad()
        loss.backward()
        opt.step()
