import torch
from torch import nn


def make_loss(labels):
    neg = (labels == 0).sum()
    pos = (labels == 1).sum()
    ratio = neg / pos
    return nn.BCEWithLogitsLoss(weight=ratio)


def train(model, x, labels):
    loss_fn = make_loss(labels)
    opt = torch.optim.Adam(model.parameters())
    for _ in range(100):
        opt.zero_grad()
        loss = loss_fn(model(x).squeeze(1), labels.float())
        loss.backward()
        opt.step()
