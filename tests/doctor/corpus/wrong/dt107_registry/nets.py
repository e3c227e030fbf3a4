from torch import nn

from registry import register


@register
class Mixer(nn.Module):
    def __init__(self, tokens, dim, classes):
        super().__init__()
        self.token = nn.Linear(tokens, tokens)
        self.channel = nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        x = x + self.token(x.transpose(1, 2)).transpose(1, 2)
        x = x + self.channel(self.norm(x))
        return self.head(x.mean(dim=1))
