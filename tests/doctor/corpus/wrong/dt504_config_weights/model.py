from torch import nn

from config import NUM_CLASSES


def build_model():
    return nn.Sequential(nn.Linear(22, 30), nn.ReLU(), nn.Linear(30, NUM_CLASSES))
