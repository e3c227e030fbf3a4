"""The optimizer is cleared by the name it is kept under and stepped by its property."""

import torch
from torch import nn


class Estimator:
    def __init__(self, net: nn.Module, optimizer, loss) -> None:
        self.net = net
        self._optimizer = optimizer
        self._loss = loss

    @property
    def optimizer(self):
        return self._optimizer


class Fitted(Estimator):
    def fit(self, loader, n_epochs: int = 3) -> None:
        self.net.train()
        for _ in range(n_epochs):
            for x, y in loader:
                self._optimizer.zero_grad()
                loss = self._loss(self.net(x), y)
                loss.backward()
                self.optimizer.step()


def train(estimator, loader) -> None:
    for x, y in loader:
        estimator._optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(estimator.net(x), y)
        loss.backward()
        estimator.optimizer.step()
