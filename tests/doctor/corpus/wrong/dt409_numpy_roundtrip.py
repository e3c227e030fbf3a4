import numpy as np
import torch


class Calibrator:
    def __init__(self, net):
        self.net = net
        self.opt = torch.optim.Adam(self.net.parameters(), lr=1e-2)

    def fit(self, x, y):
        for _ in range(200):
            pred = self.net(x).detach().numpy()
            rmse = np.sqrt(np.mean((pred - y.numpy()) ** 2))
            loss = torch.tensor(rmse, requires_grad=True)
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
