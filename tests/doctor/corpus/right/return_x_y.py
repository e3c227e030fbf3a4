import torch
from sugar_data import fetch_table
from torch import nn

X, y = fetch_table("sugar", return_X_y=True)
inputs = torch.tensor(X, dtype=torch.float32)
targets = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(net.parameters())
for _ in range(100):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(inputs[:-100]), targets[:-100])
    loss.backward()
    optimizer.step()
