import torch
from torch import nn


class Sentiment(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab, 64)
        self.out = nn.Linear(64, 3)
        self.logsoftmax = nn.LogSoftmax(dim=0)

    def forward(self, text, offsets):
        return self.logsoftmax(self.out(self.bag(text, offsets)))


def train(batches, vocab):
    net = Sentiment(vocab)
    nll = nn.NLLLoss()
    opt = torch.optim.SGD(net.parameters(), lr=4.0)
    for text, offsets, label in batches:
        opt.zero_grad()
        loss = nll(net(text, offsets), label)
        loss.backward()
        opt.step()
