import torch
from torch import nn


class Seq(nn.Module):
    def __init__(self, vocab, dim):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim)
        self.cell = nn.GRUCell(dim, dim)
        self.out = nn.Linear(dim, vocab)

    def forward(self, token, h):
        h = self.cell(self.emb(token), h)
        return self.out(h), h


def train(model, sentences, dim):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    history = []
    for sentence in sentences:
        h = torch.zeros(1, dim)
        loss = 0
        optimizer.zero_grad()
        for a, b in zip(sentence[:-1], sentence[1:]):
            out, h = model(a.view(1), h)
            loss += criterion(out, b.view(1))
        loss.backward()
        optimizer.step()
        history.append(loss.item() / len(sentence))
    return history


def multi_term(nets, x, y, opt):
    losses = []
    for net in nets:
        losses.append(nn.functional.mse_loss(net(x), y))
    total = torch.stack(losses).sum()
    opt.zero_grad()
    total.backward()
    opt.step()
