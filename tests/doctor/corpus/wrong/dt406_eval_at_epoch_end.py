import torch
from torch import nn


class Leaf(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(20, 64), nn.BatchNorm1d(64), nn.ReLU())
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        return self.head(self.drop(self.body(x)))


class Fitter:
    def __init__(self, net, rows, held_out):
        self.net, self.rows, self.held_out = net, rows, held_out
        self.optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        self.criterion = nn.CrossEntropyLoss()

    def fit(self, epochs):
        for epoch in range(epochs):
            seen = 0.0
            for x, y in self.rows:
                self.optimizer.zero_grad()
                loss = self.criterion(self.net(x), y)
                loss.backward()
                self.optimizer.step()
                seen += loss.item()
            print(epoch, seen)
            self.net.eval()
        with torch.no_grad():
            hits = sum((self.net(x).argmax(1) == y).sum() for x, y in self.held_out)
        return hits


data = [(torch.randn(8, 20), torch.randint(0, 5, (8,))) for _ in range(10)]
Fitter(Leaf(5), data, data).fit(3)
