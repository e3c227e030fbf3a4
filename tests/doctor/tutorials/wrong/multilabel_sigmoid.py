"""Three labels, any of which may be true: a sigmoid for each."""
# diagnose finds: DT103

import torch
from sklearn.datasets import make_multilabel_classification
from torch import nn

torch.manual_seed(0)

features, table = make_multilabel_classification(
    n_samples=600, n_features=10, n_classes=3, random_state=0
)
x = torch.tensor(features, dtype=torch.float32) / 10
y = torch.tensor(table, dtype=torch.float32)
train_x, test_x, train_y, test_y = x[:400], x[400:], y[:400], y[400:]


class MultiLabelModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(10, 3)

    def forward(self, x):
        return torch.sigmoid(self.linear(x))  # finds DT103


model = MultiLabelModel()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(100):
    optimizer.zero_grad()
    loss = criterion(model(train_x), train_y)
    loss.backward()
    optimizer.step()

with torch.no_grad():
    predicted = (model(test_x) > 0.5).float()
    hits = (predicted * test_y).sum()
    f1 = 2 * hits / (predicted.sum() + test_y.sum())
print(f"F1 {f1.item():.3f}")
