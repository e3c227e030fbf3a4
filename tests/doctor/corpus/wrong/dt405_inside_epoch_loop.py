import torch
from torch import nn
import timm


def run(train_loader, val_loader, classes):
    model = timm.create_model("resnet18", pretrained=True, num_classes=classes)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    for epoch in range(5):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        val_loss = 0.0
        for x, y in val_loader:
            with torch.no_grad():
                val_loss += criterion(model(x), y).item()
        print(epoch, val_loss / len(val_loader))
