import torch.nn.functional as F
from torch import nn


class Lenet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(1, 6, 5)
        self.f = nn.Linear(864, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c(x)), 2)
        return F.log_softmax(self.f(x.flatten(1)), dim=1)
