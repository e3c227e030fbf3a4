import torch
from torch import nn
from collections import OrderedDict

classifier = nn.Sequential(OrderedDict([
    ("fc1", nn.Linear(1024, 500)),
    ("relu", nn.ReLU()),
    ("drop", nn.Dropout(0.2)),
    ("fc2", nn.Linear(500, 102)),
    ("output", nn.Softmax(dim=1)),
]))

criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(classifier.parameters(), lr=0.003)


def do_deep_learning(features, epochs):
    for e in range(epochs):
        for inputs, labels in features:
            optimizer.zero_grad()
            outputs = classifier.forward(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
