import torch
import torchvision
from torch import nn


def two_phases(loader, classes):
    net = torchvision.models.resnet18(weights="DEFAULT")
    net.fc = nn.Linear(net.fc.in_features, classes)
    for p in net.parameters():
        p.requires_grad = False
    for p in net.fc.parameters():
        p.requires_grad = True
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.fc.parameters(), lr=1e-3)
    for x, y in loader:
        opt.zero_grad()
        loss_fn(net(x), y).backward()
        opt.step()
    for p in net.parameters():
        p.requires_grad = True
    opt = torch.optim.Adam(net.parameters(), lr=1e-5)
    for x, y in loader:
        opt.zero_grad()
        loss_fn(net(x), y).backward()
        opt.step()
    net.fc = nn.Identity()
    return net


def folds(parts, d):
    for train_x, train_y in parts:
        net = nn.Linear(d, 1)
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(50):
            opt.zero_grad()
            nn.functional.mse_loss(net(train_x), train_y).backward()
            opt.step()
