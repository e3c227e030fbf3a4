import torch
from torch import nn


def train_epoch(model, loader, optimizer):
    criterion = nn.CrossEntropyLoss()
    model.train()
    running_loss = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        running_loss += loss
    return running_loss / len(loader)


def main(model, loader):
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(10):
        print(epoch, train_epoch(model, loader, optimizer))
