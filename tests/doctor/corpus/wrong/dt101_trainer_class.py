import torch as th
from torch import nn, optim


class Mlp(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        layers = []
        for a, b in zip(sizes[:-2], sizes[1:-1]):
            layers += [nn.Linear(a, b), nn.BatchNorm1d(b), nn.ReLU()]
        layers.append(nn.Linear(sizes[-2], sizes[-1]))
        layers.append(nn.Softmax(1))
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        return self.body(x)


class Trainer:
    def __init__(self, model, lr=1e-3, device="cpu"):
        self.model = model.to(device)
        self.device = device
        self.loss_fn = nn.CrossEntropyLoss()
        self.opt = optim.AdamW(self.model.parameters(), lr=lr)

    def step(self, x, y):
        self.model.train()
        self.opt.zero_grad(set_to_none=True)
        scores = self.model(x.to(self.device))
        loss = self.loss_fn(scores, y.to(self.device))
        loss.backward()
        self.opt.step()
        return loss.item()

    @th.no_grad()
    def accuracy(self, loader):
        self.model.eval()
        hits = n = 0
        for x, y in loader:
            hits += (self.model(x.to(self.device)).argmax(1).cpu() == y).sum().item()
            n += len(y)
        return hits / n


def fit(loader, epochs=20):
    trainer = Trainer(Mlp([32, 64, 64, 8]))
    for _ in range(epochs):
        for x, y in loader:
            trainer.step(x, y)
    return trainer.accuracy(loader)
