import torch
import torch.nn.functional as F


def sam_step(net, base, x, y, rho=0.05):
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    norm = torch.stack([p.grad.norm() for p in net.parameters()]).norm()
    moved = []
    with torch.no_grad():
        for p in net.parameters():
            e = p.grad * rho / (norm + 1e-12)
            p.add_(e)
            moved.append((p, e))
    base.zero_grad()
    F.cross_entropy(net(x), y).backward()
    with torch.no_grad():
        for p, e in moved:
            p.sub_(e)
    base.step()
    base.zero_grad()
    return loss.item()


def projected(net, opt, losses):
    """Each task's gradient by itself, put together by hand."""
    grads = []
    for loss in losses:
        opt.zero_grad()
        loss.backward(retain_graph=True)
        grads.append([p.grad.clone() for p in net.parameters()])
    opt.zero_grad()
    for p, *parts in zip(net.parameters(), *grads):
        p.grad = torch.stack(parts).mean(0)
    opt.step()


def main(net, loader):
    base = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        sam_step(net, base, x, y)
        projected(net, base, [F.cross_entropy(net(x), y), net(x).pow(2).mean()])
