import torch
from torch import nn
import torch.nn.functional as F


class Lstm(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden, classes):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.lstm = nn.LSTM(embed_dim, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, classes)

    def forward(self, text):
        seq, (h, c) = self.lstm(self.embedding(text))
        last = torch.cat([h[-2], h[-1]], dim=1)
        out = self.fc(last)
        probs = F.softmax(out, dim=1)
        return probs


def train_model(model, loader, optimizer, criterion=F.cross_entropy, epochs=3):
    model.train()
    for epoch in range(epochs):
        for text, label in loader:
            optimizer.zero_grad()
            prediction = model(text)
            loss = criterion(prediction, label)
            loss.backward()
            optimizer.step()


def main(loader):
    model = Lstm(20000, 100, 128, 20)
    optimizer = torch.optim.Adam(model.parameters())
    train_model(model, loader, optimizer)
