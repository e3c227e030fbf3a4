"""Mean absolute error, which torch has."""

import torch
from sklearn.datasets import load_diabetes
from torch import nn

torch.manual_seed(0)

features, progress = load_diabetes(return_X_y=True)
x = torch.tensor(features, dtype=torch.float32) * 21
y = torch.tensor(progress, dtype=torch.float32)
y = (y - y.mean()) / y.std()
train_x, test_x, train_y, test_y = x[:300], x[300:], y[:300], y[300:]


class RegressionModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(10, 32)
        self.linear = nn.Linear(32, 1)

    def forward(self, x):
        return self.linear(torch.relu(self.hidden(x)))


model = RegressionModel()
criterion = nn.L1Loss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

for epoch in range(200):
    optimizer.zero_grad()
    loss = criterion(model(train_x).squeeze(1), train_y)
    loss.backward()
    optimizer.step()

with torch.no_grad():
    error = (test_y - model(test_x).squeeze(1)).abs().mean().item()
print(f"MAE {error:.3f}")
