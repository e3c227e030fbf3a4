import torch
import torch.nn as nn
import torch.nn.functional as F


class Ssd(nn.Module):
    """Scores while training, probabilities when used."""

    def __init__(self, classes):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3)
        self.fc = nn.Linear(16, classes)

    def forward(self, x):
        x = F.relu(self.conv(x)).mean(dim=(2, 3))
        x = self.fc(x)
        if self.training:
            return x
        return F.softmax(x, dim=1)


def train(loader, classes):
    net = Ssd(classes)
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), 0.01)
    net.train()
    for x, y in loader:
        loss = criterion(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
