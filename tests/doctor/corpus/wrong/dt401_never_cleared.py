import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(20, 50)
        self.b = nn.Linear(50, 3)

    def forward(self, x):
        return self.b(torch.relu(self.a(x)))


net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)


def train(loader):
    for epoch in range(10):
        for x, y in loader:
            out = net(x)
            loss = criterion(out, y)
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())
