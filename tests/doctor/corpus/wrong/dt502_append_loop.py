import torch as th
import torch.nn as nn


class Gnn(nn.Module):
    def __init__(self, sizes):
        super(Gnn, self).__init__()
        self.convs = []
        for i in range(len(sizes) - 1):
            self.convs.append(nn.Linear(sizes[i], sizes[i + 1], bias=False))
        self.norm = nn.LayerNorm(sizes[-1])

    def forward(self, h, adj):
        for conv in self.convs:
            h = th.relu(adj @ conv(h))
        return self.norm(h)
