import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, ReduceLROnPlateau


class Warmup:
    """Sets the rate for the step that comes."""

    def __init__(self, optimizer, steps, peak):
        self.optimizer, self.steps, self.peak, self.i = optimizer, steps, peak, 0

    def step(self):
        self.i += 1
        for g in self.optimizer.param_groups:
            g["lr"] = self.peak * min(1.0, self.i / self.steps)


def own_schedule(net, loader):
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    sched = Warmup(opt, 100, 0.1)
    for x, y in loader:
        sched.step()
        opt.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        opt.step()


def epochwise(net, loader, val):
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    cosine = CosineAnnealingLR(opt, 50)
    plateau = ReduceLROnPlateau(opt, patience=3)
    for epoch in range(50):
        net.train()
        for x, y in loader:
            opt.zero_grad()
            nn.functional.mse_loss(net(x), y).backward()
            opt.step()
        cosine.step()
        net.eval()
        with torch.no_grad():
            plateau.step(sum(nn.functional.mse_loss(net(x), y).item() for x, y in val))


def with_number(net, loader):
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    sched = torch.optim.lr_scheduler.StepLR(opt, 10)
    for epoch in range(30):
        sched.step(epoch)
        for x, y in loader:
            opt.zero_grad()
            nn.functional.mse_loss(net(x), y).backward()
            opt.step()


def timm_schedule(net, loader, sched, opt):
    n = 0
    for x, y in loader:
        opt.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        n += 1
        sched.step_update(num_updates=n)
        opt.step()
