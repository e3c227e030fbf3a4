import torch
from torch import nn


class Risk(nn.Module):
    def __init__(self):
        super().__init__()
        self.flat = nn.Flatten()
        self.body = nn.Sequential(nn.Linear(30, 16), nn.ReLU())
        self.head = nn.Sequential(nn.Linear(16, 1), nn.Sigmoid())
        self.share = nn.Sequential(nn.Linear(16, 2), nn.Softmax(dim=1))

    def forward(self, x):
        hidden = self.body(self.flat(x))
        return self.head(hidden) * self.share(hidden)[:, :1]


net = Risk()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.randn(8, 3, 10), torch.rand(8, 1))] * 10:
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
