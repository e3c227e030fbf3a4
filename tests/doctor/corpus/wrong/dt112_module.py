import torch
from torch import nn


class Ssd(nn.Module):
    def __init__(self, priors, classes):
        super().__init__()
        self.priors, self.classes = priors, classes
        self.conf = nn.Conv2d(256, priors * classes, 3, padding=1)
        self.softmax = nn.Softmax()

    def forward(self, feature_map, phase="train"):
        conf = self.conf(feature_map).permute(0, 2, 3, 1).contiguous()
        conf = conf.view(conf.size(0), -1, self.classes)
        if phase == "test":
            return self.softmax(conf)
        return conf
