import torch
import torch.nn as nn


class Solver:
    def __init__(self, model, lr):
        self.model = model
        self.crit = nn.L1Loss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    def train_epoch(self, loader):
        self.model.train()
        total = 0.0
        for x, y in loader:
            y_hat = self.model(x)
            self.optimizer.zero_grad()
            self.optimizer.step()
            loss = self.crit(y_hat, y)
            loss.backward()
            total += loss.item()
        return total / len(loader)
