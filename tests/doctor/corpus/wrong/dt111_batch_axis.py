import torch
import torch.nn as nn


class Retriever(nn.Module):
    def __init__(self, dim, classes):
        super().__init__()
        self.fc = nn.Linear(dim, 256)
        self.cls = nn.Linear(256, classes)

    def forward(self, x):
        return self.cls(torch.tanh(self.fc(x)))


def predict(model, batch):
    model.eval()
    with torch.no_grad():
        logits = model(batch)
        probs = torch.softmax(logits, dim=0)
    return probs.argmax(dim=1), probs


def train(loader):
    model = Retriever(512, 30)
    opt = torch.optim.Adam(model.parameters())
    loss_fn = nn.CrossEntropyLoss()
    for x, y in loader:
        opt.zero_grad()
        loss_fn(model(x), y).backward()
        opt.step()
    return model
