import torch
import torch.nn.functional as F
from torch import nn


class Clip(nn.Module):
    def __init__(self, image, text):
        super().__init__()
        self.image, self.text = image, text
        self.scale = nn.Parameter(torch.tensor(2.66))

    def forward(self, x, t):
        a = F.normalize(self.image(x), dim=-1)
        b = F.normalize(self.text(t), dim=-1)
        return self.scale.exp() * a @ b.t()


def train(model, loader):
    opt = torch.optim.AdamW(model.parameters(), lr=5e-4)
    for x, t in loader:
        logits = model(x, t)
        labels = torch.arange(len(x), device=logits.device)
        loss = (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
