import torch
from torch import nn


class Tuner:
    def __init__(self, width):
        self.net = nn.Linear(width, 1)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)
        self.criterion = nn.MSELoss()
        self.total = 0
        self.history = []

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.criterion(self.net(x), y)
        loss.backward()
        self.optimizer.step()
        self.total += loss
        self.history.append(loss)

    def report(self):
        print(float(self.total) / len(self.history))


tuner = Tuner(4)
for _ in range(100):
    tuner.step(torch.randn(8, 4), torch.randn(8, 1))
tuner.report()
