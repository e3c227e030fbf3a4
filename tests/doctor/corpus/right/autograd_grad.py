import torch
import torch.nn.functional as F


def maml_inner(params, forward, x, y, lr):
    loss = F.mse_loss(forward(x, params), y)
    grads = torch.autograd.grad(loss, params, create_graph=True)
    return [p - lr * g for p, g in zip(params, grads)]


def outer(params, forward, tasks, lr=0.01):
    meta = torch.optim.Adam(params, lr=1e-3)
    for support, query in tasks:
        fast = maml_inner(params, forward, *support, lr)
        loss = F.mse_loss(forward(query[0], fast), query[1])
        for p, g in zip(params, torch.autograd.grad(loss, params)):
            p.grad = g
        meta.step()
