import torch
import torch.nn.functional as F

from clmr.model import Probe


def fit(probe, loader):
    opt = torch.optim.Adam(probe.parameters(), lr=3e-4)
    for h, y in loader:
        loss, _ = probe(h, y)
        opt.zero_grad()
        loss.backward()
        opt.step()


def evaluate(loader, dim=512, n_tags=50):
    probe = Probe(dim, n_tags)
    fit(probe, loader)
    out = []
    probe.eval()
    with torch.no_grad():
        for h, y in loader:
            _, preds = probe(h, y)
            out.append(F.softmax(preds, dim=1))
    return torch.cat(out)
