import torch
from torch import nn


class Sine(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 1))

    def forward(self, x):
        return self.net(x)


model = Sine()
loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

x = torch.linspace(0, 6, 500).unsqueeze(1)
y = torch.sin(x)
for epoch in range(1000):
    y_pred = model(x)
    loss = loss_fn(y_pred, y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    if epoch % 100 == 0:
        print(epoch, loss.item())
