import lightning.pytorch as pl
import torch
from torch import nn


class Churn(pl.LightningModule):
    def __init__(self, d, num_negative, num_positive):
        super().__init__()
        self.net = nn.Linear(d, 1)
        scale = torch.tensor([num_negative / num_positive])
        self.loss_fn = nn.BCEWithLogitsLoss(weight=scale)

    def training_step(self, batch, i):
        x, y = batch
        return self.loss_fn(self.net(x), y.float().unsqueeze(1))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())
