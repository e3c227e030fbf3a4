"""Yes or no coded as 1 and 2, made 0 and 1."""

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

torch.manual_seed(0)

features, diagnosis = load_breast_cancer(return_X_y=True)
x = torch.tensor(features, dtype=torch.float32)
x = (x - x.mean(dim=0)) / x.std(dim=0)
coded = torch.tensor(diagnosis + 1)  # 1 and 2, as the file has them
y = (coded - 1).float().unsqueeze(1)
train_x, test_x, train_y, test_y = x[:400], x[400:], y[:400], y[400:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(30, 1)

    def forward(self, x):
        return self.linear(x)


model = Net()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(100):
    optimizer.zero_grad()
    loss = criterion(model(train_x), train_y)
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.3f}")
