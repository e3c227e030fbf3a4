import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(30, 2)

    def forward(self, x):
        return self.fc(x)


def train(loader):
    net = Net().cuda()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    w = torch.FloatTensor([0.2, 0.8])
    for x, y in loader:
        loss = F.cross_entropy(net(x.cuda()), y.cuda(), weight=w)
        opt.zero_grad()
        loss.backward()
        opt.step()
