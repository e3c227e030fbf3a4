import torch
from torch import nn


def train(net, loader):
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters())
    total, trace = 0.0, []
    for x, y in loader:
        opt.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        opt.step()
        loss = loss.item()
        total += loss
        trace.append(loss)
    return total, trace


def train_detached(net, loader):
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters())
    total = torch.zeros(())
    for x, y in loader:
        opt.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        opt.step()
        total += loss.detach()
    return total.item() / len(loader)


def validate(net, loader):
    criterion = nn.CrossEntropyLoss()
    net.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in loader:
            total += criterion(net(x), y)
    return total / len(loader)
