import numpy as np
import torch
from skorch import NeuralNetClassifier
from torch import nn


class ClassifierModule(nn.Module):
    def __init__(self, num_units=10, nonlin=nn.ReLU()):
        super().__init__()
        self.dense0 = nn.Linear(20, num_units)
        self.nonlin = nonlin
        self.dropout = nn.Dropout(0.5)
        self.dense1 = nn.Linear(num_units, num_units)
        self.output = nn.Linear(num_units, 2)
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, X):
        X = self.nonlin(self.dense0(X))
        X = self.dropout(X)
        X = self.nonlin(self.dense1(X))
        return self.softmax(self.output(X))


def fit(X: np.ndarray, y: np.ndarray):
    net = NeuralNetClassifier(
        ClassifierModule,
        max_epochs=10,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=0.1,
        iterator_train__shuffle=True,
    )
    net.fit(X.astype("float32"), y.astype("int64"))
    return net
