import torch
from torch import nn


class CategoricalLoss(nn.Module):
    def forward(self, scores, target):
        probs = scores.softmax(dim=1)
        logp = probs.log()
        return -logp[torch.arange(len(target)), target].mean()


class LogisticLoss(nn.Module):
    def forward(self, scores, target):
        p = torch.sigmoid(scores)
        return -(target * torch.log(p) + (1 - target) * torch.log(1 - p)).mean()
