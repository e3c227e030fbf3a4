import torch.nn as nn


class Towers(nn.Module):
    def __init__(self, dim, tasks):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(dim, 128), nn.ReLU())
        self.heads = {name: nn.Linear(128, size) for name, size in tasks.items()}

    def forward(self, x):
        h = self.trunk(x)
        return {name: head(h) for name, head in self.heads.items()}
