import torch
import torch.nn.functional as F


def train(model, loader, optimizer):
    model.train()
    for image, label in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(image), label)
        loss.backward()
        optimizer.step()


def evaluate(model, loader):
    total, hits = 0, 0
    with torch.no_grad():
        for image, label in loader:
            logits = model(image)
            hits += (logits.argmax(1) == label).sum().item()
            total += len(label)
    return hits / total
