import torch
import torch.nn as nn
import torch.nn.functional as F


class HierAttNet(nn.Module):
    """Words are pooled with attention, then classified."""

    def __init__(self, vocab, dim, classes):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.gru = nn.GRU(dim, dim, bidirectional=True, batch_first=True)
        self.query = nn.Linear(2 * dim, 1)
        self.fc = nn.Linear(2 * dim, classes)

    def forward(self, words):
        h, _ = self.gru(self.embed(words))
        weight = F.softmax(self.query(torch.tanh(h)), dim=1)
        doc = (weight * h).sum(dim=1)
        return F.softmax(self.fc(doc), dim=1)


def train(loader, vocab):
    model = HierAttNet(vocab, 50, 5)
    criterion = nn.NLLLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for words, stars in loader:
        optimizer.zero_grad()
        loss = criterion(model(words), stars)
        loss.backward()
        optimizer.step()
