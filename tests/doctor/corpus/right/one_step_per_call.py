import torch
from torch import nn


class Online:
    """Learns from one observation and is thrown away after it."""

    def __init__(self, d):
        self.net = nn.Linear(d, 1)
        self.opt = torch.optim.SGD(self.net.parameters(), lr=0.01)

    def update(self, loss):
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()


def once(x, y):
    model = nn.Linear(x.shape[1], 1)
    opt = torch.optim.Adam(model.parameters())
    loss = nn.functional.mse_loss(model(x).squeeze(1), y)
    loss.backward()
    opt.step()
    return model
