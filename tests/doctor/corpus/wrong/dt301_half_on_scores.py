import torch
from torch import nn


class Spam(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.bag = nn.EmbeddingBag(words, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, ids, offsets):
        return self.out(self.bag(ids, offsets)).squeeze(1)


def train(model, loader):
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters())
    for ids, offsets, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(ids, offsets), y.float())
        loss.backward()
        optimizer.step()


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    right = count = 0
    for ids, offsets, y in loader:
        pred = model(ids, offsets) > 0.5
        right += (pred == y.bool()).sum().item()
        count += len(y)
    return right / count


def main(train_loader, test_loader):
    model = Spam(20000)
    train(model, train_loader)
    print(evaluate(model, test_loader))
