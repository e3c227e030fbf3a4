import torch
from torch import nn


class Gan:
    def __init__(self, g, d):
        self.g, self.d = g, d
        self.g_opt = torch.optim.Adam(g.parameters(), lr=2e-4)
        self.d_opt = torch.optim.Adam(d.parameters(), lr=2e-4)
        self.bce = nn.BCEWithLogitsLoss()

    def train(self, loader):
        for real in loader:
            ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
            fake = self.g(torch.randn(len(real), 64))

            self.d_opt.zero_grad()
            d_loss = self.bce(self.d(real), ones) + self.bce(self.d(fake.detach()), zeros)
            d_loss.backward()
            self.d_opt.step()

            g_loss = self.bce(self.d(fake), ones)
            g_loss.backward()
            self.g_opt.step()
