import numpy as np
import torch
from torch import nn

data = np.loadtxt("wine.csv", delimiter=",")
X = torch.tensor(data[:, 1:], dtype=torch.float32)
y = torch.tensor(data[:, 0] - 1, dtype=torch.float32)

model = nn.Sequential(nn.Linear(13, 20), nn.ReLU(), nn.Linear(20, 3))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(100):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
