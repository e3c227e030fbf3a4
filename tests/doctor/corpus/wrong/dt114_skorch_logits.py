import torch
from skorch import NeuralNetBinaryClassifier
from torch import nn


class Bin(nn.Module):
    def __init__(self, d=20):
        super().__init__()
        self.seq = nn.Sequential(nn.Linear(d, 10), nn.ELU(), nn.Linear(10, 1))

    def forward(self, X):
        return torch.relu(self.seq(X)).squeeze(-1)


def fit(X, y):
    net = NeuralNetBinaryClassifier(Bin, criterion=nn.BCEWithLogitsLoss, max_epochs=30)
    return net.fit(X, y)
