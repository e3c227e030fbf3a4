import torch
from torch import nn


def build():
    return nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.2), nn.Linear(8, 2))


for fold in range(5):
    net = build()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in [(torch.randn(4, 4), torch.randint(0, 2, (4,)))] * 4:
        opt.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(net(torch.randn(2, 4)))

for seed in range(5):
    other = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.2), nn.Linear(8, 2))
    step = torch.optim.SGD(other.parameters(), lr=0.1)
    for x, y in [(torch.randn(4, 4), torch.randint(0, 2, (4,)))] * 4:
        step.zero_grad()
        nn.functional.cross_entropy(other(x), y).backward()
        step.step()
    other.eval()
    torch.save(other, "net.pt")
