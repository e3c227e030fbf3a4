import torch
from torch import nn


class Reader(nn.Module):
    def __init__(self, words, topics):
        super().__init__()
        self.table = nn.EmbeddingBag(words, 50)
        self.out = nn.Linear(50, topics)
        self.shares = nn.Softmax(dim=1)

    def forward(self, tokens):
        return self.shares(self.out(self.table(tokens)))

    def with_optimizer(self, optimizer):
        self.optimizer = optimizer

    def with_objective(self, objective):
        self.objective = objective

    def epoch(self, batches):
        for tokens, topic in batches:
            self.optimizer.zero_grad()
            answer = self.__call__(tokens)
            loss = self.objective(answer, topic)
            loss.backward()
            self.optimizer.step()


def main(batches):
    reader = Reader(4000, 7)
    reader.with_optimizer(torch.optim.SGD(reader.parameters(), lr=0.1))
    reader.with_objective(nn.NLLLoss())
    for _ in range(5):
        reader.epoch(batches)
