import torch
from torch import nn

model = nn.Sequential(nn.Linear(3, 9), nn.ReLU(), nn.Linear(9, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model.cuda()
criterion = nn.CrossEntropyLoss().cuda()


def train(loader):
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x.cuda()), y.cuda()).backward()
        optimizer.step()
