import torch
from torch import nn


class BCEDice(nn.Module):
    def __init__(self):
        super().__init__()
        self.bce = nn.BCEWithLogitsLoss()

    def forward(self, pred, mask):
        bce = self.bce(pred, mask)
        p = torch.sigmoid(pred)
        dice = 1 - (2 * (p * mask).sum() + 1) / (p.sum() + mask.sum() + 1)
        return bce + dice
