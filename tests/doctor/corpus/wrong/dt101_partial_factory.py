from functools import partial

import torch
from torch import nn
import torch.nn.functional as F

LOSSES = {
    "smooth": partial(F.cross_entropy, label_smoothing=0.05),
    "plain": F.cross_entropy,
}


def get_loss(name):
    return LOSSES[name]


def get_net(kind):
    if kind == "linear":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.Softmax(-1))
    raise KeyError(kind)


def main(loader):
    net = get_net("linear")
    loss_fn = get_loss("plain")
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        opt.zero_grad()
        loss_fn(net(x), y).backward()
        opt.step()
