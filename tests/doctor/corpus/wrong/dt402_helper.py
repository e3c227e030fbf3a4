import torch
import torch.nn.functional as F


def optimize(optimizer, loss, parameters, max_norm):
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    optimizer.zero_grad()
    optimizer.step()


def train(net, loader):
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    for x, y in loader:
        optimize(optimizer, F.mse_loss(net(x), y), net.parameters(), 1.0)
