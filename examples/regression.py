"""Regression: how far diabetes will have gone in a year.

The tutorials compare (n, 1) outputs with (n,) targets, which broadcasts to n x n with
only a warning, and train on raw targets (mean 152), where SGD(0.01, momentum 0.9) ends
in NaN. Here a shape mismatch is refused, and targets are standardised and mapped back.
"""

import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from torch import nn

import dovetail as dt

X, y = load_diabetes(return_X_y=True)
X, X_test, y, y_test = train_test_split(X * 20, y, random_state=0)
x, x_test = (torch.tensor(part, dtype=torch.float32) for part in (X, X_test))

# -- your own module and loop, our task ----------------------------------------------
task = dt.tasks.Regression.from_targets(y).with_loss("HuberLoss")
target = task.encode(y)  # float (n, 1), standardised

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), task.head(32, target))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for _ in range(30):
    for rows in torch.randperm(len(x)).split(32):
        loss = task.loss(net(x[rows]), target[rows]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

raw = net(x_test).detach()
scores = task.evaluate(raw, task.encode(y_test))
print("your loop:", {k: round(v, 3) for k, v in scores.items()})
print("predicted:", [round(v) for v in task.decode(task.decide(raw))[:5]])
print("truth:    ", y_test[:5].tolist())
assert scores["r2"] > 0.25

try:
    task.loss(raw, target[: len(raw), 0])
except ValueError as error:
    print("refused:  ", str(error).splitlines()[0])

# -- the same in three lines: one for each of the tutorials' losses -------------------
for loss in ("MSELoss", "L1Loss", "HuberLoss"):
    model = dt.fit(X, y, test=(X_test, y_test), loss=loss, optimizer="adamw")
    print("dt.fit:   ", loss, model)
