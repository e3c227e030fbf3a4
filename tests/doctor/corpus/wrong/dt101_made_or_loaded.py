import argparse

import torch
import torch.nn.functional as F
from torch import nn


class Sorter(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(20, 64), nn.ReLU())
        self.out = nn.Linear(64, 5)

    def forward(self, x):
        return F.softmax(self.out(self.body(x)), dim=-1)


def main(batches):
    parser = argparse.ArgumentParser()
    parser.add_argument("--resume")
    args = parser.parse_args()
    if args.resume:
        net = torch.load(args.resume, weights_only=False)
    else:
        net = Sorter()
    optimizer = torch.optim.Adam(net.parameters())
    for x, kind in batches:
        shares = net(x)
        if shares.dim() == 1:
            shares = shares.unsqueeze(0)
        loss = F.cross_entropy(shares, kind)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
