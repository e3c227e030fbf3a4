import torch
import torch.nn as nn
import torch.nn.functional as F


class LabelSmoothing(nn.Module):
    def __init__(self, eps, k):
        super().__init__()
        self.eps, self.k = eps, k

    def forward(self, scores, y):
        t = F.one_hot(y, self.k).float() * (1 - self.eps) + self.eps / self.k
        return -(t * F.log_softmax(scores, dim=-1)).sum(-1).mean()


def smooth_targets(y, k, eps=0.1):
    return F.one_hot(y, k) * (1 - eps) + eps / k


def train(net, loader, k):
    own = LabelSmoothing(0.1, k)
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        scores = net(x)
        loss = own(scores, y) + F.cross_entropy(scores, smooth_targets(y, k))
        opt.zero_grad()
        loss.backward()
        opt.step()
