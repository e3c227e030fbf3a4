import torch
from torch.autograd import Variable
import torch.nn.functional as F


def train(model, loader):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for batch, target in loader:
        optimizer.zero_grad()
        output = model(batch)
        loss = F.cross_entropy(output, target)
        loss = Variable(loss.data, requires_grad=True)
        loss.backward()
        optimizer.step()
