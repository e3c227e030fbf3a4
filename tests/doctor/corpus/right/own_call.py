import torch
from torch import nn


class Reader(nn.Module):
    def __init__(self, words, topics):
        super().__init__()
        self.table = nn.EmbeddingBag(words, 50)
        self.out = nn.Linear(50, topics)

    def forward(self, tokens):
        return torch.log_softmax(self.out(self.table(tokens)), dim=1)

    def with_objective(self, objective):
        self.objective = objective

    def epoch(self, optimizer, batches):
        for tokens, topic in batches:
            optimizer.zero_grad()
            self.objective(self.__call__(tokens), topic).backward()
            optimizer.step()


def main(batches):
    reader = Reader(4000, 7)
    reader.with_objective(nn.NLLLoss())
    reader.epoch(torch.optim.SGD(reader.parameters(), lr=0.1), batches)
