import pytorch_lightning as pl
import torch
from torch import nn
from torch.nn import functional as F


class Siamese(pl.LightningModule):
    def __init__(self, dim=64):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(128, dim), nn.ReLU())
        self.scorer = nn.Linear(dim, 1)

    def forward(self, a, b):
        return self.scorer((self.encoder(a) - self.encoder(b)).abs()).squeeze(-1)

    def training_step(self, batch, idx):
        a, b, same = batch
        return F.binary_cross_entropy_with_logits(self(a, b), same.float())

    def configure_optimizers(self):
        return torch.optim.Adam(self.encoder.parameters(), lr=1e-3)
