"""A number with mean 152 and spread 77, predicted as it is."""
# diagnose finds: DT605

import torch
from sklearn.datasets import load_diabetes
from torch import nn

torch.manual_seed(0)

features, progress = load_diabetes(return_X_y=True)
x = torch.tensor(features, dtype=torch.float32) * 21
y = torch.tensor(progress, dtype=torch.float32)
train_x, test_x, train_y, test_y = x[:300], x[300:], y[:300], y[300:]


class RegressionModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(10, 32)
        self.linear = nn.Linear(32, 1)

    def forward(self, x):
        return self.linear(torch.relu(self.hidden(x))).squeeze(1)


model = RegressionModel()
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

for epoch in range(100):
    optimizer.zero_grad()
    loss = criterion(model(train_x), train_y)
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.3f}")
