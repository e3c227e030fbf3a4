import numpy as np
import torch
from torch import nn


def build(d):
    return nn.Sequential(nn.Linear(d, 16), nn.ReLU(), nn.Linear(16, 1))


def fit(x, y):
    net = build(x.shape[1])
    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters())
    for _ in range(300):
        opt.zero_grad()
        loss_fn(net(x).squeeze(-1), y).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        scores = net(x).squeeze(-1).cpu().numpy()
    labels = np.where(scores >= 0.5, 1, 0)
    return labels
