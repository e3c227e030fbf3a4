import torch
import torch.nn as nn


class MAELoss(nn.Module):
    def forward(self, pred, target):
        return torch.mean(torch.abs(pred - target))


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(10, 1)

    def forward(self, x):
        return self.linear(x)


x = torch.randn(200, 10)
y = torch.randn(200)
model = Regressor()
criterion = MAELoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.001)
for _ in range(50):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
