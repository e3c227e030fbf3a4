import torch
from torch import nn


class Risk(nn.Module):
    def __init__(self):
        super().__init__()
        self.flat = nn.Flatten()
        self.body = nn.Sequential(nn.Linear(30, 16), nn.ReLU())
        self.head = nn.Sequential(nn.Linear(16, 1), nn.Softmax())

    def forward(self, x):
        return self.head(self.body(self.flat(x)))


net = Risk()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.randn(8, 3, 10), torch.rand(8, 1))] * 10:
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
