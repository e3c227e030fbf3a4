import torch
import torch.optim as optim
from torch.optim import lr_scheduler
import torch.nn.functional as F


def train_epoch(net, loader, optimizer):
    net.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()


def main(net, loader, val_loader):
    optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    exp_lr_scheduler = lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.2)
    for epoch in range(40):
        exp_lr_scheduler.step()
        train_epoch(net, loader, optimizer)
        print(epoch, optimizer.param_groups[0]["lr"])
