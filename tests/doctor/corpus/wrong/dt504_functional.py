import torch
import torch.nn.functional as F
from torchvision.models import mobilenet_v3_small

WEIGHT = torch.FloatTensor([0.1, 0.9])


def train(loader):
    net = mobilenet_v3_small(num_classes=4)
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        loss = F.cross_entropy(net(x), y, weight=WEIGHT)
        opt.zero_grad()
        loss.backward()
        opt.step()
