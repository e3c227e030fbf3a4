import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def mixup_data(x, y, alpha=0.2):
    lam = np.random.beta(alpha, alpha)
    index = torch.randperm(len(x))
    return lam * x + (1 - lam) * x[index], y, y[index], lam


def mixup_criterion(criterion, pred, y_a, y_b, lam):
    return lam * criterion(pred, y_a) + (1 - lam) * criterion(pred, y_b)


def soft_mixup(x, y, k, lam):
    t = F.one_hot(y, k).float()
    return lam * x + (1 - lam) * x.flip(0), lam * t + (1 - lam) * t.flip(0)


def train(net, loader, k):
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        x1, ya, yb, lam = mixup_data(x, y)
        loss = mixup_criterion(criterion, net(x1), ya, yb, lam)
        x2, t = soft_mixup(x, y, k, 0.3)
        loss = loss + criterion(net(x2), t)
        opt.zero_grad()
        loss.backward()
        opt.step()
