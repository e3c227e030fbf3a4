import torch
from torch import nn


def resume(net, loader, start_epoch, epochs):
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(opt, 30)
    for _ in range(start_epoch):
        scheduler.step()
    for epoch in range(start_epoch, epochs):
        net.train()
        for x, y in loader:
            loss = nn.functional.cross_entropy(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        scheduler.step()
