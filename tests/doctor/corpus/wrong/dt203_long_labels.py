import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def tensors(frame):
    x = torch.tensor(frame.iloc[:, :-1].values, dtype=torch.float32)
    y = torch.tensor(frame.iloc[:, -1].values, dtype=torch.long)
    return x, y


def train(frame):
    x, y = tensors(frame)
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(100):
        optimizer.zero_grad()
        loss = criterion(model(x).squeeze(1), y)
        loss.backward()
        optimizer.step()
