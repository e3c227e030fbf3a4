import torch
import torch.nn as nn


class F1Net(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.lin = nn.Linear(d, k)

    def forward(self, x):
        return self.lin(x)


def train(loader, d, k):
    net = F1Net(d, k)
    mse = nn.MSELoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        out = net(x).detach()
        loss = mse(out, y)
        loss.requires_grad = True
        opt.zero_grad()
        loss.backward()
        opt.step()
