"""Several independent yes/no outputs: the tutorials' 10-20-5 MLP.

One sigmoid for each output and binary cross-entropy, with no sigmoid in the network.
The tutorial's targets were coin flips; here each label follows from the features, some
rows are held out, and decisions are decoded and measured. Hamming loss counts wrong
cells, subset accuracy rows with every label right.
"""

import numpy as np
import torch
from torch import nn

import dovetail as dt

LABELS = ("rain", "wind", "snow", "fog", "sun")
rng = np.random.default_rng(0)
X = rng.normal(size=(3_000, 10)).astype(np.float32)
weights = rng.normal(size=(10, 5))
Y = (X @ weights + rng.logistic(size=(3_000, 5)) > 1.0).astype(int)
X, X_test, Y, Y_test = X[:2_000], X[2_000:], Y[:2_000], Y[2_000:]

# -- your own module and loop, our task ----------------------------------------------
task = dt.tasks.MultiLabel(LABELS).learn(Y)
target = task.encode(Y)  # float (n, 5)


class MLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(10, 20)
        self.head = task.head(20)  # Linear(20, 5)

    def forward(self, x):
        return self.head(torch.relu(self.hidden(x)))  # raw: no sigmoid, no softmax


torch.manual_seed(0)
net = MLP()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
x, x_test = torch.tensor(X), torch.tensor(X_test)
for _ in range(60):
    for rows in torch.randperm(len(x)).split(32):
        loss = task.loss(net(x[rows]), target[rows]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

raw = net(x_test).detach()
scores = task.evaluate(raw, task.encode(Y_test))
shown = ("log_loss", "hamming", "subset_accuracy", "micro_f1")
print("your loop:", {k: round(scores[k], 3) for k in shown})
nothing = (Y_test == 0).mean()
print(f"cells right: {1 - scores['hamming']:.3f}; predicting no label: {nothing:.3f}")
assert 1 - scores["hamming"] > nothing + 0.05

# -- the same MLP in three lines, and the probabilities of the first row --------------
model = dt.fit(X, Y, test=(X_test, Y_test), model=MLP(), optimizer="tutorial-adam")
print("dt.fit:   ", model)
print(dict(zip(LABELS, model.predict_proba(X_test)[0].round(2).tolist(), strict=True)))
