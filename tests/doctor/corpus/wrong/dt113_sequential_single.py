import torch
from torch import nn

net = nn.Sequential(
    nn.Linear(8, 24),
    nn.SELU(),
    nn.Linear(24, 1),
    nn.Softmax(dim=1),
)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
loss_fn = nn.MSELoss()


def epoch(loader):
    for x, y in loader:
        opt.zero_grad()
        loss = loss_fn(net(x), y.view(-1, 1).float())
        loss.backward()
        opt.step()
