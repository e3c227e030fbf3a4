"""Sixty rare labels, judged by F1."""

import torch
from torch import nn

torch.manual_seed(0)

x = torch.randn(300, 20)
scores = x @ torch.randn(20, 60) / 20**0.5 - 3
y = (torch.rand(300, 60) < scores.sigmoid()).float()
train_x, test_x, train_y, test_y = x[:200], x[200:], y[:200], y[200:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(20, 64)
        self.linear = nn.Linear(64, 60)

    def forward(self, x):
        return self.linear(torch.relu(self.hidden(x)))


def metric(scores, target):
    said = (scores > 0).float()
    return (2 * (said * target).sum() / (said.sum() + target.sum())).item()


model = Net()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(100):
    optimizer.zero_grad()
    loss = criterion(model(train_x), train_y)
    loss.backward()
    optimizer.step()

with torch.no_grad():
    print(f"F1 {metric(model(test_x), test_y):.3f}")
