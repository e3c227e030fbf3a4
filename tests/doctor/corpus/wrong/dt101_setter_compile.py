"""A little Keras-like wrapper round modules."""
import torch
from torch import nn


class Model:
    def __init__(self, module):
        self.module = module

    def compile(self, optimizer, loss):
        self.optimizer = optimizer
        self.loss = loss

    def fit(self, loader, epochs=1):
        for _ in range(epochs):
            for x, y in loader:
                self.optimizer.zero_grad()
                value = self.loss(self.module(x), y)
                value.backward()
                self.optimizer.step()


net = nn.Sequential()
net.add_module("fc1", nn.Linear(13, 32))
net.add_module("relu", nn.ReLU())
net.add_module("fc2", nn.Linear(32, 3))
net.add_module("prob", nn.Softmax(dim=1))


def run(loader):
    model = Model(net)
    model.compile(torch.optim.Adam(net.parameters()), nn.CrossEntropyLoss())
    model.fit(loader, epochs=40)
