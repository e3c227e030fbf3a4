import numpy as np
import torch
from torch import nn


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log_loss(scores, y):
    p = softmax(scores)
    return -np.log(np.clip(p[np.arange(len(y)), y], 1e-12, 1)).mean()


def train(loader, x_test, y_test):
    net = nn.Linear(4, 3)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
    with torch.no_grad():
        return log_loss(net(x_test).numpy(), y_test.numpy())
