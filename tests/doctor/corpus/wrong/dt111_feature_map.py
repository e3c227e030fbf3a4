import torch
from torch import nn
from torch.nn import functional as F


class Saliency(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.up = nn.ConvTranspose2d(channels, 32, 2, 2)
        self.out = nn.Conv2d(32, classes, kernel_size=1)

    def forward(self, features):
        maps = self.out(F.relu(self.up(features)))
        return F.softmax(maps, dim=0)


shares = Saliency(64, 4)(torch.randn(2, 64, 16, 16))
print(shares.shape)
