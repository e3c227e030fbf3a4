import torch
from torch import nn
import torch.nn.functional as F


class UNet(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.down = nn.Conv2d(3, width, 3, padding=1)
        self.mid = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.up = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.out = nn.Conv2d(2 * width, 1, 1)

    def forward(self, x):
        a = F.relu(self.down(x))
        b = F.relu(self.mid(F.max_pool2d(a, 2)))
        c = self.up(b)
        mask = self.out(torch.cat([a, c], dim=1))
        return torch.sigmoid(mask)


def dice(pred, target, eps=1.0):
    inter = (pred * target).sum()
    return 1 - (2 * inter + eps) / (pred.sum() + target.sum() + eps)


def train_step(net, batch, optimizer):
    image, mask = batch
    pred = net(image)
    loss = F.binary_cross_entropy_with_logits(pred, mask) + dice(pred, mask)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss)


def fit(batches):
    net = UNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
    return [train_step(net, batch, optimizer) for batch in batches]
