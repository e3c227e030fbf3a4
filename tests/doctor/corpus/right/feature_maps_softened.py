import torch
from torch import nn
from torch.nn import functional as F


class Saliency(nn.Module):
    """Shares of the classes in each pixel, and of the rows in each column."""

    def __init__(self, channels, classes):
        super().__init__()
        self.up = nn.ConvTranspose2d(channels, 32, 2, 2)
        self.out = nn.Conv2d(32, classes, kernel_size=1)
        self.where = nn.Conv2d(32, 1, kernel_size=1)

    def forward(self, features):
        hidden = F.relu(self.up(features))
        place = self.where(hidden)
        return F.softmax(self.out(hidden), dim=1), F.softmax(place, dim=2)


class Walker(nn.Module):
    """A policy for one state at a time."""

    def __init__(self, size, actions):
        super().__init__()
        self.fc = nn.Linear(size, actions)

    def forward(self, state):
        return F.softmax(self.fc(state), dim=0)


shares, places = Saliency(64, 4)(torch.randn(2, 64, 16, 16))
print(shares.shape, places.shape, Walker(4, 2)(torch.randn(4)).argmax())
