import torch
from skorch import NeuralNetClassifier


class Wide(torch.nn.Module):
    def __init__(self, hidden=300):
        super().__init__()
        self.a = torch.nn.Linear(50, hidden)
        self.b = torch.nn.Linear(hidden, 4)

    def forward(self, X, **kwargs):
        h = self.a(X).relu()
        return self.b(h).sigmoid()


net = NeuralNetClassifier(
    module=Wide,
    criterion=torch.nn.CrossEntropyLoss,
    lr=0.01,
    max_epochs=30,
    device="cpu",
)


def fit(X, y):
    return net.fit(X, y)
