import torch
from torch import nn, optim


def train(model, loader, epochs=10):
    criterion = nn.MSELoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    model.train()
    for epoch in range(epochs):
        running = 0.0
        optimizer.zero_grad()
        for i, (x, y) in enumerate(loader):
            pred = model(x)
            loss = criterion(pred, y)
            loss.backward()
            optimizer.step()
            running += loss.item()
        print(f"{epoch:3d} {running / len(loader):.4f}")
