import torch
import torch.nn.functional as F
from torch import nn


class Clf(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(60, 11)

    def forward(self, x):
        return self.fc(x)


def fit(loader, device="cpu"):
    clf = Clf().to(device)
    opt = torch.optim.SGD(clf.parameters(), lr=0.1)
    for x, y in loader:
        x, y = x.float().to(device), y.float().to(device)
        loss = F.cross_entropy(clf(x), y.squeeze())
        opt.zero_grad()
        loss.backward()
        opt.step()
