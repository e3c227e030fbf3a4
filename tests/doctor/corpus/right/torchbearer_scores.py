import torch
from torch import nn
from torchbearer import Trial

net = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
optimizer = torch.optim.Adam(net.parameters())
trial = Trial(net, optimizer, criterion=nn.CrossEntropyLoss(), metrics=["acc", "loss"])


def main(batches):
    trial.with_generators(train_generator=batches).run(epochs=10)
