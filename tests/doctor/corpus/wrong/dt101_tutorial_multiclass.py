import torch
import torch.nn as nn


class MulticlassModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(10, 3)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        return self.softmax(self.linear(x))


def loss_of(model, x, y):
    return nn.CrossEntropyLoss()(model(x), y)


model = MulticlassModel()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
x, y = torch.rand(30, 10), torch.randint(3, (30,))
for _ in range(10):
    optimizer.zero_grad()
    loss_of(model, x, y).backward()
    optimizer.step()
