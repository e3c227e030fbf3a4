import torch
from torch import nn
from torchvision import models

model = models.resnet50(weights="DEFAULT")
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
model.fc = nn.Linear(2048, 8)
criterion = nn.CrossEntropyLoss()


def train(loader):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
