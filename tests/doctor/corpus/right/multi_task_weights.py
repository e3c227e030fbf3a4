import torch
from torch import nn


class Multi(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(d, 64), nn.ReLU())
        self.cls = nn.Linear(64, 5)
        self.tags = nn.Linear(64, 9)
        self.reg = nn.Linear(64, 1)
        self.log_var = nn.Parameter(torch.zeros(3))

    def forward(self, x):
        h = self.trunk(x)
        return self.cls(h), self.tags(h), self.reg(h).squeeze(1)


def train(loader, d):
    net = Multi(d)
    losses = [nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss(), nn.MSELoss()]
    opt = torch.optim.Adam(net.parameters())
    sums = [0.0, 0.0, 0.0]
    for x, *targets in loader:
        outs = net(x)
        total = 0
        for i, (loss_fn, out, y) in enumerate(zip(losses, outs, targets)):
            part = loss_fn(out, y)
            total = total + (-net.log_var[i]).exp() * part + net.log_var[i]
            sums[i] += part.item()
        opt.zero_grad()
        total.backward()
        opt.step()
    return sums
