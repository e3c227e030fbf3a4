import torch
from torch import nn


class TinyVGG(nn.Module):
    def __init__(self, hidden, out):
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(3, hidden, 3), nn.ReLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(7), nn.Flatten()
        )
        self.classifier = nn.Linear(hidden * 49, out)

    def forward(self, x):
        return self.classifier(self.block(x))


def train_step(model, dataloader, loss_fn, optimizer):
    model.train()
    train_loss, train_acc = 0, 0
    for X, y in dataloader:
        y_pred = model(X)
        loss = loss_fn(y_pred, y)
        train_loss += loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        y_pred_class = torch.argmax(torch.softmax(y_pred, dim=0), dim=1)
        train_acc += (y_pred_class == y).sum().item() / len(y_pred)
    return train_loss / len(dataloader), train_acc / len(dataloader)


def main(loader):
    model = TinyVGG(10, 3)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _ in range(5):
        print(train_step(model, loader, loss_fn, optimizer))
