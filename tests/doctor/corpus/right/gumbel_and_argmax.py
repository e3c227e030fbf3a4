import torch
import torch.nn.functional as F
from torch import nn


class Discrete(nn.Module):
    def __init__(self, d, codes):
        super().__init__()
        self.enc = nn.Linear(d, codes)
        self.dec = nn.Linear(codes, d)

    def forward(self, x, tau=1.0):
        code = F.gumbel_softmax(self.enc(x), tau=tau, hard=True, dim=-1)
        return self.dec(code)


@torch.no_grad()
def generate(lm, ids, n, temperature=0.8, top_k=40):
    for _ in range(n):
        logits = lm(ids)[:, -1] / temperature
        v, _ = torch.topk(logits, top_k)
        logits[logits < v[:, [-1]]] = -float("inf")
        probs = F.softmax(logits, dim=-1)
        ids = torch.cat([ids, torch.multinomial(probs, 1)], dim=1)
    return ids


def train(lm, loader):
    opt = torch.optim.AdamW(lm.parameters())
    for ids in loader:
        logits = lm(ids[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), ignore_index=-100)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
