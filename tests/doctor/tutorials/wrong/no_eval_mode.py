"""A network with batch norm and dropout, tested under no_grad and in training mode."""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)

images, numbers = load_digits(return_X_y=True)
x = torch.tensor(images, dtype=torch.float32) / 16
x = x.reshape(-1, 1, 8, 8)
y = torch.tensor(numbers, dtype=torch.long)
train_x, test_x, train_y, test_y = x[:500], x[500:700], y[:500], y[500:700]


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(8 * 8 * 8, 10)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x)))
        return self.fc(self.drop(x.flatten(1)))


model = ConvNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

for epoch in range(5):
    for start in range(0, len(train_x), 32):
        inputs = train_x[start : start + 32]
        labels = train_y[start : start + 32]
        optimizer.zero_grad()
        loss = criterion(model(inputs), labels)
        loss.backward()
        optimizer.step()

correct = 0
with torch.no_grad():
    for start in range(0, len(test_x), 32):
        outputs = model(test_x[start : start + 32])  # finds DT405
        predicted = outputs.argmax(dim=1)
        correct += (predicted == test_y[start : start + 32]).sum().item()
print(f"accuracy {correct / len(test_x):.3f}")
