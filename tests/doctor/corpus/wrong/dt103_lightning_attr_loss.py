import pytorch_lightning as pl
import torch
from torch import nn


class ChurnModel(pl.LightningModule):
    def __init__(self, n_features, pos_weight=None):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_features, 64),
            nn.ReLU(),
            nn.Linear(64, 32),
            nn.ReLU(),
            nn.Linear(32, 1),
            nn.Sigmoid(),
        )
        self.criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)

    def forward(self, x):
        return self.layers(x).squeeze(-1)

    def _shared_step(self, batch, stage):
        x, y = batch
        loss = self.criterion(self.forward(x), y.float())
        self.log(f"{stage}_loss", loss)
        return loss

    def training_step(self, batch, batch_idx):
        return self._shared_step(batch, "train")

    def validation_step(self, batch, batch_idx):
        return self._shared_step(batch, "val")

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())
