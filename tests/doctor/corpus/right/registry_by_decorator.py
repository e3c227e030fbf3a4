import torch
from torch import nn

HEADS = {}


def register_head(name):
    def keep(kind):
        HEADS[name] = kind
        return kind

    return keep


@register_head("scores")
class ScoreHead(nn.Module):
    def __init__(self, width, kinds):
        super().__init__()
        self.out = nn.Linear(width, kinds)

    def forward(self, features):
        return self.out(features)

    @torch.no_grad()
    def predict(self, features):
        return self.forward(features).softmax(dim=1)


@register_head("log_shares")
class LogShareHead(ScoreHead):
    def forward(self, features):
        return super().forward(features).log_softmax(dim=1)


def train(name, batches):
    head = HEADS[name](64, 9)
    objective = nn.CrossEntropyLoss() if name == "scores" else nn.NLLLoss()
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
    for features, kind in batches:
        optimizer.zero_grad()
        objective(head(features), kind).backward()
        optimizer.step()
