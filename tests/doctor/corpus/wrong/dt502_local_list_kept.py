import torch.nn as nn
import torch.nn.functional as F


class Cnn(nn.Module):
    def __init__(self, channels):
        super().__init__()
        convs = []
        previous = 3
        for c in channels:
            convs.append(nn.Conv2d(previous, c, 3, padding=1))
            previous = c
        self.convs = convs
        self.out = nn.Linear(previous, 10)

    def forward(self, x):
        for conv in self.convs:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        return self.out(x.mean(dim=(2, 3)))
