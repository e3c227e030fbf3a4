import torch
import torch.nn as nn


class Text(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.emb = nn.Embedding(vocab, 64)
        self.rnn = nn.GRU(64, 64, batch_first=True)
        self.drop = nn.Dropout(0.4)
        self.fc = nn.Linear(64, 2)

    def forward(self, ids):
        _, h = self.rnn(self.emb(ids))
        return self.fc(self.drop(h[-1]))


def run(train_loader, val_loader, vocab):
    model = Text(vocab)
    loss_fn = nn.CrossEntropyLoss()
    optim = torch.optim.Adam(model.parameters())
    model.train()
    for epoch in range(8):
        for ids, y in train_loader:
            optim.zero_grad()
            loss = loss_fn(model(ids), y)
            loss.backward()
            optim.step()

        model.eval()
        right = n = 0
        with torch.no_grad():
            for ids, y in val_loader:
                right += (model(ids).argmax(-1) == y).sum().item()
                n += len(y)
        print(epoch, right / n)
