import torch
import torch.nn as nn


class BaseClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.normalize = nn.Softmax(dim=1)

    def features(self, x):
        raise NotImplementedError

    def forward(self, x):
        h = self.features(x)
        return self.normalize(self.out(h))


class ConvClassifier(BaseClassifier):
    def __init__(self, channels, classes):
        super().__init__()
        self.conv = nn.Conv1d(channels, 32, kernel_size=5)
        self.pool = nn.AdaptiveMaxPool1d(1)
        self.out = nn.Linear(32, classes)

    def features(self, x):
        return self.pool(torch.relu(self.conv(x))).squeeze(-1)


class Experiment:
    criterion = nn.CrossEntropyLoss()

    def __init__(self, channels, classes):
        self.net = ConvClassifier(channels, classes)
        self.optim = torch.optim.RMSprop(self.net.parameters(), lr=1e-3)

    def run(self, loader, epochs):
        for _ in range(epochs):
            for signal, label in loader:
                self.optim.zero_grad()
                cost = self.criterion(self.net(signal), label)
                cost.backward()
                self.optim.step()
