"""Several labels on raw scores."""

import torch
from torch import nn

torch.manual_seed(0)

criterion = nn.BCEWithLogitsLoss()
model = nn.Linear(5, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

x = torch.randn(8, 5)
target = torch.randint(0, 2, (8, 3)).float()
for step in range(20):
    optimizer.zero_grad()
    output = criterion(model(x), target)
    output.backward()
    optimizer.step()
print(output.item())
