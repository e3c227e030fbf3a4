"""Ill or well, by one output with a sigmoid: right, but it saturates."""

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

torch.manual_seed(0)

features, diagnosis = load_breast_cancer(return_X_y=True)
x = torch.tensor(features, dtype=torch.float32)
x = (x - x.mean(dim=0)) / x.std(dim=0)
y = torch.tensor(diagnosis, dtype=torch.float32).unsqueeze(1)
train_x, test_x, train_y, test_y = x[:400], x[400:], y[:400], y[400:]


class BinaryModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(30, 1)

    def forward(self, x):
        return torch.sigmoid(self.linear(x))  # finds DT110


model = BinaryModel()
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(100):
    optimizer.zero_grad()
    loss = criterion(model(train_x), train_y)
    loss.backward()
    optimizer.step()

with torch.no_grad():
    predicted = (model(test_x) > 0.5).float()
    accuracy = (predicted == test_y).float().mean().item()
print(f"accuracy {accuracy:.3f}")
