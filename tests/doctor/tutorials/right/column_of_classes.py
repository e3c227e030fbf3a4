"""Class numbers , which torch's cross-entropy takes as they are."""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)

images, numbers = load_digits(return_X_y=True)
x = torch.tensor(images, dtype=torch.float32) / 16
y = torch.tensor(numbers, dtype=torch.long)
train_x, test_x, train_y, test_y = x[:1400], x[1400:], y[:1400], y[1400:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 64)
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        return self.linear(torch.relu(self.hidden(x)))


model = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

for epoch in range(5):
    for start in range(0, len(train_x), 64):
        inputs = train_x[start : start + 64]
        labels = train_y[start : start + 64]
        optimizer.zero_grad()
        loss = criterion(model(inputs), labels)
        loss.backward()
        optimizer.step()

with torch.no_grad():
    predicted = model(test_x).argmax(dim=1)
    accuracy = (predicted == test_y).float().mean().item()
print(f"accuracy {accuracy:.3f}")
