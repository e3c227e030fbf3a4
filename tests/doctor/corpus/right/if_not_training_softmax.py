import torch
from torch import nn


class Head(nn.Module):
    def __init__(self, dim, n):
        super().__init__()
        self.lin = nn.Linear(dim, n)

    def forward(self, x):
        x = self.lin(x)
        if not self.training:
            x = x.softmax(dim=-1)
        return x


class Trainer:
    def __init__(self, head):
        self.head = head
        self.ce = nn.CrossEntropyLoss()
        self.opt = torch.optim.Adam(head.parameters())

    def step(self, x, y):
        self.head.train()
        self.opt.zero_grad()
        loss = self.ce(self.head(x), y)
        loss.backward()
        self.opt.step()
        return loss.item()


def run(loader):
    t = Trainer(Head(128, 10))
    return [t.step(x, y) for x, y in loader]
