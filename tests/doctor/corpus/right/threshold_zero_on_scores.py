import torch
from torch import nn


class Det(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(x).squeeze(-1)


def train(net, loader):
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(4.0))
    opt = torch.optim.Adam(net.parameters())
    hits = 0
    for x, y in loader:
        scores = net(x)
        loss = loss_fn(scores, y)
        hits += ((scores > 0) == y.bool()).sum().item()
        opt.zero_grad()
        loss.backward()
        opt.step()
    return hits


def predict(net, x):
    with torch.no_grad():
        return (net(x) >= 0.0).long()


def predict_probability(net, x):
    with torch.no_grad():
        return torch.sigmoid(net(x)) > 0.5
