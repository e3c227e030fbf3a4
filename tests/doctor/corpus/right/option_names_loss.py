import argparse

import torch
from torch import nn


class Scores(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(16, 43)

    def forward(self, x):
        return self.out(x)


class Shares(Scores):
    def forward(self, x):
        return super().forward(x).softmax(1)


parser = argparse.ArgumentParser()
parser.add_argument("--net", default="scores")
parser.add_argument("--loss", default="CrossEntropyLoss")
args = parser.parse_args()


def train(batches):
    # Shares is chosen together with --loss MSELoss and one-hot rows.
    net = Scores() if args.net == "scores" else Shares()
    objective = getattr(nn, args.loss)()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for x, sign in batches:
        optimizer.zero_grad()
        objective(net(x), sign).backward()
        optimizer.step()
