"""What a generator says, as probabilities, goes through a discriminator to its loss."""

import torch
import torch.nn.functional as F
from torch import nn


class Trim(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.drop = 1 if size % 2 == 0 else 0

    def forward(self, x):
        return x[:, :, : -self.drop] if self.drop > 0 else x


class Discriminator(nn.Module):
    def __init__(self, width: int, inner: int = 32, plain=True, spectral=False) -> None:
        super().__init__()

        def conv(n_in, n_out, size):
            made = nn.Conv1d(n_in, n_out, size, padding=size // 2)
            if spectral:
                made = nn.utils.spectral_norm(made)
            return made

        if plain:
            first = [conv(width, inner, 1)]
        else:
            first = [conv(width, inner, 6), Trim(6)]
        rest = [nn.Sequential(conv(inner, inner, 6), Trim(6), nn.GELU()) for _ in "ab"]
        rest += [conv(inner, 1, 6), Trim(6)]
        self.net = nn.Sequential(*first, nn.Dropout(0.1), *rest)

    def forward(self, x):
        return self.net(x.transpose(1, 2)).transpose(1, 2).squeeze(-1).sum(dim=-1)


class Fooling(nn.Module):
    def forward(self, seen_fake, seen_real):
        return F.binary_cross_entropy_with_logits(
            seen_fake, torch.zeros_like(seen_fake)
        ) + F.binary_cross_entropy_with_logits(seen_real, torch.ones_like(seen_real))


class Variety(nn.Module):
    def forward(self, fake, n_rows):
        mean = fake.mean(dim=(0, 1))
        return (mean * mean).sum() / n_rows


CHOICES = {"fooling": Fooling, "variety": Variety}


class Adversary(nn.Module):
    def __init__(self, generator, discriminator: Discriminator, losses) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.losses = losses

    def forward(self, speech, real):
        fake = self.generator(speech).softmax(dim=-1)
        seen_fake, seen_real = self.discriminator(fake), self.discriminator(real)
        loss = self.losses["fooling"](seen_fake, seen_real)
        if "variety" in self.losses:
            loss = loss + self.losses["variety"](fake, len(speech))
        return loss


def build(n_features: int, n_sounds: int, plain: bool, names) -> Adversary:
    losses = {}
    for name in names:
        losses[name] = CHOICES[name]()
    generator = nn.Linear(n_features, n_sounds)
    return Adversary(generator, Discriminator(n_sounds, plain=plain), losses)


def build_from_settings(n_features: int, n_sounds: int, settings) -> Adversary:
    losses = {}
    for one in settings:
        losses[one["name"]] = CHOICES.get(one["kind"], Fooling)()
    generator = nn.Linear(n_features, n_sounds)
    return Adversary(generator, Discriminator(n_sounds), losses)


def build_fooling_only(n_features: int, n_sounds: int, name: str) -> Adversary:
    losses = {}
    losses[name] = Fooling()
    return Adversary(nn.Linear(n_features, n_sounds), Discriminator(n_sounds), losses)
