import torch
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts


class Trainer:
    def __init__(self, model, loader, lr):
        self.model, self.loader = model, loader
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        self.lr_scheduler = CosineAnnealingWarmRestarts(self.optimizer, T_0=10)
        self.criterion = torch.nn.CrossEntropyLoss()

    def fit(self, epochs):
        for epoch in range(epochs):
            self.lr_scheduler.step()
            self.train_epoch()

    def train_epoch(self):
        self.model.train()
        for x, y in self.loader:
            self.optimizer.zero_grad()
            self.criterion(self.model(x), y).backward()
            self.optimizer.step()
