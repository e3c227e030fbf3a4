import torch
from torch import nn


class YourModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(20, 50), nn.ReLU(), nn.Linear(50, 4), nn.Softmax(dim=1))

    def forward(self, x):
        return self.net(x)


model = YourModel()
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)


def train(loader):
    for inputs, labels in loader:
        outputs = model(inputs).log()
        loss = criterion(outputs, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
