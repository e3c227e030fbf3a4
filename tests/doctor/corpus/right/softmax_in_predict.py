import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(d, 64), nn.ReLU(), nn.Linear(64, k))
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        return self.body(x)

    def predict_proba(self, x):
        return self.softmax(self.forward(x))


def fit(x, y, k):
    net = Net(x.shape[1], k)
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters())
    for _ in range(200):
        opt.zero_grad()
        loss = loss_fn(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        return net.predict_proba(x)
