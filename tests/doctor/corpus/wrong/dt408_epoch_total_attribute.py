import torch
from torch import nn


class Trainer:
    def __init__(self, net):
        self.net = net
        self.optimizer = torch.optim.Adam(net.parameters())
        self.loss_fn = nn.L1Loss()
        self.total_loss = 0

    def train_step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.loss_fn(self.net(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    def epoch(self, loader):
        losses = []
        for x, y in loader:
            pred = self.net(x)
            loss = self.loss_fn(pred, y)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.total_loss += loss
            losses += [loss]
        return losses
