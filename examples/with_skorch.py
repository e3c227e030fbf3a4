"""A Task in a skorch net: our loss is the criterion, our decision the prediction."""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNet
from torch import nn

import dovetail as dt

X, y = load_breast_cancer(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
scaler = StandardScaler().fit(X)
X, X_test = (scaler.transform(part).astype("float32") for part in (X, X_test))
task = dt.tasks.Binary.from_targets(y)


class MeanLoss(nn.Module):
    """skorch wants the mean; our losses give one value per row."""

    def __init__(self, task: dt.tasks.Task) -> None:
        super().__init__()
        self.task = task

    def forward(self, raw, target):
        return self.task.loss(raw, target).mean()


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), task.head(32))

    def forward(self, x):
        return self.net(x)


torch.manual_seed(0)
net = NeuralNet(
    Net,
    criterion=MeanLoss,
    criterion__task=task,
    optimizer=torch.optim.Adam,
    lr=0.003,
    max_epochs=20,
    batch_size=32,
    iterator_train__shuffle=True,
    train_split=None,
    verbose=0,
)
net.fit(X, task.encode(y))

raw = torch.as_tensor(net.predict(X_test))  # skorch's predict gives raw outputs here
scores = task.evaluate(raw, task.encode(y_test))
print("skorch:   ", {k: round(scores[k], 3) for k in ("log_loss", "accuracy", "auroc")})
print("decisions:", task.decode(task.decide(raw))[:8])
assert scores["accuracy"] > 0.93
