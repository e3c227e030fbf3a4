import torch
from torch import nn


class Learner:
    def __init__(self, net):
        self.net = net
        self.criterion = nn.SmoothL1Loss()
        self.optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)

    def forward_loss(self, batch):
        x, y = batch
        return self.criterion(self.net(x), y)

    def update(self, batch):
        loss = self.forward_loss(batch)
        self.optimizer.zero_grad()
        self.optimizer.step()
        loss.backward()
        return loss.item()

    def run(self, loader):
        return sum(self.update(b) for b in loader)
