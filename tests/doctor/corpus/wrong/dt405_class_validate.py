import torch
from torch import nn


class Mlp(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(d, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.25), nn.Linear(128, 1)
        )

    def forward(self, x):
        return self.net(x).squeeze(-1)


class Fitter:
    def __init__(self, d):
        self.model = Mlp(d)
        self.loss_fn = nn.MSELoss()
        self.opt = torch.optim.Adam(self.model.parameters())

    def train_epoch(self, loader):
        self.model.train()
        for x, y in loader:
            self.opt.zero_grad()
            self.loss_fn(self.model(x), y).backward()
            self.opt.step()

    def validate(self, loader):
        losses = []
        with torch.no_grad():
            for x, y in loader:
                losses.append(self.loss_fn(self.model(x), y).item())
        return sum(losses) / len(losses)

    def run(self, train_loader, val_loader, epochs):
        for e in range(epochs):
            self.train_epoch(train_loader)
            print(e, self.validate(val_loader))
