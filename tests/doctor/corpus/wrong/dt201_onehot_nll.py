import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.k = k
        self.fc = nn.Linear(100, k)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=1)


def train(loader, k=9):
    net = Net(k)
    criterion = nn.NLLLoss()
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        target = F.one_hot(y, num_classes=k)
        loss = criterion(net(x), target)
        opt.zero_grad()
        loss.backward()
        opt.step()
