"""Binary classification with one output: is a tumour benign?

The tutorials end the network in a sigmoid and use BCELoss: from a logit of 17 on, a
confidently wrong row has a gradient of exactly zero. Here the network gives the logit,
the loss takes the logit, and the sigmoid appears only where probabilities are shown.
"""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

import dovetail as dt

X, y = load_breast_cancer(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
scaler = StandardScaler().fit(X)
x = torch.tensor(scaler.transform(X), dtype=torch.float32)
x_test = torch.tensor(scaler.transform(X_test), dtype=torch.float32)

# -- your own module and loop, our task ----------------------------------------------
task = dt.tasks.Binary.from_targets(y)
target = task.encode(y)  # float (n, 1)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(30, 32), nn.ReLU())
        self.head = task.head(32)  # Linear(32, 1); starts as the best constant

    def forward(self, x):
        return self.head(self.body(x))  # raw: no sigmoid


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for _ in range(30):
    for rows in torch.randperm(len(x)).split(32):
        loss = task.loss(net(x[rows]), target[rows]).mean()  # one value per row
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

raw = net(x_test).detach()
scores = task.evaluate(raw, task.encode(y_test))
print("your loop:", {k: round(scores[k], 3) for k in ("log_loss", "accuracy", "auroc")})
print("decisions:", task.decode(task.decide(raw))[:8], "truth:", y_test[:8].tolist())
assert scores["accuracy"] > 0.93

# -- the same in three lines ----------------------------------------------------------
model = dt.fit(X, y, test=(X_test, y_test), optimizer="tutorial-sgd", epochs=40)
print("dt.fit:   ", model)
assert (model.predict(X_test) == y_test).mean() > 0.93
