import numpy as np
import torch
from torch import nn


class Solver:
    n_classes = 5

    def __init__(self, d):
        self.net = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, self.n_classes))
        freq = np.array([0.5, 0.2, 0.2, 0.1])
        self.criterion = nn.CrossEntropyLoss(weight=torch.from_numpy(1.0 / freq).float())
        self.opt = torch.optim.Adam(self.net.parameters())

    def step(self, x, y):
        self.opt.zero_grad()
        loss = self.criterion(self.net(x), y)
        loss.backward()
        self.opt.step()
