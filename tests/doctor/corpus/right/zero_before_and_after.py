import torch
import torch.nn.functional as F


def train(model, loader, optimizer):
    optimizer.zero_grad()
    for x, y in loader:
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        optimizer.zero_grad()


def main(model, loader):
    train(model, loader, torch.optim.SGD(model.parameters(), lr=0.1))
