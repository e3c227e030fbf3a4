import torch
import torch.nn.functional as F
from torch import nn

model = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 3))
opt = torch.optim.Adam(model.parameters(), lr=0.01)


def train(loader, epochs):
    for epoch in range(epochs):
        for features, species in loader:
            logits = model(features)
            loss = F.cross_entropy(species, logits)
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(epoch, loss.item())
