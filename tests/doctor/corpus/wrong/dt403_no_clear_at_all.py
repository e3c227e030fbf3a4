import torch
import torch.nn as nn


def fit(model, loader, epochs):
    opt = torch.optim.SGD(model.parameters(), lr=0.01)
    crit = nn.CrossEntropyLoss()
    for _ in range(epochs):
        for x, y in loader:
            loss = crit(model(x), y)
            opt.step()
            loss.backward()
            opt.zero_grad()
