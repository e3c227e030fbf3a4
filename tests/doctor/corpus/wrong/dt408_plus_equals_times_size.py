import torch
from torch import nn

net = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1))
opt = torch.optim.Adam(net.parameters())
loss_fn = nn.HuberLoss()


def loop(loader):
    epoch_loss = 0.0
    n = 0
    for xb, yb in loader:
        pred = net(xb)
        loss = loss_fn(pred, yb)
        epoch_loss = epoch_loss + loss * len(xb)
        n += len(xb)
        loss.backward()
        opt.step()
        opt.zero_grad()
    return epoch_loss / n
