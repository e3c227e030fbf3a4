import torch
from torch import nn, optim

model = nn.Sequential(nn.Linear(2048, 512), nn.ReLU(), nn.Linear(512, 478))
criterion = nn.MultiLabelSoftMarginLoss()
optimizer = optim.Adam(model.parameters(), lr=1e-4)


def run(loader):
    correct = total = 0
    for emb, labels in loader:
        optimizer.zero_grad()
        outputs = model(emb)
        loss = criterion(outputs, labels.float())
        loss.backward()
        optimizer.step()
        _, predicted = torch.max(outputs, 1)
        _, actual = torch.max(labels, 1)
        correct += (predicted == actual).sum().item()
        total += labels.size(0)
    print("accuracy", correct / total)
