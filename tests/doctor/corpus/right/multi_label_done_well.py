import torch
import torch.nn as nn


class MLP(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.fc1 = nn.Linear(input_size, hidden_size)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        return self.fc2(self.relu(self.fc1(x)))


model = MLP(10, 20, 5)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
inputs = torch.randn(32, 10)
targets = torch.randint(0, 2, (32, 5)).float()
for epoch in range(100):
    optimizer.zero_grad()
    outputs = model(inputs)
    loss = criterion(outputs, targets)
    loss.backward()
    optimizer.step()

with torch.no_grad():
    predicted = (torch.sigmoid(model(inputs)) > 0.5).float()
    print("exact", (predicted == targets).all(dim=1).float().mean().item())
