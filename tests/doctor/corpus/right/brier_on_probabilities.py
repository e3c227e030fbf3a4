import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.fc = nn.Linear(d, k)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


def train(loader, d, k):
    net = Net(d, k)
    mse = nn.MSELoss()
    opt = torch.optim.SGD(net.parameters(), lr=1.0)
    for x, y in loader:
        target = F.one_hot(y, k).float()
        opt.zero_grad()
        loss = mse(net(x), target)
        loss.backward()
        opt.step()
