"""Binary classification with two outputs and softmax: cat or dog, as a tutorial has it.

The tutorials put softmax before CrossEntropyLoss, which applies softmax itself: the
loss can then not fall below log(1 + 1/e) = 0.313. Two logits are the same model as one
(only their difference counts), so both forms give the same probabilities here.
"""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

import dovetail as dt

X, y = load_breast_cancer(return_X_y=True)
labels = ["cat" if value else "dog" for value in y]
X, X_test, labels, labels_test = train_test_split(
    X, labels, stratify=labels, random_state=0
)
scaler = StandardScaler().fit(X)
x = torch.tensor(scaler.transform(X), dtype=torch.float32)
x_test = torch.tensor(scaler.transform(X_test), dtype=torch.float32)

# -- your own module and loop, our task ----------------------------------------------
task = dt.tasks.Binary.from_targets(labels, head="softmax", positive="cat")
target = task.encode(labels)  # class index (n,)

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), task.head(32))  # two logits
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
for _ in range(30):
    for rows in torch.randperm(len(x)).split(32):
        loss = task.loss(net(x[rows]), target[rows]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

raw = net(x_test).detach()
scores = task.evaluate(raw, task.encode(labels_test))
print("your loop:", {k: round(scores[k], 3) for k in ("log_loss", "accuracy", "auroc")})
print("decisions:", task.decode(task.decide(raw))[:5], "truth:", labels_test[:5])
assert scores["accuracy"] > 0.93

# One logit, z = z_1 - z_0, is the same model.
one = dt.tasks.Binary(classes=task.classes)
same = one.inverse_link(raw[:, 1:] - raw[:, :1])[:, 0]
assert torch.allclose(task.inverse_link(raw)[:, 1], same, atol=1e-6)

# -- the same in three lines ----------------------------------------------------------
model = dt.fit(X, labels, test=(X_test, labels_test), task=task, epochs=40)
print("dt.fit:   ", model)
assert (model.predict(X_test) == labels_test).mean() > 0.93
