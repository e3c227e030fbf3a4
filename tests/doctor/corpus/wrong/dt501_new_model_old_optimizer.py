import torch
from torch import nn


def build():
    return nn.Sequential(nn.Linear(9, 18), nn.ReLU(), nn.Linear(18, 1))


def cross_validate(folds):
    model = build()
    optimizer = torch.optim.Adam(model.parameters())
    loss_fn = nn.MSELoss()
    scores = []
    for train_x, train_y, test_x, test_y in folds:
        model = build()
        for _ in range(100):
            optimizer.zero_grad()
            loss = loss_fn(model(train_x), train_y)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            scores.append(loss_fn(model(test_x), test_y).item())
    return scores
