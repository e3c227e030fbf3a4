import lightning.pytorch as pl
import torch
from torch import nn
from torch.nn import functional as F


class LitClassifier(pl.LightningModule):
    def __init__(self, backbone, n_classes=7, lr=3e-4):
        super().__init__()
        self.save_hyperparameters(ignore=["backbone"])
        self.backbone = backbone
        self.head = nn.Linear(512, n_classes)

    def forward(self, x):
        features = self.backbone(x)
        return torch.softmax(self.head(features), dim=-1)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        probs = self(x)
        acc = (probs.argmax(dim=1) == y).float().mean()
        self.log("val_acc", acc, prog_bar=True)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)
