"""A value cut from one network, whose own gradient is asked for."""

import torch
from torch import nn

front, back = nn.Linear(6, 5), nn.Linear(5, 3)
criterion = nn.CrossEntropyLoss()
front_step = torch.optim.SGD(front.parameters(), lr=0.1)
back_step = torch.optim.SGD(back.parameters(), lr=0.1)


def split_step(x, y):
    """The halves of a network stand on two machines."""
    sent = front(x)
    received = sent.detach().requires_grad_()
    loss = criterion(back(received), y)
    back_step.zero_grad()
    loss.backward()
    back_step.step()
    front_step.zero_grad()
    sent.backward(received.grad)
    front_step.step()


def nearest_code(x, wanted, rounds):
    """A code is improved, not the network."""
    with torch.no_grad():
        code = front(x)
    code.requires_grad_()
    optimizer = torch.optim.Adam([code], lr=0.01)
    for _ in range(rounds):
        optimizer.zero_grad()
        nn.functional.mse_loss(code, wanted).backward()
        optimizer.step()
    return code.detach()


split_step(torch.randn(4, 6), torch.randint(0, 3, (4,)))
nearest_code(torch.randn(4, 6), torch.randn(4, 5), 3)
