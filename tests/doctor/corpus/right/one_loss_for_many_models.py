"""A trainer that is handed its network and its loss: one fits numbers, one classes."""

import torch
from torch import nn


class SoftTargets:
    """Cross-entropy with rows of probabilities as targets."""

    def function(self):
        log_softmax = nn.LogSoftmax(dim=-1)

        def loss(scores, wanted):
            return -(wanted * log_softmax(scores)).sum(dim=-1).mean()

        return loss


class Squares:
    def function(self):
        def loss(values, wanted):
            return ((values - wanted) ** 2).mean()

        return loss


class Trainer:
    def __init__(self, net: nn.Module, kind) -> None:
        self.net = net
        self.loss = kind.function()
        self.optimizer = torch.optim.SGD(net.parameters(), lr=0.01)

    def fit(self, batches) -> None:
        self.net.train()
        for rows, wanted in batches:
            self.optimizer.zero_grad()
            self.loss(self.net(rows), wanted).backward()
            self.optimizer.step()


class Price(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.out = nn.Linear(width, 1)

    def forward(self, rows):
        return self.out(rows)


class Choice(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.out = nn.Linear(width, 3)

    def forward(self, rows):
        return self.out(rows)


NETS = {"price": Price, "choice": Choice}
KINDS = {"price": Squares, "choice": SoftTargets}


def build(name: str) -> Trainer:
    return Trainer(NETS[name](12), KINDS[name]())


def both(price_rows, choice_rows) -> None:
    build("price").fit(price_rows)
    build("choice").fit(choice_rows)
