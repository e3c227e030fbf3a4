import torch

from seg.engine import iou, train_one
from seg.losses import BCEDice
from seg.model import AttUNet


def main(train_loader, val_loader):
    net = AttUNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
    criterion = BCEDice()
    for epoch in range(50):
        print(epoch, train_one(net, train_loader, criterion, optimizer), iou(net, val_loader))
