from torch import nn


def dense(i, o):
    return nn.Sequential(nn.Linear(i, o), nn.ReLU(inplace=True))
