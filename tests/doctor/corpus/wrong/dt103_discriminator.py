import torch
from torch import nn


def block(i, o):
    return [nn.Linear(i, o), nn.LeakyReLU(0.2)]


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            *block(784, 512),
            *block(512, 256),
            nn.Linear(256, 1),
            nn.Sigmoid(),
        )

    def forward(self, img):
        return self.model(img.flatten(1))


class Generator(nn.Module):
    def __init__(self, latent):
        super().__init__()
        self.model = nn.Sequential(*block(latent, 256), *block(256, 512), nn.Linear(512, 784), nn.Tanh())

    def forward(self, z):
        return self.model(z)


adversarial_loss = nn.BCEWithLogitsLoss()


def train(loader, latent=100):
    G, D = Generator(latent), Discriminator()
    opt_g = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
    for real, _ in loader:
        valid, fake = torch.ones(len(real), 1), torch.zeros(len(real), 1)
        gen = G(torch.randn(len(real), latent))
        opt_g.zero_grad()
        g_loss = adversarial_loss(D(gen), valid)
        g_loss.backward()
        opt_g.step()
        opt_d.zero_grad()
        d_loss = adversarial_loss(D(real), valid) + adversarial_loss(D(gen.detach()), fake)
        d_loss.backward()
        opt_d.step()
