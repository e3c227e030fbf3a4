import torch
import torch.nn as nn
from torch.nn.functional import one_hot

CLASSES = 4
counts = torch.tensor([900.0, 300.0, 80.0, 20.0])
model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, CLASSES))
criterion = nn.CrossEntropyLoss(weight=counts.sum() / (CLASSES * counts))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)


def step(x, y):
    optimizer.zero_grad()
    loss = criterion(model(x), one_hot(y, CLASSES).float())
    loss.backward()
    optimizer.step()
    return loss.item()
