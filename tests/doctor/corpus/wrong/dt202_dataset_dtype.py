import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Rows(Dataset):
    def __init__(self, frame):
        self.x = torch.FloatTensor(frame.drop(columns="label").values)
        self.y = torch.FloatTensor(frame["label"].values)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def train(frame):
    loader = DataLoader(Rows(frame), batch_size=32, shuffle=True)
    net = nn.Sequential(nn.Linear(frame.shape[1] - 1, 64), nn.ReLU(), nn.Linear(64, 6))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters())
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
