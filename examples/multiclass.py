"""Multiclass classification: handwritten digits.

The tutorials put softmax before CrossEntropyLoss: with ten classes the loss cannot
fall below 1.461, and with SGD the network hardly learns. Here it gives logits.
Integers, strings, one-hot and soft rows are targets of one task ("sparse" and
"categorical" cross-entropy are one thing).
"""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

import dovetail as dt

X, y = load_digits(return_X_y=True)
names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
X, X_test, y, y_test = train_test_split(X / 16, y, stratify=y, random_state=0)
x, x_test = (torch.tensor(part, dtype=torch.float32) for part in (X, X_test))

# -- your own module and loop, our task ----------------------------------------------
task = dt.tasks.Multiclass.from_targets([names[d] for d in y])
target = task.encode([names[d] for d in y])  # class index (n,)

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), task.head(64))  # ten logits
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for _ in range(40):
    for rows in torch.randperm(len(x)).split(64):
        loss = task.loss(net(x[rows]), target[rows]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

raw = net(x_test).detach()
scores = task.evaluate(raw, task.encode([names[d] for d in y_test]))
print("your loop:", {k: round(scores[k], 3) for k in ("log_loss", "accuracy")})
print("decisions:", task.decode(task.decide(raw))[:4])
assert scores["accuracy"] > 0.93

# -- the same in three lines; the digits are labels here, so the task is said ---------
model = dt.fit(X, y, test=(X_test, y_test), task="multiclass", epochs=30)
print("dt.fit:   ", model)
assert (model.predict(X_test) == y_test).mean() > 0.93
