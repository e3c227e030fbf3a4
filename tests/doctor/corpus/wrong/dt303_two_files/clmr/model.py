import torch.nn as nn


class Probe(nn.Module):
    def __init__(self, dim, n_tags):
        super().__init__()
        self.linear = nn.Linear(dim, n_tags)
        self.criterion = nn.BCEWithLogitsLoss()

    def forward(self, h, y):
        preds = self.linear(h)
        loss = self.criterion(preds, y)
        return loss, preds
