import torch
from torch import nn


class Autoencoder:
    def __init__(self, d, k):
        self.encoder = nn.Sequential(nn.Linear(d, 64), nn.ReLU(), nn.Linear(64, k))
        self.decoder = nn.Sequential(nn.Linear(k, 64), nn.ReLU(), nn.Linear(64, d))
        self.loss = nn.MSELoss()
        self.optimizer = torch.optim.Adam(self.encoder.parameters(), lr=1e-3)

    def fit(self, loader, epochs):
        for _ in range(epochs):
            for x in loader:
                self.optimizer.zero_grad()
                loss = self.loss(self.decoder(self.encoder(x)), x)
                loss.backward()
                self.optimizer.step()
