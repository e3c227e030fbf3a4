import torch
from torch import nn

from nets import GestureNet
from settings import SETTINGS


def main(loader):
    net = GestureNet(SETTINGS["classes"])
    criterion = getattr(nn, SETTINGS["loss"])()
    optimizer = getattr(torch.optim, SETTINGS["optimizer"])(net.parameters(), lr=SETTINGS["lr"])
    for epoch in range(30):
        for emg, gesture in loader:
            optimizer.zero_grad()
            loss = criterion(net(emg), gesture)
            loss.backward()
            optimizer.step()
