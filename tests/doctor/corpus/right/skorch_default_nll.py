import torch
from skorch import NeuralNetClassifier
from torch import nn


class Module(nn.Module):
    def __init__(self, units=10):
        super().__init__()
        self.d0 = nn.Linear(20, units)
        self.d1 = nn.Linear(units, 2)

    def forward(self, X):
        X = torch.relu(self.d0(X))
        return torch.softmax(self.d1(X), dim=-1)


net = NeuralNetClassifier(Module, max_epochs=10, lr=0.1)
net2 = NeuralNetClassifier(Module, criterion=nn.NLLLoss, max_epochs=10, lr=0.1)


def fit(X, y):
    net.fit(X, y)
    net2.fit(X, y)
    return net.predict_proba(X)
