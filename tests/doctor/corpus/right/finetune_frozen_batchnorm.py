import torch
from torch import nn
from torchvision.models import resnet50


def finetune(loader, classes):
    """Batch norm keeps its statistics: eval mode while training, on purpose."""
    net = resnet50(weights="DEFAULT")
    net.fc = nn.Linear(2048, classes)
    opt = torch.optim.SGD(net.parameters(), lr=1e-3)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(3):
        net.train()
        for m in net.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.eval()
        for x, y in loader:
            loss = loss_fn(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
    return net
