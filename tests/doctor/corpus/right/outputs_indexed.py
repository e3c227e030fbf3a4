import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, dim, classes):
        super().__init__()
        self.fc = nn.Linear(dim, classes)

    def forward(self, x):
        scores = self.fc(x)
        return {"scores": scores, "probs": scores.softmax(1)}


def loss_function(out, y):
    return nn.functional.cross_entropy(out["scores"], y)


def train(loader, dim, classes):
    net = Model(dim, classes)
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        out = net(x)
        loss = loss_function(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        print((out["probs"].argmax(1) == y).float().mean().item())
