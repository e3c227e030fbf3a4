import torch
from torch import nn


class GenreModel(nn.Module):
    def __init__(self, mels=96, genres=50):
        super().__init__()
        self.cnn = nn.Sequential(
            nn.Conv1d(mels, 128, 3), nn.BatchNorm1d(128), nn.ReLU(), nn.AdaptiveMaxPool1d(1)
        )
        self.fc = nn.Linear(128, genres)

    def forward(self, spec):
        h = self.cnn(spec)
        h = h.squeeze(2)
        return nn.Sigmoid()(self.fc(h))


class Solver(object):
    def __init__(self, loader):
        self.loader = loader
        self.model = GenreModel()
        self.optimizer = torch.optim.Adam(self.model.parameters(), 1e-4)

    def get_loss_function(self):
        return nn.MultiLabelSoftMarginLoss()

    def train(self, epochs):
        reconst_loss = self.get_loss_function()
        self.model.train()
        for epoch in range(epochs):
            for spec, tags in self.loader:
                out = self.model(spec)
                loss = reconst_loss(out, tags)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
