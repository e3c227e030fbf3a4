import torch
from torchvision import models
from torch import nn, optim

model = models.vgg16(weights=models.VGG16_Weights.DEFAULT)
for p in model.features.parameters():
    p.requires_grad = False
model.classifier[6] = nn.Linear(4096, 102)
criterion = nn.NLLLoss()
optimizer = optim.Adam(model.classifier.parameters(), lr=0.001)


def train(trainloader, epochs):
    model.train()
    for e in range(epochs):
        running_loss = 0
        for images, labels in trainloader:
            optimizer.zero_grad()
            logps = model.forward(images)
            loss = criterion(logps, labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        print(e, running_loss)
