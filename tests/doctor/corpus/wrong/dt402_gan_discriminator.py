import torch
from torch import nn

bce = nn.BCEWithLogitsLoss()


def train(G, D, loader, z_dim=100):
    optim_g = torch.optim.Adam(G.parameters(), lr=1e-4)
    optim_d = torch.optim.Adam(D.parameters(), lr=1e-4)
    for x, _ in loader:
        fake = G(torch.randn(x.size(0), z_dim))
        real_out, fake_out = D(x), D(fake.detach())
        d_loss = bce(real_out, torch.ones_like(real_out)) + bce(fake_out, torch.zeros_like(fake_out))
        d_loss.backward()
        optim_d.zero_grad()
        optim_d.step()

        out = D(fake)
        g_loss = bce(out, torch.ones_like(out))
        optim_g.zero_grad()
        g_loss.backward()
        optim_g.step()
