import torch
from torch import nn
from torchvision.models import resnet50


def build(classes):
    net = resnet50(weights="DEFAULT")
    net.fc = nn.Linear(2048, classes)
    head = list(net.fc.parameters())
    rest = [p for n, p in net.named_parameters() if not n.startswith("fc")]
    opt = torch.optim.AdamW([{"params": rest, "lr": 1e-5}, {"params": head, "lr": 1e-3}])
    return net, opt


def build_later(classes):
    net = resnet50(weights="DEFAULT")
    opt = torch.optim.SGD(net.parameters(), lr=1e-3)
    net.fc = nn.Linear(2048, classes)
    opt.add_param_group({"params": net.fc.parameters()})
    return net, opt


def train(loader, classes):
    net, opt = build(classes)
    ce = nn.CrossEntropyLoss()
    for x, y in loader:
        opt.zero_grad()
        ce(net(x), y).backward()
        opt.step()
