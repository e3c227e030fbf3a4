import torch

from engine import evaluate, train
from net import ConvNet


def main(train_loader, test_loader):
    model = ConvNet()
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(10):
        train(model, train_loader, optimizer)
        print(epoch, evaluate(model, test_loader))
