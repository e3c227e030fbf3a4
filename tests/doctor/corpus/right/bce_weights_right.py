import torch
import torch.nn.functional as F
from torch import nn


def train(net, loader, pos, neg):
    criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([neg / pos]))
    opt = torch.optim.Adam(net.parameters())
    for x, y, row_weight, mask in loader:
        out = net(x).squeeze(1)
        loss = criterion(out, y)
        loss = loss + F.binary_cross_entropy_with_logits(out, y, weight=row_weight)
        w = torch.where(y > 0.5, neg / pos, 1.0)
        loss = loss + F.binary_cross_entropy_with_logits(out, y, weight=w)
        loss = loss + F.binary_cross_entropy_with_logits(out, y, weight=mask, reduction="sum") / mask.sum()
        opt.zero_grad()
        loss.backward()
        opt.step()


def per_label(n):
    return nn.BCEWithLogitsLoss(weight=torch.linspace(0.5, 1.5, n))
