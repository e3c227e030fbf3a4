import torch
import torch.nn as nn


class Autoencoder(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(d, 64), nn.ReLU(), nn.Linear(64, 8))
        self.decoder = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, d))

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train(loader, d):
    ae = Autoencoder(d)
    opt = torch.optim.Adam(ae.parameters())
    rec = nn.BCELoss(reduction="sum")
    for x, _ in loader:
        x = x.flatten(1)
        opt.zero_grad()
        loss = rec(ae(x), x)
        loss.backward()
        opt.step()
