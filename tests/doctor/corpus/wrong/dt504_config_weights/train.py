import torch
from torch import nn

from config import CLASS_WEIGHTS
from model import build_model


def train(loader):
    model = build_model()
    weight = torch.tensor(CLASS_WEIGHTS)
    criterion = nn.CrossEntropyLoss(weight=weight)
    optimizer = torch.optim.Adam(model.parameters())
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
