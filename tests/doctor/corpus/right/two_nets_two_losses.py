import torch
from torch import nn


class Probable(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 1)

    def forward(self, x):
        return torch.sigmoid(self.fc(x)).squeeze(1)


class Scores(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        return self.fc(x)


LOSSES = {"binary": nn.BCELoss(), "multi": nn.CrossEntropyLoss(), "tags": nn.BCEWithLogitsLoss()}
NETS = {"binary": Probable, "multi": Scores, "tags": Scores}


def train(kind, loader):
    net, loss_fn = NETS[kind](), LOSSES[kind]
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        opt.zero_grad()
        loss = loss_fn(net(x), y)
        loss.backward()
        opt.step()
