import torch.nn.functional as F

from optimwrap import OptimWrapper


def main(net, loader):
    wrap = OptimWrapper(net.parameters(), 1e-3, 1.0)
    for epoch in range(3):
        for x, y in loader:
            wrap.backward_and_step(F.cross_entropy(net(x), y))
