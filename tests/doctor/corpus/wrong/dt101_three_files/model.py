import torch.nn as nn


class Encoder(nn.Module):
    def __init__(self, vocab, dim):
        super().__init__()
        self.embed = nn.EmbeddingBag(vocab, dim)

    def forward(self, tokens, offsets):
        return self.embed(tokens, offsets)


class Classifier(nn.Module):
    def __init__(self, vocab, dim, num_class):
        super().__init__()
        self.encoder = Encoder(vocab, dim)
        self.head = nn.Sequential(
            nn.Linear(dim, dim),
            nn.ReLU(),
            nn.Linear(dim, num_class),
            nn.Softmax(dim=-1),
        )

    def forward(self, tokens, offsets):
        return self.head(self.encoder(tokens, offsets))
