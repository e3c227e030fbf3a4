import torch
import torch.nn.functional as F


def dqn(net, target, opt, replay, gamma=0.99):
    for s, a, r, s2, done in replay:
        q = net(s).gather(1, a.unsqueeze(1)).squeeze(1)
        best = target(s2).max(1)[0].detach()
        loss = F.smooth_l1_loss(q, r + gamma * best * (1 - done))
        opt.zero_grad()
        loss.backward()
        opt.step()
        print(loss.item())


def simsiam(net, predictor, opt, pairs):
    for a, b in pairs:
        za, zb = net(a), net(b)
        pa, pb = predictor(za), predictor(zb)
        loss = -(F.cosine_similarity(pa, zb.detach()).mean() + F.cosine_similarity(pb, za.detach()).mean()) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()


def adversarial_input(model, x, y, eps):
    x = x.detach().clone()
    x.requires_grad_(True)
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    return (x + eps * x.grad.sign()).detach()


def embed_image(render, target, steps):
    z = torch.zeros(64, requires_grad=True)
    opt = torch.optim.Adam([z], lr=0.1)
    for _ in range(steps):
        opt.zero_grad()
        F.mse_loss(render(z), target).backward()
        opt.step()
    return z
