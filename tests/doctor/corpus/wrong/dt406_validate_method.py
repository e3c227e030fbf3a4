import torch
from torch import nn
from torchvision.models import resnet34


class Trainer:
    def __init__(self, classes):
        self.model = resnet34(num_classes=classes)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters())

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        hits = 0
        for x, y in loader:
            hits += (self.model(x).argmax(1) == y).sum().item()
        return hits / len(loader.dataset)

    def fit(self, train_loader, val_loader, epochs):
        for epoch in range(epochs):
            for x, y in train_loader:
                self.optimizer.zero_grad()
                loss = self.criterion(self.model(x), y)
                loss.backward()
                self.optimizer.step()
            print(epoch, self.evaluate(val_loader))
