"""Ill or well, by a network with two outputs."""
# diagnose finds: DT101

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

torch.manual_seed(0)

features, diagnosis = load_breast_cancer(return_X_y=True)
x = torch.tensor(features, dtype=torch.float32)
x = (x - x.mean(dim=0)) / x.std(dim=0)
y = torch.tensor(diagnosis, dtype=torch.long)
train_x, test_x, train_y, test_y = x[:400], x[400:], y[:400], y[400:]


class BinaryNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(30, 16)
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        x = torch.relu(self.hidden(x))
        return torch.softmax(self.out(x), dim=1)  # finds DT101


model = BinaryNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

for epoch in range(50):
    optimizer.zero_grad()
    loss = criterion(model(train_x), train_y)
    loss.backward()
    optimizer.step()

with torch.no_grad():
    predicted = model(test_x).argmax(dim=1)
    accuracy = (predicted == test_y).float().mean().item()
print(f"accuracy {accuracy:.3f}")
