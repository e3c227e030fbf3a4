import torch
from torch import nn


class Reranker(nn.Module):
    def __init__(self, encoder, hidden=768):
        super().__init__()
        self.encoder = encoder
        self.dense = nn.Linear(hidden, hidden)
        self.out_proj = nn.Linear(hidden, 1)

    def forward(self, tokens):
        h = self.encoder(tokens)[:, 0]
        return self.out_proj(torch.tanh(self.dense(h)))


def train(loader, encoder):
    model = Reranker(encoder)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    for tokens, relevant in loader:
        score = model(tokens)
        loss = loss_fn(score, relevant)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
