"""Plugins between clearing and stepping; one of them makes the optimizer anew.

The new one holds the same parameters, whose gradients have been cleared.
"""

import torch
from torch import nn


def trigger(strategy, event: str) -> None:
    for plugin in strategy.plugins:
        getattr(plugin, event)(strategy)


class Annealing:
    def before_forward(self, strategy) -> None:
        strategy.lr *= 0.99
        strategy.optimizer = torch.optim.SGD(strategy.net.parameters(), lr=strategy.lr)


class Strategy:
    def __init__(self, net: nn.Module, lr: float, plugins) -> None:
        self.net = net
        self.lr = lr
        self.plugins = plugins
        self.optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        self.loss_of = nn.MSELoss()

    def training_epoch(self, batches) -> None:
        self.net.train()
        for x, y in batches:
            self.optimizer.zero_grad()
            trigger(self, "before_forward")
            loss = self.loss_of(self.net(x), y)
            loss.backward()
            self.optimizer.step()


def run(batches) -> nn.Module:
    net = nn.Linear(4, 1)
    strategy = Strategy(net, 0.1, [Annealing()])
    strategy.training_epoch(batches)
    return net
