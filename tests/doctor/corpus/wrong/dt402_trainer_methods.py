import torch
from torch import nn


class Trainer:
    def __init__(self, net, lr=0.01):
        self.net = net
        self.opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
        self.loss = nn.CrossEntropyLoss()

    def _backward(self, loss):
        loss.backward()
        self.opt.zero_grad()

    def _update(self):
        self.opt.step()

    def epoch(self, loader):
        self.net.train()
        for x, y in loader:
            loss = self.loss(self.net(x), y)
            self._backward(loss)
            self._update()
