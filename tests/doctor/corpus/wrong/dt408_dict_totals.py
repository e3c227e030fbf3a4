import torch
from collections import defaultdict


def fit(vae, loader, beta=1.0):
    opt = torch.optim.Adam(vae.parameters(), lr=1e-3)
    totals = defaultdict(float)
    for x in loader:
        recon, mu, logvar = vae(x)
        rec = (recon - x).pow(2).sum(dim=1).mean()
        kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(dim=1).mean()
        loss = rec + beta * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
        totals["loss"] += loss
        totals["kl"] += kl.item()
    return totals
