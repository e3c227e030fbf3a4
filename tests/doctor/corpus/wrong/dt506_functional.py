import numpy as np
import torch
import torch.nn.functional as F


def fit(net, x, y):
    n_pos = float(np.sum(y.numpy() == 1))
    n_neg = float(len(y) - n_pos)
    w = torch.tensor(n_neg / n_pos)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(50):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(x)[:, 0], y, weight=w)
        loss.backward()
        opt.step()
