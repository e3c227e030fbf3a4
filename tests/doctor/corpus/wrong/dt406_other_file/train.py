import torch
from torch import nn

from evaluation import accuracy


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(100, 200), nn.BatchNorm1d(200), nn.ReLU(), nn.Dropout(0.3), nn.Linear(200, 7))

    def forward(self, x):
        return self.layers(x)


def main(train_loader, dev_loader, device="cpu"):
    net = Net().to(device)
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(20):
        for x, y in train_loader:
            opt.zero_grad()
            loss = loss_fn(net(x.to(device)), y.to(device))
            loss.backward()
            opt.step()
        print(epoch, accuracy(net, dev_loader, device))
