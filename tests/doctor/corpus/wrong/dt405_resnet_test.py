import torch
import torchvision
from torch import nn, optim

model = torchvision.models.resnet18(weights="IMAGENET1K_V1")
model.fc = nn.Linear(model.fc.in_features, 10)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)


def train(train_loader):
    for epoch in range(10):
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()


@torch.no_grad()
def test(test_loader):
    correct, total = 0, 0
    for images, labels in test_loader:
        outputs = model(images)
        predicted = outputs.argmax(dim=1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
    return correct / total


def main(train_loader, test_loader):
    train(train_loader)
    print(test(test_loader))
