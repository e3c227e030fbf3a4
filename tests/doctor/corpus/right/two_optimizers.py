import torch
from torch import nn


class CycleTrainer:
    def __init__(self, gen, disc):
        self.gen, self.disc = gen, disc
        self.opt_g = torch.optim.Adam(gen.parameters(), lr=2e-4)
        self.opt_d = torch.optim.Adam(disc.parameters(), lr=2e-4)
        self.adv = nn.MSELoss()

    def step(self, x, real):
        fake = self.gen(x)
        score = self.disc(fake)
        loss_g = self.adv(score, torch.ones_like(score))
        self.opt_g.zero_grad()
        loss_g.backward()
        self.opt_g.step()

        real_score, fake_score = self.disc(real), self.disc(fake.detach())
        loss_d = self.adv(real_score, torch.ones_like(real_score)) + self.adv(fake_score, torch.zeros_like(fake_score))
        self.opt_d.zero_grad()
        loss_d.backward()
        self.opt_d.step()
        return loss_g.item(), loss_d.item()


def run(gen, disc, pairs):
    t = CycleTrainer(gen, disc)
    for x, real in pairs:
        print(*t.step(x, real))
