import torch
from torch import nn
import torch.nn.functional as F


class CrossEntropyLoss(nn.Module):
    """Takes probabilities; the log is taken here, with a floor."""

    def __init__(self, eps=1e-7):
        super().__init__()
        self.eps = eps

    def forward(self, probs, target):
        chosen = probs.gather(1, target.unsqueeze(1)).clamp(min=self.eps)
        return -chosen.log().mean()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(7, 3)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


def train(loader):
    net = Net()
    criterion = CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        opt.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        opt.step()
