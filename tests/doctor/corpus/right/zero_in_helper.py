import torch
from torch import nn


class Optim:
    """An optimizer with a warm-up of its own."""

    def __init__(self, optimizer, dim, warmup):
        self.optimizer = optimizer
        self.dim, self.warmup, self.n = dim, warmup, 0

    def clear(self):
        self.optimizer.zero_grad()

    def step(self):
        self.n += 1
        rate = self.dim ** -0.5 * min(self.n ** -0.5, self.n * self.warmup ** -1.5)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()


def reset(opt):
    opt.clear()


def train(model, loader):
    crit = nn.CrossEntropyLoss(ignore_index=0)
    opt = Optim(torch.optim.Adam(model.parameters()), 512, 4000)
    for src, tgt in loader:
        out = model(src, tgt[:, :-1])
        loss = crit(out.transpose(1, 2), tgt[:, 1:])
        reset(opt)
        loss.backward()
        opt.step()
