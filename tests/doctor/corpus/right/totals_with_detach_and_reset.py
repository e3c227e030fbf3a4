import torch
from torch import nn


def train(net, loader, writer):
    crit = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters())
    running, history = 0.0, []
    for i, (x, y) in enumerate(loader):
        opt.zero_grad()
        loss = crit(net(x), y)
        loss.backward()
        opt.step()
        running += loss.detach().cpu() * len(x)
        history.append(float(loss))
        history.append(loss.data.cpu().numpy())
        with torch.no_grad():
            running += loss
        if i % 100 == 99:
            writer.add_scalar("loss", running / 100, i)
            running = 0.0


def unrolled(net, opt, sequence):
    """Truncated in pieces of ten steps; each piece has one backward."""
    state = torch.zeros(1, 8)
    for start in range(0, len(sequence), 10):
        piece = 0
        for x, y in sequence[start : start + 10]:
            out, state = net(x, state)
            piece += (out - y).pow(2).mean()
        opt.zero_grad()
        piece.backward()
        opt.step()
        state = state.detach()
