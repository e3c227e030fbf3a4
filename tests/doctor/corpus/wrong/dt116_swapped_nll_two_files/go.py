from torch import optim
from torch.nn import functional as F

from net import Lenet


def go(loader):
    net = Lenet()
    optimizer = optim.Adadelta(net.parameters())
    for image, digit in loader:
        optimizer.zero_grad()
        out = net(image)
        loss = F.nll_loss(digit, out)
        loss.backward()
        optimizer.step()
