import lightning.pytorch as pl
import torch
import torch.nn as nn
import torch.nn.functional as F


class Audio(pl.LightningModule):
    def __init__(self, tags=10, threshold=0.5):
        super().__init__()
        self.threshold = 0.5
        self.net = nn.Sequential(nn.Conv1d(1, 16, 64, 8), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
        self.head = nn.Linear(16, tags)

    def forward(self, wave):
        return self.head(self.net(wave))

    def training_step(self, batch, i):
        wave, y = batch
        return F.binary_cross_entropy_with_logits(self(wave), y)

    def validation_step(self, batch, i):
        wave, y = batch
        out = self(wave)
        hit = (out > self.threshold).float()
        self.log("exact", (hit == y).all(dim=1).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())
