"""The loss and what it is given are chosen by the same setting, in two places."""

import torch
import torch.nn.functional as F
from torch import nn


class NextItem(nn.Module):
    def __init__(self, n_items: int, width: int, objective: str) -> None:
        super().__init__()
        self.objective = objective
        self.items = nn.Embedding(n_items, width)
        self.mix = nn.GRU(width, width, batch_first=True)
        self.out = nn.Linear(width, n_items)
        if objective == "ce":
            self.criterion = nn.CrossEntropyLoss()
        elif objective == "nll":
            self.criterion = nn.NLLLoss()
        elif objective == "bce":
            self.criterion = nn.BCELoss()
        else:
            raise ValueError(objective)

    def loss(self, seen, wanted):
        states, _ = self.mix(self.items(seen))
        scores = self.out(states[:, -1])
        if self.objective == "ce":
            return self.criterion(scores, wanted)
        if self.objective == "nll":
            return self.criterion(F.log_softmax(scores, dim=1), wanted)
        near = F.one_hot(wanted, scores.shape[1]).float()
        return self.criterion(torch.sigmoid(scores), near)


def train(objective: str, batches) -> NextItem:
    net = NextItem(500, 32, objective)
    optimizer = torch.optim.Adam(net.parameters())
    net.train()
    for seen, wanted in batches:
        optimizer.zero_grad()
        net.loss(seen, wanted).backward()
        optimizer.step()
    return net
