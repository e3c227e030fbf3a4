import torch
from torch import nn
import torch.nn.functional as F


class ToxicNet(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.embed = nn.Embedding(vocab, 100)
        self.gru = nn.GRU(100, 64, batch_first=True)
        self.linear = nn.Linear(64, 6)

    def forward(self, ids):
        _, h = self.gru(self.embed(ids))
        return F.softmax(self.linear(h[-1]), dim=1)


def train(loader, vocab):
    net = ToxicNet(vocab)
    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters())
    for ids, flags in loader:
        out = net(ids)
        loss = loss_fn(out, flags.float())
        opt.zero_grad()
        loss.backward()
        opt.step()
