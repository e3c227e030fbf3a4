import torch
import torch.nn as nn


def binary_accuracy(preds, y):
    rounded = torch.round(preds)
    return (rounded == y).float().mean()


class Lstm(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.emb = nn.Embedding(vocab, 100)
        self.rnn = nn.LSTM(100, 256)
        self.fc = nn.Linear(256, 1)

    def forward(self, text):
        _, (h, _) = self.rnn(self.emb(text))
        return self.fc(h.squeeze(0)).squeeze(1)


def train(model, iterator):
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    epoch_acc = 0
    for text, label in iterator:
        optimizer.zero_grad()
        predictions = model(text)
        loss = criterion(predictions, label.float())
        acc = binary_accuracy(predictions, label)
        loss.backward()
        optimizer.step()
        epoch_acc += acc.item()
    return epoch_acc / len(iterator)


def main(iterator):
    return train(Lstm(25000), iterator)
