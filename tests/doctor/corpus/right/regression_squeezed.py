import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 1))

    def forward(self, x):
        return self.net(x)


x = torch.randn(500, 10)
y = torch.randn(500)
net = Net()
opt = torch.optim.Adam(net.parameters())
mse, l1, huber = nn.MSELoss(), nn.L1Loss(), nn.HuberLoss()
for _ in range(100):
    opt.zero_grad()
    out = net(x)
    loss = mse(out.squeeze(1), y) + l1(out, y.unsqueeze(1)) + huber(out.view(-1), y)
    loss = loss + mse(out, y.view(-1, 1)) + l1(out[:, 0], y) + mse(out.flatten(), y)
    loss.backward()
    opt.step()
