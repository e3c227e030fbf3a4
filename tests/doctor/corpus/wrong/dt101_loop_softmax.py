import torch
import timm
from torch import nn


def build(name, k):
    return timm.create_model(name, pretrained=True, num_classes=k)


model = build("efficientnet_b0", 37)
softmax = nn.Softmax(dim=1)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-4)


def one_epoch(loader):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        pred = softmax(model(x))
        loss = criterion(pred, y)
        loss.backward()
        optimizer.step()
