import torch
from torch import nn

net = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5))
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)

inputs = torch.rand(32, 10)
targets = torch.randint(0, 2, (32, 5))
for epoch in range(100):
    opt.zero_grad()
    loss = loss_fn(net(inputs), targets)
    loss.backward()
    opt.step()
