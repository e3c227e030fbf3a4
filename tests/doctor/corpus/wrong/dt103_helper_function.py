import torch
import torch.nn.functional as F
from torch import nn


def mlp(sizes, activation=nn.ReLU, output_activation=nn.Identity):
    layers = []
    for j in range(len(sizes) - 1):
        act = activation if j < len(sizes) - 2 else output_activation
        layers += [nn.Linear(sizes[j], sizes[j + 1]), act()]
    return nn.Sequential(*layers)


class LinkPredictor(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.score = nn.Linear(dim, 1)

    def edge(self, a, b):
        return torch.sigmoid(self.score(a * b)).squeeze(-1)

    def forward(self, src, pos, neg):
        return self.edge(src, pos), self.edge(src, neg)


def train(batches, dim):
    encoder = mlp([dim, 64, 64])
    predictor = LinkPredictor(64)
    opt = torch.optim.Adam([*encoder.parameters(), *predictor.parameters()], lr=1e-3)
    for a, b, c in batches:
        opt.zero_grad()
        pos, neg = predictor(encoder(a), encoder(b), encoder(c))
        loss = F.binary_cross_entropy_with_logits(pos, torch.ones_like(pos))
        loss = loss + F.binary_cross_entropy_with_logits(neg, torch.zeros_like(neg))
        loss.backward()
        opt.step()
