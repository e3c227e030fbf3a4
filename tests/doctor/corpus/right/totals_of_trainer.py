from collections import deque

import torch
from torch import nn


class Tuner:
    def __init__(self, width):
        self.net = nn.Linear(width, 1)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)
        self.criterion = nn.MSELoss()
        self.total = 0
        self.recent = deque(maxlen=10)
        self.waiting = 0

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.criterion(self.net(x), y)
        loss.backward()
        self.optimizer.step()
        self.total += loss.item()
        self.recent.append(loss)
        return loss.item() / len(x)


class Collector:
    """Adds up until it is asked to learn."""

    def __init__(self, net):
        self.net = net
        self.optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        self.waiting = 0

    def see(self, x, y):
        loss = nn.functional.mse_loss(self.net(x), y)
        self.waiting += loss
        if len(x) < 8:
            loss.backward(retain_graph=True)

    def learn(self):
        self.optimizer.zero_grad()
        self.waiting.backward()
        self.optimizer.step()
        self.waiting = 0


tuner, seen = Tuner(4), 0.0
for step in range(1, 101):
    seen += tuner.step(torch.randn(8, 4), torch.randn(8, 1))
    if step % 50 == 0:
        print(seen / 50)
        seen = 0.0
