import torch
from torch import nn, optim


class MultilabelModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(10, 3)

    def forward(self, x):
        return torch.sigmoid(self.fc(x))


model = MultilabelModel()
loss_fn = nn.BCEWithLogitsLoss()
opt = optim.Adam(model.parameters())
x = torch.randn(64, 10)
y = torch.randint(0, 2, (64, 3)).float()
for _ in range(20):
    opt.zero_grad()
    loss_fn(model(x), y).backward()
    opt.step()
