import torch
import torch.nn.functional as F
from torch import nn


class FocalDice(nn.Module):
    def __init__(self, gamma=2.0, alpha=0.25):
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, logits, target):
        p = torch.sigmoid(logits)
        ce = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        p_t = p * target + (1 - p) * (1 - target)
        a_t = self.alpha * target + (1 - self.alpha) * (1 - target)
        focal = (a_t * (1 - p_t) ** self.gamma * ce).mean()
        dice = 1 - (2 * (p * target).sum() + 1) / (p.sum() + target.sum() + 1)
        return focal + dice


def train(net, loader):
    loss_fn = FocalDice()
    opt = torch.optim.Adam(net.parameters(), lr=1e-4)
    for image, mask in loader:
        opt.zero_grad()
        loss = loss_fn(net(image), mask.float())
        loss.backward()
        opt.step()
