import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(20, 40), nn.ReLU(), nn.Dropout(0.1), nn.Linear(40, 4))

    def forward(self, x):
        return self.net(x)


def fixmatch(labelled, unlabelled, threshold=0.95):
    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.03)
    net.train()
    for (x, y), (weak, strong) in zip(labelled, unlabelled):
        with torch.no_grad():
            prob = net(weak).softmax(dim=-1)
        conf, guess = prob.max(dim=-1)
        mask = (conf > threshold).float()
        loss = F.cross_entropy(net(x), y)
        loss = loss + (F.cross_entropy(net(strong), guess, reduction="none") * mask).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
